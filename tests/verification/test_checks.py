"""What `verify` finds: each check on a database that was broken for it, and nothing else in it."""

from threading import Event as StopEvent
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import select, text, update

from tests.factories import make_order, make_product
from webshop_orders import verification
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine
from webshop_orders.jobs.inbox import compute_attention
from webshop_orders.models import (
    Actor,
    ActorKind,
    BeforeAfter,
    Capture,
    DeliveryStatus,
    Hold,
    HoldReason,
    Line,
    Message,
    MessageAttempt,
    MessageState,
    Order,
    Product,
    Refund,
    RefundRow,
    RefundRowKind,
    RefundState,
    Return,
    ReturnKind,
    ReturnLine,
    ReturnReason,
    ReturnState,
    Shipment,
    UndoStep,
    Withdrawal,
)
from webshop_orders.operations.batches import selection
from webshop_orders.operations.inbox import derived
from webshop_orders.operations.orders import cancellation, holds, shipments, tracking, withdrawals
from webshop_orders.operations.orders.withdrawals import Statement
from webshop_orders.operations.stock import incoming, product_history
from webshop_orders.outbox import worker
from webshop_orders.transactions.unit_of_work import editing, writing
from webshop_orders.verification import integrity

ANNA = Actor(ActorKind.STAFF, "Anna Lind")


def found() -> list[verification.Violation]:
    return list(verification.verify_all())


@pytest.fixture(autouse=True)
def english(app: Flask) -> None:
    """Sentences as the code has them."""
    g.response_language = "en"


def sentences() -> list[str]:
    return [violation.sentence.replace("\xa0", " ") for violation in found()]


def break_with(*statements: str, **values: Any) -> None:
    """Change the database behind the back of the order desk."""
    with writing():
        for statement in statements:
            db.session.execute(text(statement), values)


def break_unguarded(*statements: str) -> None:
    """The same without foreign keys and, on PostgreSQL, without triggers."""
    db.session.remove()
    is_sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        off, on = (
            ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON")
            if is_sqlite
            else ("set session_replication_role = replica", "set session_replication_role = origin")
        )
        for statement in (off, *statements, on):
            driver.execute(statement)
        connection.rollback()


@pytest.fixture
def order(app: Flask) -> Order:
    """An order of two products, one of which it waits for."""
    make_product("A", stock=10)
    make_product("B", stock=1)
    return make_order(("A", 2), ("B", 3), paid=1000)


def ship(order: Order, code: str | None = None) -> None:
    with editing(order.number, None, ANNA) as shipped:
        if code:
            tracking.add(shipped.shipments[0], code, "PostNord", None, by=ANNA)
        shipments.ship(shipped.shipments[0], by=ANNA, mails=False)


def test_a_shop_that_is_well_has_none(order: Order) -> None:
    assert found() == []


def test_a_database_without_settings_and_orders_is_well(app: Flask) -> None:
    break_with("delete from shop")
    assert found() == []


