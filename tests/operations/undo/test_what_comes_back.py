"""Rule 23 at its edges: what comes back is what was, and what has left the house keeps its step."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import ERP, changing, line_of, messages_of, read, set_stock, stock_of
from tests.operations.undo.steps import document, make_user, redo, steps_of, stored, undo
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.models import (
    Actor,
    DeliveryStatus,
    Difference,
    Message,
    MessageKind,
    MessageState,
    Order,
    WebhookEvent,
    WebhookMessage,
)
from webshop_orders.operations.audit import personal_data
from webshop_orders.operations.orders import (
    cancellation,
    confirmations,
    lines,
    parcels,
    shipments,
    splits,
    tracking,
)
from webshop_orders.operations.stock import products
from webshop_orders.operations.webhooks import subscriptions
from webshop_orders.transactions.unit_of_work import editing, writing

CANCELLED = Difference("cancelled", "false", "true")
NAME = Difference("customer.name", "Åsa", "Åsa Ek")


@pytest.fixture
def anna(app: Flask) -> Actor:
    return make_user("Anna")


@pytest.fixture
def order(app: Flask) -> Order:
    app.config["MAIL_SERVER"] = "127.0.0.1"
    make_product("CANDLE", stock=3, price=10_000)
    make_product("WICK", stock=10, price=1_000)
    return make_order(("CANDLE", 3), ("WICK", 2), number="U-1", send_confirmation=False)


def ship(order: Order, by: Actor, seq: int = 1) -> None:
    with changing(order, by) as current:
        shipments.ship(shipments.get(current, seq), by=by)


def reopen(order: Order, by: Actor, seq: int = 1) -> None:
    with changing(order, by) as current:
        shipments.reopen(shipments.get(current, seq), by=by)


def add_code(order: Order, code: str, by: Actor) -> None:
    with changing(order, by) as current:
        tracking.add(current.shipments[0], code, None, None, by=by)


def states(order: Order) -> list[MessageState]:
    """The states of its delivery confirmations, oldest first."""
    db.session.expire_all()
    return [message.state for message in messages_of(order) if message.kind is MessageKind.DELIVERY_CONFIRMATION]


def send(order: Order, which: int = -1) -> None:
    """Have a delivery confirmation leave."""
    message = [found for found in messages_of(order) if found.kind is MessageKind.DELIVERY_CONFIRMATION][which]
    with writing():
        sent = {"state": MessageState.SENT, "attempts": 1, "due_at": None}
        db.session.execute(db.update(Message).where(Message.id == message.id).values(sent))


QUEUED, WITHDRAWN = MessageState.QUEUED, MessageState.WITHDRAWN


def test_each_shipping_has_its_own_confirmation_back(order: Order, anna: Actor) -> None:
    """The second one names a code that the first one did not know."""
    ship(order, anna)
    reopen(order, anna)
    add_code(order, "RR2", anna)
    ship(order, anna)
    assert states(order) == [WITHDRAWN, QUEUED]

    undo(order, anna)
    assert states(order) == [WITHDRAWN, WITHDRAWN]
    undo(order, anna)
    undo(order, anna)
    assert states(order) == [QUEUED, WITHDRAWN]
    redo(order, anna)
    assert states(order) == [WITHDRAWN, WITHDRAWN]
    undo(order, anna)
    assert states(order) == [QUEUED, WITHDRAWN]
    for _step in range(3):
        redo(order, anna)
    assert states(order) == [WITHDRAWN, QUEUED]


def test_a_shipping_that_is_taken_back_with_the_reopening_before_it_has_the_former_confirmation_back(
    order: Order, anna: Actor
) -> None:
    ship(order, anna)
    reopen(order, anna)
    ship(order, anna)
    reopening = steps_of(order, anna).steps[1]

    undo(order, anna, reopening.id)

    assert read(order).shipments[0].is_shipped
    assert states(order) == [QUEUED, WITHDRAWN]


def test_a_confirmation_that_was_sent_by_hand_and_has_left_keeps_the_shipping(order: Order, anna: Actor) -> None:
    ship(order, anna)
    with editing(order.number, None, anna) as current:
        confirmations.send_delivery_confirmation(current.shipments[0], "asa@example.com", by=anna)
    send(order)
    before = stored(order)

    with pytest.raises(RuleViolation, match="har redan gått iväg"):
        undo(order, anna)
    assert (stored(order), states(order)) == (before, [QUEUED, MessageState.SENT])


def test_a_confirmation_that_was_sent_by_hand_is_withdrawn_while_it_waits(order: Order, anna: Actor) -> None:
    ship(order, anna)
    with editing(order.number, None, anna) as current:
        confirmations.send_delivery_confirmation(current.shipments[0], "asa@example.com", by=anna)

    undo(order, anna)
    assert states(order) == [WITHDRAWN, WITHDRAWN]
    redo(order, anna)
    assert states(order) == [QUEUED, WITHDRAWN]  # one mail of one shipping


def test_a_confirmation_of_an_earlier_shipping_does_not_keep_a_later_one(order: Order, anna: Actor) -> None:
    ship(order, anna)
    with editing(order.number, None, anna) as current:
        confirmations.send_delivery_confirmation(current.shipments[0], "asa@example.com", by=anna)
    send(order)
    reopen(order, anna)
    ship(order, anna)

    undo(order, anna)

    assert states(order) == [WITHDRAWN, MessageState.SENT, WITHDRAWN]


def test_a_parcel_that_the_carrier_has_delivered_keeps_the_shipping(order: Order, anna: Actor) -> None:
    add_code(order, "RR1", ERP)
    add_code(order, "RR2", ERP)
    ship(order, anna)
    with changing(order, ERP) as current:
        shipment = current.shipments[0]
        parcels.mark_delivered(shipment, parcels=[shipment.tracking_codes[0]], by=ERP)
    before = stored(order)

    with pytest.raises(RuleViolation, match="har levererat något av U-1-1"):
        undo(order, anna)
    assert stored(order) == before


def test_a_parcel_is_not_delivered_by_taking_more_back(order: Order, anna: Actor) -> None:
    add_code(order, "RR1", ERP)
    add_code(order, "RR2", ERP)
    ship(order, anna)
    with changing(order, ERP) as current:
        shipment = current.shipments[0]
        parcels.mark_delivered(shipment, parcels=[shipment.tracking_codes[0]], by=ERP)
    reopen(order, anna)
    shipping, reopening = steps_of(order, anna).steps
    before = stored(order)

    with pytest.raises(RuleViolation, match="har levererat något"):
        undo(order, anna, shipping.id)
    assert stored(order) == before
    undo(order, anna, reopening.id)
    (delivered, other) = read(order).shipments[0].tracking_codes
    assert (delivered.delivered_at is None, other.delivered_at) == (False, None)


@pytest.mark.parametrize("meanwhile", [[], [NAME], [CANCELLED, NAME]])
def test_that_the_source_has_cancelled_the_order_is_shown_again(
    order: Order, anna: Actor, meanwhile: list[Difference]
) -> None:
    with changing(order, ERP) as current:
        current.shop_differences = [CANCELLED]
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)
    assert read(order).shop_differences == []
    with changing(order, ERP) as current:
        current.shop_differences = meanwhile

    undo(order, anna)
    assert read(order).shop_differences == [*(other for other in meanwhile if other == NAME), CANCELLED]
    redo(order, anna)
    assert read(order).shop_differences == [other for other in meanwhile if other == NAME]


def test_a_product_that_is_no_longer_sold_comes_back(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        lines.remove(line_of(current, "WICK"), by=anna)
    with writing():
        products.by_sku(["WICK"])["WICK"].active = False

    undo(order, anna)
    assert line_of(read(order), "WICK").reserved == 2


@pytest.mark.parametrize(("before", "after", "stock"), [(None, 1, (1, 1, 1)), (10, None, (None, 0, 0))])
def test_a_product_whose_stock_is_tracked_or_no_longer_comes_back_with_the_cover_of_now(
    order: Order, anna: Actor, before: int | None, after: int | None, stock: tuple[int | None, int, int]
) -> None:
    set_stock("WICK", before)
    with changing(order, anna) as current:
        lines.remove(line_of(current, "WICK"), by=anna)
    set_stock("WICK", after)

    undone = undo(order, anna)

    assert stock_of("WICK") == stock
    assert undone.uncovered == stock[2]


def test_shipped_units_come_back_as_goods_do_where_stock_was_counted_since(order: Order, anna: Actor) -> None:
    ship(order, anna)
    set_stock("CANDLE", 0)
    undo(order, anna)
    assert stock_of("CANDLE") == (3, 3, 0)
    redo(order, anna)
    assert stock_of("CANDLE") == (0, 0, 0)


def test_a_status_set_by_hand_comes_back_with_what_was_added_since(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        shipments.set_status(current.shipments[0], DeliveryStatus.BACKORDERED, by=anna)
    by_hand = document(order)
    with changing(order, anna) as current:
        lines.change(line_of(current, "WICK"), quantity=3, by=anna)
    assert read(order).shipments[0].status is DeliveryStatus.READY

    undo(order, anna)
    assert document(order) == by_hand
    undo(order, anna)
    assert read(order).shipments[0].status is DeliveryStatus.READY


def test_a_status_set_by_hand_stays_where_only_a_price_is_taken_back(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        shipments.set_status(current.shipments[0], DeliveryStatus.BACKORDERED, by=anna)
    by_hand = stored(order)
    with changing(order, anna) as current:
        lines.change(line_of(current, "WICK"), unit_price=900, reason="trasig", by=anna)
    cheaper = stored(order)

    undo(order, anna)
    assert stored(order) == by_hand
    redo(order, anna)
    assert stored(order) == cheaper


def test_all_steps_of_fifty_are_taken_back_at_once(order: Order, anna: Actor) -> None:
    before = stored(order)
    for units in [*range(3, 28), *range(26, 1, -1)]:
        with changing(order, anna) as current:
            lines.change(line_of(current, "WICK"), quantity=units, by=anna)
    undo(order, anna, steps_of(order, anna).steps[0].id)
    assert stored(order) == before


def test_an_order_whose_personal_data_were_erased_stays_so(order: Order, anna: Actor) -> None:
    ship(order, anna)
    send(order)
    with changing(order, anna) as current:
        tracking.add(current.shipments[0], "RR1", None, None, by=anna)
    undo(order, anna)
    with writing():
        personal_data.erase("asa@example.com", by=anna)
    before = stored(order)

    assert steps_of(order, anna).steps == []
    for again in (undo, redo):
        with pytest.raises(RuleViolation, match="Personuppgifterna i U-1 är raderade"):
            again(order, anna)
    assert stored(order) == before


def notifications() -> list[tuple[WebhookEvent, str]]:
    """What programs were told since this was asked last."""
    db.session.rollback()
    found = db.session.scalars(db.select(WebhookMessage).order_by(WebhookMessage.id)).all()
    answers = [(message.event, message.about) for message in found]
    with writing():
        db.session.execute(db.delete(WebhookMessage))
    return answers


def test_programs_are_told_of_what_happens_again_as_of_what_happened(order: Order, anna: Actor) -> None:
    with writing():
        subscriptions.add("https://erp.example.com/", WebhookEvent, by=anna)
    changed, ready = (WebhookEvent.ORDER_CHANGED, "U-1"), (WebhookEvent.SHIPMENT_READY, "U-1-1")
    shipped, cancelled = (WebhookEvent.SHIPMENT_SHIPPED, "U-1-1"), (WebhookEvent.ORDER_CANCELLED, "U-1")
    code = WebhookEvent.SHIPMENT_TRACKING_CHANGED, "U-1-1"

    ship(order, anna)
    assert notifications() == [shipped]
    undo(order, anna)
    assert notifications() == [changed, ready]
    redo(order, anna)
    assert notifications() == [shipped]
    reopen(order, anna)
    assert notifications() == [changed, ready]
    undo(order, anna)
    assert notifications() == [changed, shipped]
    undo(order, anna)
    add_code(order, "RR1", anna)
    assert notifications() == [changed, ready, code]
    undo(order, anna)
    assert notifications() == [changed, code]
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)
    with changing(order, anna) as current:
        cancellation.restore(current, by=anna)
    assert notifications() == [cancelled, changed]
    undo(order, anna)
    assert notifications() == [changed, cancelled]


def test_programs_are_told_of_codes_that_move_back(order: Order, anna: Actor) -> None:
    add_code(order, "RR1", anna)
    with changing(order, anna) as current:
        splits.split(line_of(current, "WICK"), 2, to=None, by=anna)
    with writing():
        subscriptions.add("https://erp.example.com/", [WebhookEvent.SHIPMENT_TRACKING_CHANGED], by=anna)
    with changing(order, anna) as current:
        splits.split(line_of(current, "CANDLE"), 3, to=current.shipments[1], codes_to="with_units", by=anna)
    here, there = (WebhookEvent.SHIPMENT_TRACKING_CHANGED, "U-1-1"), (WebhookEvent.SHIPMENT_TRACKING_CHANGED, "U-1-2")

    assert notifications() == [there]
    undo(order, anna)
    assert notifications() == [here]
    redo(order, anna)
    assert notifications() == [there]


def test_programs_are_not_told_of_what_came_and_went_in_one_undo(order: Order, anna: Actor) -> None:
    with writing():
        subscriptions.add("https://erp.example.com/", WebhookEvent, by=anna)
    ship(order, anna)
    reopen(order, anna)
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)
    with changing(order, anna) as current:
        cancellation.restore(current, by=anna)
    notifications()

    undo(order, anna, steps_of(order, anna).steps[0].id)

    assert notifications() == [(WebhookEvent.ORDER_CHANGED, "U-1")]
