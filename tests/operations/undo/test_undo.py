"""Rule 23: a change can be taken back and carried out again, for as long as nothing has happened since outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from flask import Flask

from tests.factories import LULEA, make_order, make_product, reshape_shop
from tests.operations.steps import (
    ERP,
    changing,
    events_of,
    kinds_of,
    line_of,
    messages_of,
    product,
    read,
    set_stock,
    shape,
    stock_of,
)
from tests.operations.undo.steps import document, make_user, redo, steps_of, undo
from webshop_orders.db.extensions import db
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import (
    Actor,
    CommentKind,
    Customer,
    DeliveryStatus,
    EventKind,
    Message,
    MessageState,
    Order,
)
from webshop_orders.operations.orders import (
    cancellation,
    comments,
    customers,
    lines,
    parcels,
    plans,
    shipments,
    shipping_fee,
    splits,
    tracking,
)
from webshop_orders.operations.orders.plans import Plan
from webshop_orders.operations.undo import steps
from webshop_orders.transactions.unit_of_work import writing

BO = Customer("Bo Ek", email="bo@example.com")


@dataclass(frozen=True)
class Change:
    name: str
    carry_out: Callable[[Order, Actor], object]
    first: Callable[[Order, Actor], object] = lambda order, by: None


def code_of(order: Order) -> int:
    return next(code.id for shipment in order.shipments for code in shipment.tracking_codes)


def share_out(order: Order, by: Actor) -> None:
    """Both products among the shipment and two new ones, in one change."""
    candles, wicks = plans.rows(order)
    plan = Plan([order.shipments[0], None, None], {candles.id: [1, 3, 1], wicks.id: [0, 0, 2]})
    plans.rearrange(order, plan, by=by)


def empty_with_codes(order: Order, by: Actor) -> None:
    """What is in shipment 1 shared out among shipment 2, which has the wicks, and a new one, which gets its codes."""
    candles, wicks = plans.rows(order)
    plan = Plan([*order.shipments, None], {candles.id: [0, 2, 3], wicks.id: [0, 2, 0]}, codes_to={1: 2})
    moved = plans.rearrange(order, plan, by=by)
    assert moved.codes == [{"source": "U-1-1", "target": "U-1-3"}]


def put_price_back(order: Order, by: Actor) -> None:
    candles = line_of(order, "CANDLE")
    lines.change(candles, unit_price=10_000, discount=0, reason="ändå inte", by=by)
    assert candles.price_change is None


# Of an order of 5 CANDLE at 100,00 (3 covered) and 2 WICK at 10,00 in its shipment 1, which has a tracking code.
CHANGES = [
    Change("adding a product", lambda order, by: lines.add(order, product("OIL"), 2, by=by)),
    Change("adding units of a line", lambda order, by: lines.change(line_of(order, "CANDLE"), quantity=9, by=by)),
    Change("taking units off", lambda order, by: lines.change(line_of(order, "CANDLE"), quantity=1, by=by)),
    Change(
        "another price and discount",
        lambda order, by: lines.change(
            line_of(order, "CANDLE"), unit_price=8_000, discount=101, reason="trasig", by=by
        ),
    ),
    Change(
        "a price that is put back",
        put_price_back,
        lambda order, by: lines.change(
            line_of(order, "CANDLE"), unit_price=8_000, discount=101, reason="trasig", by=by
        ),
    ),
    Change(
        "a line without a product",
        lambda order, by: lines.add_free(order, "Presentpapper", 2, unit_price=1_500, vat_rate=2500, by=by),
    ),
    Change("removing a line", lambda order, by: lines.remove(line_of(order, "CANDLE"), by=by)),
    Change("a split to a new shipment", lambda order, by: splits.split(line_of(order, "CANDLE"), 4, to=None, by=by)),
    Change(
        "a move that leaves a shipment empty",
        lambda order, by: splits.split(line_of(order, "WICK"), 2, to=order.shipments[0], by=by),
        lambda order, by: splits.split(line_of(order, "WICK"), 2, to=None, by=by),
    ),
    Change(
        "a merge of two lines",
        lambda order, by: splits.split(line_of(order, "CANDLE", 2), 4, to=order.shipments[0], by=by),
        lambda order, by: splits.split(line_of(order, "CANDLE"), 4, to=None, by=by),
    ),
    Change(
        "a move that takes the codes along",
        lambda order, by: splits.split(
            line_of(order, "CANDLE"), 5, to=order.shipments[1], codes_to="with_units", by=by
        ),
        lambda order, by: splits.split(line_of(order, "WICK"), 2, to=None, by=by),
    ),
    Change("a plan", share_out),
    Change(
        "a plan that takes the codes along",
        empty_with_codes,
        lambda order, by: splits.split(line_of(order, "WICK"), 2, to=None, by=by),
    ),
    Change("another shipping method", lambda order, by: shipping_fee.change(order, "DHL", 4_900, by=by)),
    Change(
        "another shipping fee",
        lambda order, by: shipping_fee.change(order, order.shipping_method, 9_900, vat_rate=1200, by=by),
    ),
    Change("splitting off what waits", lambda order, by: splits.split_backordered(order.shipments[0], by=by)),
    Change("shipping", lambda order, by: shipments.ship(order.shipments[0], mails=False, by=by)),
    Change(
        "taking Shipped back",
        lambda order, by: shipments.reopen(order.shipments[0], by=by),
        lambda order, by: shipments.ship(order.shipments[0], mails=False, by=by),
    ),
    Change(
        "a status set by hand",
        lambda order, by: shipments.set_status(order.shipments[0], DeliveryStatus.READY, by=by),
    ),
    Change("a tracking code", lambda order, by: tracking.add(order.shipments[0], "RR2", "DHL", None, by=by)),
    Change("removing a code", lambda order, by: tracking.remove(order.shipments[0], code_of(order), by=by)),
    Change(
        "correcting a code",
        lambda order, by: tracking.correct(order.shipments[0], code_of(order), NewTrackingCode("RR3"), by=by),
    ),
    Change(
        "correcting a code that left",
        lambda order, by: tracking.correct(order.shipments[0], code_of(order), NewTrackingCode("RR3"), by=by),
        lambda order, by: shipments.ship(order.shipments[0], mails=False, by=by),
    ),
    Change(
        "customer and address",
        lambda order, by: customers.change(order, BO, replace(LULEA, city="Kiruna"), LULEA, language="en", by=by),
    ),
    Change("cancelling", lambda order, by: cancellation.cancel(order, by=by)),
    Change(
        "restoring a cancelled order",
        lambda order, by: cancellation.restore(order, by=by),
        lambda order, by: cancellation.cancel(order, by=by),
    ),
]


@pytest.fixture
def anna(app: Flask) -> Actor:
    return make_user("Anna")


@pytest.fixture
def bo(app: Flask) -> Actor:
    return make_user("Bo")


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("CANDLE", stock=3, price=10_000)
    make_product("WICK", price=1_000, stock=10)
    make_product("OIL", price=2_000, stock=1)
    order = make_order(("CANDLE", 5), ("WICK", 2), number="U-1", send_confirmation=False, shipping_price=4_900)
    with changing(order, ERP) as current:
        tracking.add(current.shipments[0], "RR1", "PostNord", None, by=ERP)
    return order


def ids(order: Order) -> list[tuple[int, list[int], list[int]]]:
    return [
        (shipment.id, [line.id for line in shipment.lines], [code.id for code in shipment.tracking_codes])
        for shipment in read(order).shipments
    ]


def stock() -> list[tuple[int | None, int, int]]:
    return [stock_of(sku) for sku in ("CANDLE", "WICK", "OIL")]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_change_is_taken_back_and_carried_out_again(order: Order, anna: Actor, change: Change) -> None:
    with changing(order, anna) as current:
        change.first(current, anna)
    before, ids_before, stock_before = document(order), ids(order), stock()
    with changing(order, anna) as current:
        change.carry_out(current, anna)
    after, ids_after, stock_after = document(order), ids(order), stock()
    assert after != before

    undone = undo(order, anna)
    assert (document(order), ids(order), stock()) == (before, ids_before, stock_before)
    assert undone.uncovered == 0
    redo(order, anna)
    assert (document(order), ids(order), stock()) == (after, ids_after, stock_after)
    undo(order, anna)
    assert (document(order), ids(order), stock()) == (before, ids_before, stock_before)


def test_each_undo_is_one_event_that_names_what_it_took_back_and_one_version(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        lines.remove(line_of(current, "WICK"), by=anna)
    version = read(order).version

    undo(order, anna)

    event = events_of(order)[-1]
    assert event.kind is EventKind.CHANGES_UNDONE
    assert (event.version, event.facts["versions"]) == (version + 1, [version])
    (change,) = event.facts["changes"]
    assert (change["kind"], change["facts"]["sku"]) == ("line_removed", "WICK")
    assert kinds_of(order)[-2:] == [EventKind.LINE_REMOVED, EventKind.CHANGES_UNDONE]


def test_several_steps_are_taken_back_newest_first_and_carried_out_again(order: Order, anna: Actor) -> None:
    documents = [document(order)]
    for change in (
        lambda current: lines.change(line_of(current, "CANDLE"), quantity=4, by=anna),
        lambda current: splits.split(line_of(current, "WICK"), 2, to=None, by=anna),
        lambda current: tracking.add(current.shipments[1], "RR9", None, None, by=anna),
        lambda current: cancellation.cancel(current, by=anna),
    ):
        with changing(order, anna) as current:
            change(current)
        documents.append(document(order))

    for expected in documents[-2::-1]:
        undo(order, anna)
        assert document(order) == expected
    with pytest.raises(RuleViolation, match="inget av ditt"):
        undo(order, anna)
    for expected in documents[1:]:
        redo(order, anna)
        assert document(order) == expected
    with pytest.raises(NoChange):
        redo(order, anna)


def test_all_steps_down_to_one_are_taken_back_at_once(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        lines.change(line_of(current, "WICK"), quantity=1, by=anna)
    before = document(order)
    for sku in ("CANDLE", "WICK"):
        with changing(order, anna) as current:
            splits.split(line_of(current, sku), 1, to=None, by=anna)
    after = document(order)
    step = steps_of(order, anna).steps[-2]

    undone = undo(order, anna, step.id)

    assert document(order) == before
    assert len(undone.versions) == 2
    assert [change["facts"]["sku"] for change in undone.changes] == ["WICK", "CANDLE"]
    redo(order, anna)
    redo(order, anna)
    assert document(order) == after


def test_a_new_change_ends_what_could_be_carried_out_again(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        lines.change(line_of(current, "WICK"), quantity=1, by=anna)
    undo(order, anna)
    with changing(order, anna) as current:
        lines.change(line_of(current, "WICK"), quantity=3, by=anna)

    with pytest.raises(NoChange):
        redo(order, anna)
    undo(order, anna)
    assert line_of(read(order), "WICK").quantity == 2


def test_what_was_taken_back_before_a_new_change_is_not_carried_out_again_in_its_place(
    order: Order, anna: Actor
) -> None:
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)
    undo(order, anna)
    before = document(order)
    for units in (3, 4):
        with changing(order, anna) as current:
            lines.change(line_of(current, "WICK"), quantity=units, by=anna)
    after = document(order)
    undo(order, anna)
    undo(order, anna)
    assert document(order) == before

    redo(order, anna)
    assert line_of(read(order), "WICK").quantity == 3
    redo(order, anna)
    assert document(order) == after
    with pytest.raises(NoChange):
        redo(order, anna)
    undo(order, anna)
    undo(order, anna)
    redo(order, anna)
    redo(order, anna)
    assert document(order) == after


def test_what_somebody_else_has_changed_since_cannot_be_taken_back(order: Order, anna: Actor, bo: Actor) -> None:
    with changing(order, anna) as current:
        lines.change(line_of(current, "WICK"), quantity=1, by=anna)
    with changing(order, bo) as current:
        tracking.add(current.shipments[0], "RR7", None, None, by=bo)
    before = document(order)

    with pytest.raises(RuleViolation, match="Bo har ändrat ordern efter det"):
        undo(order, anna)
    assert document(order) == before
    undo(order, bo)
    with pytest.raises(RuleViolation, match="Bo har ändrat"):
        undo(order, anna)


def test_a_program_counts_as_somebody_else(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        lines.change(line_of(current, "WICK"), quantity=1, by=anna)
    undo(order, anna)
    with changing(order, ERP) as current:
        lines.change(line_of(current, "CANDLE"), quantity=6, by=ERP)

    with pytest.raises(NoChange):
        redo(order, anna)
    assert steps_of(order, anna).undoable() == []


def test_comments_and_stock_do_not_end_it(order: Order, anna: Actor, bo: Actor) -> None:
    with changing(order, anna) as current:
        lines.remove(line_of(current, "CANDLE"), by=anna)
    with changing(order, bo) as current:
        comments.add(current, CommentKind.INTERNAL, "Ring kunden", by=bo)
    set_stock("WICK", 20)

    undo(order, anna)

    assert shape(order)[1][0] == ("CANDLE", 5, 3)


def test_units_that_someone_else_got_meanwhile_come_back_backordered(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        lines.remove(line_of(current, "CANDLE"), by=anna)
    make_order(("CANDLE", 2), send_confirmation=False)

    undone = undo(order, anna)

    assert undone.uncovered == 2
    assert shape(order) == {1: [("CANDLE", 5, 1), ("WICK", 2, 2)]}
    assert stock_of("CANDLE") == (3, 3, 4)
    assert read(order).shipments[0].status is DeliveryStatus.BACKORDERED


def test_units_that_the_order_had_do_not_fall_to_the_safety_margin(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        splits.split(line_of(current, "WICK"), 1, to=None, by=anna)
    reshape_shop(stock_safety_margin=10)

    undo(order, anna)

    assert shape(order) == {1: [("CANDLE", 5, 3), ("WICK", 2, 2)]}


def test_what_the_carrier_has_delivered_is_not_taken_back(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], mails=False, by=anna)
    with changing(order, ERP) as current:
        parcels.mark_delivered(current.shipments[0], by=ERP)

    with pytest.raises(RuleViolation, match="har ändrats igen"):
        undo(order, anna)
    assert read(order).shipments[0].is_shipped


@pytest.mark.parametrize("mark", [parcels.mark_uncollected, parcels.mark_sent_back])
def test_what_the_carrier_sends_back_keeps_that_it_had_left(
    order: Order, anna: Actor, mark: Callable[..., None]
) -> None:
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], mails=False, by=anna)
    with changing(order, ERP) as current:
        mark(current.shipments[0], by=ERP)

    with pytest.raises(RuleViolation, match="har ändrats igen"):
        undo(order, anna)
    assert read(order).shipments[0].is_shipped


def test_taking_back_a_reopening_brings_back_what_the_carrier_reported(order: Order, anna: Actor) -> None:
    with changing(order, ERP) as current:
        shipments.ship(current.shipments[0], mails=False, by=ERP)
        parcels.mark_uncollected(current.shipments[0], by=ERP)
        parcels.mark_sent_back(current.shipments[0], by=ERP)
    before = read(order).shipments[0]
    times = (before.uncollected_at, before.sent_back_at)
    with changing(order, anna) as current:
        shipments.reopen(current.shipments[0], by=anna)
    assert (read(order).shipments[0].uncollected_at, read(order).shipments[0].sent_back_at) == (None, None)

    undo(order, anna)

    after = read(order).shipments[0]
    assert (after.is_shipped, after.uncollected_at, after.sent_back_at) == (True, *times)
    assert None not in times


def test_a_shipment_comes_back_under_its_own_reference_and_a_new_one_gets_another(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        splits.split(line_of(current, "WICK"), 1, to=None, by=anna)
    undo(order, anna)
    redo(order, anna)
    assert [shipment.reference for shipment in read(order).shipments] == ["U-1-1", "U-1-2"]
    undo(order, anna)
    with changing(order, anna) as current:
        splits.split(line_of(current, "WICK"), 1, to=None, by=anna)
    assert [shipment.reference for shipment in read(order).shipments] == ["U-1-1", "U-1-3"]


def test_a_step_that_the_user_does_not_have_is_refused(order: Order, anna: Actor, bo: Actor) -> None:
    with changing(order, anna) as current:
        lines.change(line_of(current, "WICK"), quantity=1, by=anna)
    step = steps_of(order, anna).steps[-1]

    with pytest.raises(RuleViolation, match="inget av ditt"):
        undo(order, bo, step.id)
    with pytest.raises(RuleViolation, match="inget av ditt"):
        undo(order, anna, step.id + 1)


def test_integrations_leave_no_steps(order: Order, anna: Actor) -> None:
    assert steps_of(order, ERP).steps == []


@pytest.fixture
def mail_server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "MAIL_SERVER", "mail.example.com")


def states(order: Order) -> list[tuple[MessageState, str | None]]:
    db.session.expire_all()
    return [(message.state, message.withdrawn_by) for message in messages_of(order)]


@pytest.mark.usefixtures("mail_server")
def test_the_delivery_confirmation_is_withdrawn_and_queued_again(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    assert states(order) == [(MessageState.QUEUED, None)]

    undo(order, anna)
    assert states(order) == [(MessageState.WITHDRAWN, "Anna")]
    redo(order, anna)
    assert states(order) == [(MessageState.QUEUED, None)]
    undo(order, anna)
    assert states(order) == [(MessageState.WITHDRAWN, "Anna")]


@pytest.mark.usefixtures("mail_server")
def test_a_confirmation_that_has_left_stays_and_so_does_what_it_says(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    with writing():
        sent = {"state": MessageState.SENT, "attempts": 1, "due_at": None}
        db.session.execute(db.update(Message).where(Message.order_id == order.id).values(sent))

    assert "har redan gått iväg" in (steps_of(order, anna).obstacle() or "")
    with pytest.raises(RuleViolation, match="har redan gått iväg"):
        undo(order, anna)
    with changing(order, anna) as current:
        shipments.reopen(current.shipments[0], by=anna)
    undo(order, anna)
    assert read(order).shipments[0].is_shipped
    assert [state for state, _by in states(order)] == [MessageState.SENT]


@pytest.mark.usefixtures("mail_server")
def test_a_confirmation_that_was_taken_by_a_worker_after_the_page_was_read_is_noticed(
    order: Order, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    available = steps_of(order, anna)
    with writing():
        taken = {"state": MessageState.SENDING, "attempts": 1}
        db.session.execute(db.update(Message).where(Message.order_id == order.id).values(taken))
    monkeypatch.setattr(steps, "read", lambda *arguments: available)

    with pytest.raises(RuleViolation, match="har redan gått iväg"):
        undo(order, anna)
    assert read(order).shipments[0].is_shipped


@pytest.mark.usefixtures("mail_server")
def test_undoing_that_shipped_was_taken_back_sends_its_confirmation_after_all(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    with changing(order, anna) as current:
        shipments.reopen(current.shipments[0], by=anna)
    assert states(order) == [(MessageState.WITHDRAWN, "Anna")]

    undo(order, anna)
    assert states(order) == [(MessageState.QUEUED, None)]
    undo(order, anna)
    assert states(order) == [(MessageState.WITHDRAWN, "Anna")]
    redo(order, anna)
    redo(order, anna)
    assert states(order) == [(MessageState.WITHDRAWN, "Anna")]