def test_reading_it_all_changes_nothing_and_needs_no_lock(order: Order) -> None:
    with db.engine.connect().execution_options(writes=True) as writer, writer.begin():
        writer.execute(text("update shop set ready_days = ready_days"))
        assert found() == []


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("update orders set units = 9", "{number}: units is 9, and should be 5."),
        ("update orders set credited = 5", "{number}: credited is 5, and should be 0."),
        ("update orders set is_held = true", "{number}: is_held is True, and should be False."),
        ("update orders set is_prioritised = true", "{number}: is_prioritised is True, and should be False."),
        ("update orders set hold_ends_on = '2026-12-24'", "{number}: hold_ends_on is 2026-12-24, and should be —."),
        ("update orders set number_key = 'x'", "WS-100001: number_key is x, and should be ws-000000100001."),
        ("update orders set email_key = 'x'", "{number}: email_key does not follow from the rest."),
        ("update orders set customer_key = 'x'", "{number}: customer_key does not follow from the rest."),
        ("update orders set phone_key = 'x'", "{number}: phone_key does not follow from the rest."),
        ("update orders set search_text = 'x'", "{number}: search_text does not follow from the rest."),
        ("update orders set status = 'ready'", "{number}: status is ready, and should be backordered."),
        ("update shipments set gives_stock = true", "{number}-1: gives_stock is True, and should be False."),
        (
            "update shipments set ready_since = '2026-11-23 10:00:00'",
            "{number}-1: ready_since is True, and should be False.",
        ),
        ("update lines set waiting = 7 where waiting > 0", "{number}-1: waiting is 7, and should be 2."),
        ("update orders set last_seq = 0", "{number}: last_seq is 0, and should be 1."),
        ("update orders set event_count = 7", "{number}: event_count is 7, and should be 1."),
        ("update orders set message_count = 7", "{number}: message_count is 7, and should be 1."),
        ("update orders set version = 4", "{number}: version is 4, and should be 1."),
        ("update products set reserved = 4 where sku = 'A'", "A: reserved is 4, and should be 2."),
        ("update products set backordered = 4 where sku = 'B'", "B: backordered is 4, and should be 2."),
        ("update products set stock = 9 where sku = 'A'", "A: stock is 9, and should be 10."),
        ("update products set stock_version = 2 where sku = 'A'", "A: stock_version is 2, and should be 1."),
        (
            "update products set next_delivery_on = '2026-12-24' where sku = 'A'",
            "A: next_delivery_on is 2026-12-24, and should be —.",
        ),
        ("update products set search_text = 'x' where sku = 'A'", "A: search_text does not follow from the rest."),
        ("update products set list_text = 'x' where sku = 'A'", "A: list_text does not follow from the rest."),
        ("update products set sku_key = 'x' where sku = 'A'", "A: sku_key does not follow from the rest."),
        ("update products set sku_sort_key = 'x' where sku = 'A'", "A: sku_sort_key does not follow from the rest."),
        ("update products set name_sort_key = 'x' where sku = 'A'", "A: name_sort_key does not follow from the rest."),
        (
            "update products set shelf_sort_key = 'x' where sku = 'A'",
            "A: shelf_sort_key does not follow from the rest.",
        ),
        ("insert into order_counts (status, count) values ('ready', 2)", "order_counts: ready is 2, and should be 0."),
        (
            "insert into inbox_counts (kind, count) values ('to_refund', 2)",
            "inbox_counts: to_refund is 2, and should be 0.",
        ),
    ],
)
def test_a_column_that_does_not_follow_is_named(order: Order, statement: str, sentence: str) -> None:
    break_with(statement)
    assert sentences() == [sentence.format(number=order.number)]


def test_the_mend_of_a_column_mends_it(order: Order) -> None:
    break_with("update products set reserved = 4 where sku = 'A'")
    (violation,) = found()
    break_with(violation.mend.partition(": ")[2].removesuffix(";"))
    assert found() == []


def change(**values: Any) -> None:
    """Give columns of the orders other values."""
    with writing():
        db.session.execute(update(Order).values(values), execution_options={"synchronize_session": False})


def held(order: Order, **values: Any) -> None:
    with editing(order.number, None, ANNA) as changed:
        holds.hold(changed, HoldReason.CUSTOMER_ASKED, by=ANNA, **values)


def a_refund(order: Order, **values: Any) -> Refund:
    filled = {"id": 1, "state": RefundState.DONE, "rows": [], "credited": 0, "amount": 0, "requested_by": "Anna"}
    return Refund(**{**filled, "requested_at": now().isoformat(), "vat": {}, **values})


def line_of(order: Order, sku: str) -> int:
    return db.session.scalars(select(Line.id).where(Line.order_id == order.id, Line.sku == sku)).one()


def test_a_total_that_its_rows_do_not_add_up_to(order: Order) -> None:
    break_with("update orders set total = total + 100")
    assert sentences() == ["Order WS-100001: the total is 996,00 kr, and its rows add up to 995,00 kr."]


def test_a_shipment_without_products(order: Order) -> None:
    with writing():
        db.session.add(Shipment(order_id=order.id, seq=2, status=DeliveryStatus.BACKORDERED))
        db.session.execute(update(Order).values(last_seq=2))
    assert sentences() == ["Shipment WS-100001-2 has no products."]


def test_an_order_without_a_shipment(app: Flask) -> None:
    make_order(lines=[NewLine(sku="-", name="-", quantity=1, unit_price=0, vat_rate=0)])
    break_with("delete from lines", "delete from shipments", "update orders set units = 0")
    assert "Order WS-100001 has no shipment." in sentences()


def test_what_was_charged_for_a_shipment_that_has_not_left(order: Order) -> None:
    with writing():
        db.session.execute(update(Shipment).values(capture=Capture(amount=100, goods=100)))
    assert sentences() == ["Shipment WS-100001-1 has not left, and has what was charged for it."]
    assert [violation.rule for violation in found()] == [30]


def test_what_was_charged_for_a_shipment_and_does_not_add_up(app: Flask) -> None:
    make_product("A")
    order = make_order(("A", 2), paid=39_800)
    ship(order, "UH731460285SE")
    assert found() == []
    with writing():
        db.session.execute(update(Shipment).values(capture=Capture(amount=100, goods=200)))
    assert sentences() == ["Shipment WS-100001-1: 1,00 kr was charged for it, and its parts add up to 2,00 kr."]


