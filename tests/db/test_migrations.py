"""The contents of a database survive the migrations unchanged."""

from dataclasses import replace

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, select, text

from tests.demo.test_generate import generate
from tests.factories import LULEA, make_order, make_product
from webshop_orders.db.extensions import WRITES, db
from webshop_orders.models import (
    Actor,
    Approval,
    Comment,
    Customer,
    Event,
    MailHoldReason,
    Message,
    MessageState,
    Order,
    Product,
    Shop,
)
from webshop_orders.operations.order_list import pages
from webshop_orders.operations.order_list.filters import OrderFilter
from webshop_orders.operations.orders import tracking
from webshop_orders.outbox import queue as outbox_queue
from webshop_orders.transactions.unit_of_work import editing

pytestmark = pytest.mark.own_app

ORDER = """
    insert into orders (id, number, placed_at, currency, language, prices_include_vat, rounds_to_whole_kronor,
        customer_name, billing_address, shipping_address, paid, shipping_price, shipping_vat_rate, version, last_seq,
        event_count, message_count, status, total, units, search_text)
    values (1, 'WS-1', '2026-11-01 09:00:00.000000', 'SEK', 'sv', true, false, 'Åsa', '{}', '{}', 0, 0, 0, 1, 1, 1, 1,
        'ready', 0, 0, '')
"""
MESSAGE = """
    insert into messages (id, order_id, kind, language, message_id, sender, recipient, subject, text, html, caused_by,
        automatic, queued_at, state, due_at, attempts, last_answer)
    values (:id, 1, 'order_confirmation', 'sv', :message_id, 'butiken@example.com', 'Asa@Example.com',
        'Orderbekräftelse', 'text', 'html', 'test shop', true, '2026-11-01 09:00:00.000000', :state,
        '2026-11-01 09:00:00.000000', 1, 'OK')
"""
EVENT = """
    insert into events (id, order_id, at, actor_kind, actor_name, kind, version, facts)
    values (1, 1, '2026-11-01 09:00:00.000000', 'staff', 'Anna', 'comment_added', 1, '{}')
"""
STATES = ("queued", "sending", "sent", "retrying", "given_up")


@pytest.fixture
def older_database(app: Flask) -> Flask:
    """A database of the version before mails could be held, with one mail in each state."""
    downgrade(revision="0001")
    db.session.execute(text(ORDER))
    db.session.execute(text(EVENT))
    for number, state in enumerate(STATES, start=1):
        db.session.execute(text(MESSAGE), {"id": number, "state": state, "message_id": f"<{number}@example.com>"})
    db.session.commit()
    db.session.remove()
    return app


def test_mails_of_older_databases_keep_their_state_and_are_delivered(older_database: Flask) -> None:
    upgrade()

    messages = db.session.query(Message).order_by(Message.id).all()
    assert [message.state.value for message in messages] == list(STATES)
    assert [message.due_at is not None for message in messages] == [True, True, False, True, False]
    assert [message.needs_attention for message in messages] == [False, False, False, False, True]
    assert {message.tried_from for message in messages} == {messages[0].queued_at}
    assert "asa@example.com" in messages[0].search_text
    assert {lease.message.id for lease in outbox_queue.acquire(outbox_queue.MAILS)} == {1, 2, 4}
    assert db.session.query(Event).count() == 1


def test_a_downgrade_deletes_values_unknown_to_older_releases(older_database: Flask) -> None:
    upgrade()
    held = db.session.get_one(Message, 1)
    held.state, held.held_because, held.due_at = MessageState.HELD, MailHoldReason.NO_SERVER, None
    db.session.commit()
    db.session.remove()

    downgrade(revision="0001")

    remaining = db.session.execute(text("select id, state from messages order by id")).all()
    assert [(row.id, row.state) for row in remaining] == list(enumerate(STATES, start=1))[1:]
    db.session.remove()
    upgrade()


def test_older_orders_products_and_mails_are_searched_by_the_present_rules(app: Flask, anna: Actor) -> None:
    make_product("LJ-1", name="Bøssing")
    buyer = Customer("Næss O’Brien", "Ek AB", "NAESS@example.com", "+46 (0)70-174 06 05", "556677-8899")
    home = {"phone": "0046 8 123 456", "postal_code": "972 31"}
    for shop_number in (None, "1042", "#1043"):
        order = make_order(
            ("LJ-1", 1),
            ("OTHER", 2),
            customer=buyer,
            shop_number=shop_number,
            shipping_address=replace(LULEA, **home, pickup_point="Ombud Ø"),
            billing_address=replace(LULEA, company="Aegir AS", street2="2 tr"),
        )
        with editing(order.number, None, anna) as current:
            tracking.add(current.shipments[0], "RR 123 456 785 SE", None, None, by=anna)
    expected = _searched()
    db.session.remove()
    downgrade(revision="0010")
    db.session.execute(text("update orders set search_text = 'older', phone_key = 'older'"))
    db.session.execute(text("update products set search_text = 'older'"))
    db.session.execute(text("update messages set search_text = 'older'"))
    db.session.commit()
    db.session.remove()

    upgrade()

    assert _searched() == expected
    with app.test_request_context():
        for words in ("Näss", "0701740605", "Bossing"):
            assert len(pages.page(OrderFilter(words=words)).orders) == 3, words
        assert pages.page(OrderFilter(words="older")).orders == []
    make_order(("LJ-1", 1), customer=replace(buyer, name="Later"))
    with app.test_request_context():
        assert len(pages.page(OrderFilter(words="later")).orders) == 1


