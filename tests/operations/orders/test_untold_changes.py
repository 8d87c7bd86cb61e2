"""What the customer of an order does not know of yet."""

import pytest
from flask import Flask
from sqlalchemy import update

from tests.factories import make_order, make_product
from tests.operations.steps import line_of, read
from tests.operations.undo.steps import make_user, redo, undo
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.mailing.changes import Changed, OrderChange, since_last_notified
from webshop_orders.mailing.context import change_rows
from webshop_orders.models import Actor, Message, MessageState, Order
from webshop_orders.operations.audit import personal_data
from webshop_orders.operations.orders import confirmations, lines, shipments, shipping_fee, splits
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.transactions.unit_of_work import editing, writing


@pytest.fixture
def order(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Order:
    monkeypatch.setitem(app.config, "MAIL_SERVER", "mail.example.com")
    make_product("LJUS", name="Ljus", stock=50, price=19_900)
    make_product("STAKE", name="Stake", stock=50, price=29_900)
    return make_order(("LJUS", 3), ("STAKE", 2))


def untold(order: Order) -> list[OrderChange]:
    """As an order that is only read has them, and one of the session."""
    changes = since_last_notified(get_order(order.number))
    assert since_last_notified(read(order)) == changes
    return changes


def set_quantity(order: Order, sku: str, quantity: int, by: Actor) -> None:
    with editing(order.number, None, by) as edited:
        lines.change(line_of(edited, sku), quantity=quantity, by=by)
        within = since_last_notified(edited)
    assert within == untold(order), "the change itself counts before it is committed"


def test_an_order_as_it_was_placed_has_nothing_to_tell(order: Order, anna: Actor) -> None:
    assert untold(order) == []
    with editing(order.number, None, anna) as edited:
        splits.split(line_of(edited, "LJUS"), 1, to=None, by=anna)
    assert untold(order) == []


def test_changes_of_a_product_are_one_and_none_if_they_cancel_each_other_out(order: Order, anna: Actor) -> None:
    set_quantity(order, "LJUS", 5, anna)
    set_quantity(order, "LJUS", 4, anna)
    set_quantity(order, "STAKE", 1, anna)
    assert untold(order) == [OrderChange("Ljus", 3, 4), OrderChange("Stake", 2, 1)]
    set_quantity(order, "LJUS", 3, anna)
    assert untold(order) == [OrderChange("Stake", 2, 1)]


def test_a_price_and_a_discount_are_told_beside_the_quantity(order: Order, anna: Actor) -> None:
    with editing(order.number, None, anna) as edited:
        candle = line_of(edited, "LJUS")
        lines.change(candle, quantity=2, unit_price=15_000, discount=1_000, reason="Repad", by=anna)
    assert untold(order) == [
        OrderChange("Ljus", 3, 2),
        OrderChange("Ljus", 19_900, 15_000, Changed.UNIT_PRICE),
        OrderChange("Ljus", 0, 1_000, Changed.DISCOUNT),
    ]
    with editing(order.number, None, anna) as edited:
        lines.change(line_of(edited, "LJUS"), unit_price=19_900, reason="Nej", by=anna)
    assert [change.what for change in untold(order)] == [Changed.QUANTITY, Changed.DISCOUNT]
    with editing(order.number, None, anna) as edited:
        lines.remove(line_of(edited, "LJUS"), by=anna)
    assert untold(order) == [OrderChange("Ljus", 3, 0)]


def test_a_discount_that_followed_the_quantity_is_told_as_it_is_now(order: Order, anna: Actor) -> None:
    with editing(order.number, None, anna) as edited:
        lines.change(line_of(edited, "LJUS"), discount=3_000, reason="Repad", by=anna)
    set_quantity(order, "LJUS", 2, anna)
    assert untold(order) == [OrderChange("Ljus", 3, 2), OrderChange("Ljus", 0, 2_000, Changed.DISCOUNT)]
    with editing(order.number, None, anna) as edited:
        confirmations.send_order_changed(edited, "asa@example.com", by=anna)
    set_quantity(order, "LJUS", 1, anna)
    assert untold(order) == [OrderChange("Ljus", 2, 1), OrderChange("Ljus", 2_000, 1_000, Changed.DISCOUNT)]
    set_quantity(order, "LJUS", 2, anna)
    assert untold(order) == []


def test_the_discount_of_a_product_is_told_as_a_whole_where_it_is_in_two_lines(order: Order, anna: Actor) -> None:
    with editing(order.number, None, anna) as edited:
        splits.split(line_of(edited, "LJUS"), 1, to=None, by=anna)
    for shipment, discount in ((0, 1_000), (1, 500)):
        with editing(order.number, None, anna) as edited:
            candles = next(line for line in edited.shipments[shipment].lines if line.sku == "LJUS")
            lines.change(candles, discount=discount, reason="Repad", by=anna)
    assert untold(order) == [OrderChange("Ljus", 0, 1_500, Changed.DISCOUNT)]


def change_shipping(order: Order, method: str | None, price: int, by: Actor) -> None:
    with editing(order.number, None, by) as edited:
        shipping_fee.change(edited, method, price, by=by)


def test_the_shipping_method_and_fee_are_told_each_by_itself(order: Order, anna: Actor) -> None:
    method, price = read(order).shipping_method, read(order).shipping_price
    change_shipping(order, method, price + 100, anna)
    assert untold(order) == [OrderChange(None, price, price + 100, Changed.SHIPPING)]
    change_shipping(order, "DHL", price, anna)
    assert untold(order) == [OrderChange(None, method, "DHL", Changed.SHIPPING_METHOD)]
    change_shipping(order, None, price, anna)
    assert untold(order) == ([OrderChange(None, method, None, Changed.SHIPPING_METHOD)] if method else [])
    change_shipping(order, method or "Post", price, anna)
    assert untold(order) == ([] if method else [OrderChange(None, None, "Post", Changed.SHIPPING_METHOD)])


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("Post", "DHL", {"before": "Post", "after": "DHL"}),
        (None, "DHL", {"before": None, "after": "DHL"}),
        ("Post", None, {"before": "Post", "after": None}),
    ],
)
def test_the_mail_names_a_changed_shipping_method(
    order: Order, before: str | None, after: str | None, told: dict[str, str | None]
) -> None:
    changes = [OrderChange(None, before, after, Changed.SHIPPING_METHOD)]
    assert change_rows(read(order), changes, "sv") == [{"product": "Leveranssätt", **told}]
    assert change_rows(read(order), changes, "en") == [{"product": "Delivery method", **told}]