def test_units_that_a_cancelled_order_keeps(order: Order) -> None:
    with editing(order.number, None, ANNA) as cancelled:
        cancellation.cancel(cancelled, by=ANNA)
    break_with("update lines set reserved = 1 where sku = 'A'")
    assert sentences() == ["WS-100001-1: A is reserved although the order is cancelled."]


def test_a_line_that_waits_for_stock_that_nobody_counts(app: Flask) -> None:
    make_product("A", stock=None)
    make_order(("A", 2))
    break_with("update lines set reserved = 0, waiting = 2")
    assert sentences() == ["WS-100001-1: A waits for stock although its stock is not tracked."]


def test_rule_28_stock_that_a_hold_should_have_given_away(order: Order) -> None:
    held(order, keeps_stock=False)
    assert found() == []
    break_with(
        "update lines set reserved = 2, waiting = 0 where sku = 'A'",
        "update products set reserved = 2, backordered = 0 where sku = 'A'",
    )
    assert sentences() == ["WS-100001-1: A has stock although a hold gives it to other orders."]


def test_rule_28_a_hold_of_a_shipment_that_is_not_there(order: Order) -> None:
    hold = Hold(1, HoldReason.CUSTOMER_ASKED, "Anna", now().isoformat(), shipment=9)
    change(holds=[hold], last_ids={"hold": 1})
    assert sentences() == ["Order WS-100001: hold 1 is of shipment 9, which does not exist."]


def test_a_number_that_was_not_given_yet(order: Order) -> None:
    held(order)
    change(last_ids={})
    assert sentences() == ["Order WS-100001: a number of «hold» was given twice, or not given yet."]


def test_rule_34_an_order_that_ships_whole_and_has_a_part(order: Order) -> None:
    change(ships_whole=True)
    assert sentences() == ["Order WS-100001 ships whole, and has only a part of its products reserved."]


def test_rule_29_more_comes_back_than_left(order: Order) -> None:
    line = ReturnLine(line_of(order, "A"), 1, None, "A", "A", 1, ReturnReason.FAULTY)
    a_return = Return(1, ReturnKind.RETURN, ReturnState.REGISTERED, [line], "Anna", now().isoformat())
    change(returns=[a_return], last_ids={"return": 1})
    assert sentences() == ["Order WS-100001: more of A comes back than left."]


def test_rule_29_more_goes_into_stock_than_came_back(app: Flask) -> None:
    make_product("A")
    order = make_order(("A", 2), paid=39_800)
    ship(order, "UH731460285SE")
    line = ReturnLine(line_of(order, "A"), 1, None, "A", "A", 1, ReturnReason.FAULTY, received=1, restocked=2)
    a_return = Return(1, ReturnKind.RETURN, ReturnState.CLOSED, [line], "Anna", now().isoformat())
    change(returns=[a_return], last_ids={"return": 1})
    assert sentences() == ["Order WS-100001: more of A comes back than left."]


def test_rule_29_refunds_that_the_sum_does_not_have(order: Order) -> None:
    change(refunds=[a_refund(order, amount=5000)], last_ids={"refund": 1})
    assert sentences() == ["Order WS-100001: refunded is 0,00 kr, and its refunds that are done add up to 50,00 kr."]


def test_rule_29_more_is_to_be_refunded_than_was_paid(order: Order) -> None:
    change(refunds=[a_refund(order, state=RefundState.REQUESTED, amount=5000)], last_ids={"refund": 1})
    assert sentences() == ["Order WS-100001: more is to be refunded than was paid."]


def test_rule_29_more_units_are_refunded_than_a_row_has(order: Order) -> None:
    row = RefundRow(RefundRowKind.LINE, "A", 0, 2500, line_id=line_of(order, "A"), quantity=3)
    change(refunds=[a_refund(order, rows=[row])], last_ids={"refund": 1})
    assert sentences() == ["Order WS-100001: more units of a row are refunded than it has."]


def test_rule_29_more_is_credited_than_was_charged(order: Order) -> None:
    change(refunds=[a_refund(order, vat={"2500": 99_999})], last_ids={"refund": 1})
    assert sentences() == ["Order WS-100001: more is credited than was charged."]


def test_rule_36_what_an_order_needs_and_does_not_say(app: Flask) -> None:
    make_product("A")
    make_order(("A", 1), paid=99_000)
    assert found() == []
    change(attention=[])
    assert sentences() == ["Order WS-100001: what needs a person does not follow from it (to_refund)."]
    break_with("update orders set attention = null")  # the worker computes it
    compute_attention(StopEvent())
    assert found() == []