def _searched() -> list[object]:
    """What is stored for search."""
    orders = select(Order.search_text, Order.phone_key).order_by(Order.id)
    rows = [row for query in (orders, select(Product.search_text)) for row in db.session.execute(query).all()]
    return [*map(tuple, rows), *db.session.scalars(select(Message.search_text).order_by(Message.id))]


def test_the_approved_total_of_older_orders_is_that_before_their_first_change(app: Flask) -> None:
    downgrade(revision="0011")
    insert = text(ORDER.replace("(1, 'WS-1'", "(:id, :number"))
    for number in (1, 2):
        db.session.execute(insert, {"id": number, "number": f"WS-{number}"})
    facts = ['{"total": 30000}', *(f'{{"total": {{"before": {total}, "after": 0}}}}' for total in (30_000, 20_000))]
    kinds = ("order_placed", "line_changed", "line_removed")
    event = text(EVENT.replace("(1, 1,", "(:id, 2,").replace("'comment_added', 1, '{}'", ":kind, 1, :facts"))
    for number, (kind, stored) in enumerate(zip(kinds, facts, strict=True), start=1):
        db.session.execute(event, {"id": number, "kind": kind, "facts": stored})
    db.session.commit()
    db.session.remove()

    upgrade()

    rows = db.session.execute(select(Order.approval, Order.removed_units).order_by(Order.id)).all()
    assert [tuple(row) for row in rows] == [(None, []), (Approval(30_000), [])]


def contents() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    tables = [name for name in inspect(db.engine).get_table_names() if name != "alembic_version"]
    with db.engine.connect() as connection:
        return {
            name: sorted(map(tuple, connection.execute(text(f"select * from {name}"))), key=repr) for name in tables
        }


def definitions() -> list[tuple[object, ...]]:
    """Every table, index and trigger of a SQLite database, without the blanks in its definition."""
    with db.engine.connect() as connection:
        query = text("select type, name, tbl_name, sql from sqlite_schema where name not like 'sqlite_%'")
        return sorted((*names, "".join(sql.split())) for *names, sql in connection.execute(query))