def test_what_was_mailed_is_told_and_what_came_after_is_not(order: Order, anna: Actor) -> None:
    set_quantity(order, "LJUS", 5, anna)
    with editing(order.number, None, anna) as edited:
        confirmations.send_order_changed(edited, "asa@example.com", by=anna)
    assert untold(order) == []
    set_quantity(order, "STAKE", 7, anna)
    assert untold(order) == [OrderChange("Stake", 2, 7)]
    with editing(order.number, None, anna) as edited:
        confirmations.send_order_confirmation(edited, "asa@example.com", by=anna)
    assert untold(order) == []


@pytest.mark.parametrize("state", [MessageState.HELD, MessageState.GIVEN_UP, MessageState.WITHDRAWN])
def test_a_mail_that_did_not_go_told_nobody(order: Order, anna: Actor, state: MessageState) -> None:
    set_quantity(order, "LJUS", 5, anna)
    with editing(order.number, None, anna) as edited:
        message_id = _sent(edited, anna)
    with writing():
        values: dict[str, object] = {
            "state": state,
            "due_at": None,
            "held_because": "no_server" if state is MessageState.HELD else None,
        }
        values["withdrawn_at"] = now() if state is MessageState.WITHDRAWN else None
        db.session.execute(update(Message).where(Message.id == message_id).values(values))
    assert untold(order) == [OrderChange("Ljus", 3, 5)]


def _sent(order: Order, by: Actor) -> int:
    message = confirmations.send_order_changed(order, "asa@example.com", by=by)
    db.session.flush()
    return message.id


def test_what_was_taken_back_is_not_told_and_what_was_carried_out_again_is(order: Order, anna: Actor) -> None:
    by = make_user("Anna")
    with editing(order.number, None, by) as edited:
        lines.change(line_of(edited, "LJUS"), quantity=5, unit_price=10_000, reason="Repad", by=by)
    undo(order, by)
    assert untold(order) == []
    redo(order, by)
    changes = [OrderChange("Ljus", 3, 5), OrderChange("Ljus", 19_900, 10_000, Changed.UNIT_PRICE)]
    assert untold(order) == changes


def test_an_order_without_personal_data_has_nothing_to_tell(order: Order, anna: Actor) -> None:
    set_quantity(order, "LJUS", 5, anna)
    undo(order, change_as(make_user("Anna"), order))
    with editing(order.number, None, anna) as edited:
        shipments.ship(edited.shipments[0], by=anna)
    with writing():
        personal_data.erase("asa@example.com", by=anna)
    assert untold(order) == []


def change_as(by: Actor, order: Order) -> Actor:
    set_quantity(order, "STAKE", 4, by)
    return by


def test_what_was_told_and_then_taken_back_is_told_again(order: Order, anna: Actor) -> None:
    by = make_user("Anna")
    with editing(order.number, None, by) as edited:
        lines.remove(line_of(edited, "LJUS"), by=by)
    with editing(order.number, None, anna) as edited:
        confirmations.send_order_changed(edited, "asa@example.com", by=anna)
    assert untold(order) == []
    undo(order, by)
    assert untold(order) == [OrderChange("Ljus", 0, 3)]


def test_lines_without_a_product_are_told_apart_by_their_names(order: Order, anna: Actor) -> None:
    for name in ("Kort", "Papper"):
        with editing(order.number, None, anna) as edited:
            lines.add_free(edited, name, 1, unit_price=100, vat_rate=2500, by=anna)

    assert untold(order) == [OrderChange("Kort", 0, 1), OrderChange("Papper", 0, 1)]