def test_rule_36_what_an_order_needs_and_the_inbox_lacks(app: Flask) -> None:
    make_product("A")
    make_order(("A", 1), paid=99_000)
    break_with("delete from inbox_items")
    assert sentences() == ["Order WS-100001: the inbox does not have what it needs."]


def test_rule_36_a_row_that_is_hidden_for_ever(app: Flask) -> None:
    make_product("A")
    make_order(("A", 1), paid=99_000)
    break_with("update inbox_items set is_shown = false where kind = 'to_refund'")
    (sentence,) = sentences()
    assert sentence.endswith("of the inbox (to_refund) is hidden for ever, or shown although it waits.")


def test_rule_36_a_row_of_a_webhook_that_works(order: Order) -> None:
    break_with(
        "insert into inbox_items (kind, subject, since, facts, is_shown)"
        " values ('webhook_off', '77', '2026-11-23 10:00:00', '{}', true)"
    )
    assert sentences() == ["The inbox shows what needs nobody: webhook_off 77."]


def test_rule_36_a_failed_mail_that_the_inbox_lacks_or_tells_wrongly(order: Order) -> None:
    break_with("update messages set state = 'given_up', needs_attention = true, due_at = null, held_because = null")
    assert sentences() == [f"The inbox lacks what needs a person: failed_mail {order.id}."]
    with writing():
        derived.failed_mail(order.id, "asa@example.com")
    assert found() == []
    break_with("update messages set last_answer = '550'")
    assert sentences() == [f"The inbox says other things than are so: failed_mail {order.id}."]


def test_rule_36_what_the_worker_is_still_to_put_into_the_inbox_is_passed_over(app: Flask, order: Order) -> None:
    break_with(
        "update messages set state = 'given_up', needs_attention = true, due_at = null, held_because = null",
        "update orders set attention = null",  # as an upgrade does
    )
    assert found() == []
    compute_attention(StopEvent())
    (violation,) = found()
    assert violation.mend == "A worker puts it right when it starts, and each hour."
    worker.run(app, StopEvent(), once=True)
    assert found() == []


def test_rule_36_counts_by_hour(order: Order) -> None:
    break_with("insert into hourly_counts (figure, hour, count) values ('shipped', '2026-11-23 10:00:00.000000', 2)")
    assert sentences() == ["hourly_counts: shipped 2026-11-23 10:00:00.000000 is 2, and should be 0."]


def test_a_mail_that_was_sent_at_no_time(order: Order) -> None:
    break_with("update messages set state = 'sent', due_at = null, held_because = null")
    (message,) = db.session.scalars(select(Message.id))
    assert sentences() == [
        f"messages, id {message}: the state «sent» contradicts its times or that it needs attention."
    ]


def test_an_attempt_that_was_not_counted(order: Order) -> None:
    (message,) = db.session.scalars(select(Message.id))
    with writing():
        db.session.add(MessageAttempt(message_id=message, number=2, state=MessageState.RETRYING, answer="450"))
    assert sentences() == [f"messages {message}: attempts is 0, and should be 2."]


def test_a_step_to_take_back_of_a_version_that_never_was(order: Order) -> None:
    with writing():
        db.session.add(UndoStep(order_id=order.id, user_id=1, from_version=1, version=9, before={}, after={}))
    (step,) = db.session.scalars(select(UndoStep.id))
    assert sentences() == [f"Order WS-100001: the step {step} to take back is of versions that it never had."]


def test_an_order_that_no_worker_will_take(order: Order) -> None:
    with writing():
        batch = selection.create([order.number], by=ANNA)
        number = batch.id
    break_with("update batch_orders set state = 'waiting', due_at = '2026-11-23 10:00:00'")
    assert sentences() == [f"Batch {number}: order WS-100001 waits, and no worker will take it."]


def test_rule_33_a_statement_without_a_receipt(order: Order) -> None:
    statement = Statement(order.number, "Åsa", "asa@example.com", "sv")
    with writing():
        withdrawals.receive(statement, "1", address="192.0.2.1")
    assert found() == []
    break_with("update withdrawals set receipt_id = null, received_at = '2026-11-23 10:00:00.000000'")
    (number,) = db.session.scalars(select(Withdrawal.id))
    assert sentences() == [f"The statement of withdrawal {number} of 2026-11-23 has no receipt of its own."]


def test_rule_31_a_delivery_that_did_not_come_into_stock(order: Order) -> None:
    with writing():
        delivery = incoming.expect("A", 5, None, by=ANNA)
    assert found() == []
    break_with("update incoming_deliveries set received = 3")
    assert sentences() == [f"Incoming delivery {delivery.id} of A: received is 3, and put into stock 0."]