def test_ids_used_once_leave_rows_indexes_and_keys_as_they_were(app: Flask) -> None:
    generate(60)
    db.session.remove()
    downgrade(revision="0028")
    upgrade()
    newest = contents()
    db.session.remove()
    downgrade(revision="0013")
    before = contents()

    downgrade(revision="0012")
    assert contents() == before
    upgrade(revision="0013")

    assert contents() == before
    assert before["lines"]
    assert before["tracking_codes"]
    upgrade()
    # With the status of its order for each tracking code. On PostgreSQL the next number was in the sequence at first.
    lost = {name for name in newest if name.startswith(("shop", "product", "stock_movements"))}  # known less of before
    assert {name: rows for name, rows in contents().items() if name not in lost} == {
        name: rows for name, rows in newest.items() if name not in lost
    }


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_ids_used_once_recreate_every_index_trigger_and_constraint(app: Flask) -> None:
    downgrade(revision="0013")
    at_first = definitions()

    downgrade(revision="0012")
    older = definitions()
    upgrade(revision="0013")

    assert definitions() == at_first
    assert {row[:3] for row in older} == {row[:3] for row in at_first}
    changed = {row[1] for row in at_first} - {row[1] for row in set(at_first) & set(older)}
    assert {"lines", "tracking_codes", "users"} <= changed
    assert "orders" not in changed


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_migration_that_leaves_a_row_without_its_parent_changes_nothing(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    generate(60)
    downgrade(revision="0012")
    older = definitions()
    with db.engine.connect().execution_options(**{WRITES: True}) as connection:
        driver_connection = connection.connection.driver_connection
        driver_connection.execute("pragma foreign_keys = off")
        driver_connection.execute("update lines set shipment_id = 987654 where id = 1")
        driver_connection.execute("pragma foreign_keys = on")

    with pytest.raises(SystemExit):
        upgrade()

    assert "rows that refer to nothing: [('lines', 1," in caplog.text
    assert definitions() == older
    assert db.session.scalar(text("pragma foreign_keys")) == 1


COMMENT = """
    insert into comments (id, order_id, kind, text, author, mailed, written_at)
    values (:id, :order_id, :kind, 'Hej', 'Åsa', :mailed, :at)
"""
MAILED_COMMENT = """
    insert into messages (id, order_id, kind, language, message_id, sender, recipient, subject, text, html, caused_by,
        caused_by_kind, automatic, is_test, search_text, needs_attention, queued_at, tried_from, state, attempts)
    values (:id, :order_id, 'comment', 'sv', :message_id, 'butiken@example.com', 'asa@example.com', 'Hej', 'text',
        'html', 'Anna', 'staff', false, false, '', false, :at, :at, 'sent', 1)
"""


@pytest.fixture
def database_with_comments(app: Flask) -> Flask:
    """A database of the version before the customer's own comments were marked.

    Order 1 came with a comment, and staff wrote two more; staff wrote all those on order 2.
    """
    downgrade(revision="0011")
    db.session.execute(text(ORDER))
    db.session.execute(text(ORDER.replace("(1, 'WS-1'", "(2, 'WS-2'")))
    columns = "order_id, at, actor_kind, actor_name, kind, version, facts"
    for comment_id, order_id, kind, mailed, minute in (
        (1, 1, "customer", False, 0),
        (2, 2, "customer", False, 1),
        (3, 1, "customer", True, 2),
        (4, 1, "internal", False, 3),
        (5, 2, "customer", True, 4),
    ):
        at = f"2026-11-01 09:{minute:02}:00.000000"
        values = {"id": comment_id, "order_id": order_id, "kind": kind, "mailed": mailed, "at": at}
        db.session.execute(text(COMMENT), values)
        if comment_id != 1:
            event = (
                f"insert into events ({columns}) values (:order_id, :at, 'staff', 'Anna', 'comment_added', 1, '{{}}')"
            )
            db.session.execute(text(event), {"order_id": order_id, "at": at})
    for message_id, order_id, minute in ((1, 1, 2), (2, 2, 4)):
        at = f"2026-11-01 09:{minute:02}:00.500000"
        values = {"id": message_id, "order_id": order_id, "at": at, "message_id": f"<{message_id}@example.com>"}
        db.session.execute(text(MAILED_COMMENT), values)
    db.session.commit()
    db.session.remove()
    return app


def test_comments_of_older_databases_are_the_customers_or_have_their_mails(database_with_comments: Flask) -> None:
    upgrade()

    found = db.session.query(Comment).order_by(Comment.id).all()
    assert [comment.from_customer for comment in found] == [True, False, False, False, False]
    assert [comment.message_id for comment in found] == [None, None, 1, None, 2]


@pytest.fixture
def database_with_unread_comments(app: Flask) -> Flask:
    """A database of the version before comments were read.

    The customers of orders 1 to 4 wrote. Order 2 was answered by mail and 3 has left; what was written on order 4, and
    mailed on order 5, tells no customer that wrote anything.
    """
    downgrade(revision="0011")
    written = {
        1: [("customer", False)],
        2: [("customer", False), ("customer", True)],
        3: [("customer", False)],
        4: [("customer", False), ("internal", False), ("customer", False)],
        5: [("internal", False), ("customer", True)],
    }
    at, comment_id = "2026-11-01 09:00:00.000000", 0
    for order_id, comments in written.items():
        order = ORDER.replace("(1, 'WS-1'", f"({order_id}, 'WS-{order_id}'")
        db.session.execute(text(order.replace("'ready'", "'shipped'") if order_id == 3 else order))
        for kind, mailed in comments:
            comment_id += 1
            values = {"id": comment_id, "order_id": order_id, "kind": kind, "mailed": mailed, "at": at}
            db.session.execute(text(COMMENT), values)
    db.session.commit()
    upgrade(revision="0028")
    db.session.execute(text("update comments set from_customer = (id in (1, 2, 4, 5))"))
    db.session.commit()
    db.session.remove()
    return app


def test_comments_of_open_orders_that_nobody_answered_are_unread(database_with_unread_comments: Flask) -> None:
    upgrade()

    unread = db.session.scalars(text("select number from orders where has_unread_comment order by number"))
    assert unread.all() == ["WS-1", "WS-4"]


def test_a_downgrade_forgets_which_carriers_demand_a_phone_number(app: Flask) -> None:
    carriers = text("select carriers from shop")
    assert "demands_phone" in str(db.session.scalar(carriers))
    db.session.remove()

    downgrade(revision="0028")
    assert "demands_phone" not in str(db.session.scalar(carriers))
    db.session.remove()

    upgrade()
    stored = db.session.scalars(select(Shop)).one().carriers
    assert [carrier.name for carrier in stored if carrier.demands_phone] == ["Budbee", "Instabee", "Airmee"]