def test_rule_31_a_movement_that_is_gone(order: Order) -> None:
    break_with("delete from stock_movements where product_id = (select id from products where sku = 'A')")
    assert sentences() == ["A: stock_version is 1, and should be 0."]


def test_a_version_of_a_product_that_its_events_went_beyond(order: Order) -> None:
    with writing():
        product = db.session.scalars(select(Product).where(Product.sku == "A")).one()
        product_history.record(product, {"price": BeforeAfter(1, 2)}, by=ANNA)
    assert found() == []
    break_with("update products set version = 1 where sku = 'A'")
    assert sentences() == ["A: version is 1, and should be 2."]


def test_a_row_that_names_what_is_not_there(order: Order) -> None:
    break_unguarded("insert into pinned_views (user_id, view_id, position) values (77, 78, 1)")
    assert sentences() == [
        "pinned_views: there is no users 77, which is named there (rows: 1).",
        "pinned_views: there is no saved_views 78, which is named there (rows: 1).",
    ]


def test_a_line_that_repeats_another_order(order: Order) -> None:
    other = make_order(("A", 1))
    line = line_of(order, "A")
    break_with(f"update lines set order_id = {other.id} where id = {line}")
    sentence = f"Order WS-100001: lines, id {line} repeats another order, time or status than its own."
    assert sentences() == [sentence]


@pytest.mark.parametrize("kind", ["order", "product"])
def test_what_is_missing_in_the_index_of_words(order: Order, kind: str) -> None:
    table, column, name = {
        "order": ("orders", "search_text", "Order WS-100001"),
        "product": ("products", "list_text", "Product A"),
    }[kind]
    row = db.session.execute(text(f"select id, {column} as words from {table} order by id limit 1")).one()
    if db.engine.dialect.name == "sqlite":
        deleted = f"insert into {kind}_search ({kind}_search, rowid, {column}) values ('delete', :id, :words)"
        break_with(deleted, id=row.id, words=row.words)
    else:
        break_with(f"delete from {kind}_search where {kind}_id = {row.id}")
    assert sentences() == [f"{name} is searched by other words than its own."]
    (violation,) = found()
    break_with(*violation.mend.partition(": ")[2].removesuffix(";").split("; "))
    assert found() == []


def test_an_order_that_was_indexed_by_other_words(order: Order) -> None:
    if db.engine.dialect.name == "sqlite":
        words = db.session.scalar(text("select search_text from orders"))
        break_with(
            "insert into order_search (order_search, rowid, search_text) values ('delete', :id, :words)",
            "insert into order_search (rowid, search_text) values (:id, 'something else')",
            id=order.id,
            words=words,
        )
    else:
        break_with("update order_search set words = 'something else'")
    assert sentences() == ["Order WS-100001 is searched by other words than its own."]


def test_an_order_that_cannot_be_read_is_named_and_the_others_are_checked(order: Order) -> None:
    make_order(("A", 1))
    break_with(
        "update orders set holds = '[{\"id\": 1}]' where number = 'WS-100001'",
        "update orders set units = 7 where number = 'WS-100002'",
    )
    assert sentences() == [
        "Order WS-100001 cannot be read: what is stored of it is not whole.",
        "WS-100002: units is 7, and should be 1.",
    ]


@pytest.mark.own_app
def test_what_should_be_unique_and_is_there_twice(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite drops no constraint; its check of the file finds what is there twice")
    make_product("A", stock=None)
    make_product("B", stock=None)
    break_unguarded(
        "alter table products drop constraint uq_products_sku",
        "update products set sku = 'A', sku_key = 'a', sku_sort_key = 'a'",
    )
    assert "products: the same sku more than once, A (rows: 2)." in sentences()


@pytest.mark.own_app
def test_triggers_that_are_gone(app: Flask) -> None:
    names = sorted(integrity.TRIGGERS)
    is_sqlite = db.engine.dialect.name == "sqlite"
    assert set(db.session.scalars(integrity.ON_SQLITE if is_sqlite else integrity.ON_POSTGRESQL)) == set(names)
    break_unguarded(*(f"drop trigger {name}" + ("" if is_sqlite else f" on {table_of(name)}") for name in names))
    assert sentences() == [f"The database lacks the trigger {name}." for name in names]


def table_of(trigger: str) -> str:
    """The table that a trigger of PostgreSQL is on."""
    of_trigger = text("select relname from pg_class join pg_trigger on tgrelid = pg_class.oid where tgname = :name")
    return str(db.session.scalar(of_trigger, {"name": trigger}))
