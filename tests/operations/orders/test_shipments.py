"""Rules 5, 6 and 7: delivery status, shipping and reopening."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product, reshape_shop
from tests.operations.steps import changing, kinds_of, last_event, line_of, messages_of, read, shape, stock_of
from webshop_orders.db.extensions import db
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import (
    Actor,
    Customer,
    DeliveryStatus,
    EventKind,
    MailHoldReason,
    MessageKind,
    MessageState,
    Order,
    OrderStatus,
    Product,
)
from webshop_orders.operations.orders import cancellation, lines, shipments, splits


def ship(order: Order, by: Actor, seq: int = 1) -> None:
    with changing(order, by) as current:
        shipments.ship(shipments.get(current, seq), by=by)


def reopen(order: Order, by: Actor, seq: int = 1) -> None:
    with changing(order, by) as current:
        shipments.reopen(shipments.get(current, seq), by=by)


def set_status(order: Order, status: DeliveryStatus, by: Actor) -> None:
    with changing(order, by) as current:
        shipments.set_status(current.shipments[0], status, by=by)


def deliveries(order: Order) -> list[str | None]:
    """The shipments that a delivery confirmation was queued for."""
    mails = messages_of(order)
    return [mail.shipment_reference for mail in mails if mail.kind is MessageKind.DELIVERY_CONFIRMATION]


def test_an_unknown_shipment_is_not_found(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1))

    with pytest.raises(NotFound, match=order.number), changing(order, anna) as current:
        shipments.get(current, 2)


def test_rule_06_shipping_twice_changes_nothing_and_mails_nothing(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=5)
    order = make_order(("CANDLE", 3))
    ship(order, anna)
    shipped_at, version = read(order).shipments[0].shipped_at, read(order).version

    with pytest.raises(NoChange):
        ship(order, anna)
    with pytest.raises(NoChange):
        set_status(order, DeliveryStatus.SHIPPED, anna)

    assert read(order).shipments[0].shipped_at == shipped_at
    assert read(order).version == version
    assert stock_of("CANDLE") == (2, 0, 0)
    assert deliveries(order) == [f"{order.number}-1"]
    assert kinds_of(order).count(EventKind.SHIPMENT_SHIPPED) == 1


def test_rule_06_shipping_sets_the_time_reduces_stock_and_queues_one_confirmation(app: Flask, anna: Actor) -> None:
    app.config["MAIL_SERVER"] = "127.0.0.1"
    make_product("CANDLE", stock=5)
    order = make_order(("CANDLE", 3))

    set_status(order, DeliveryStatus.SHIPPED, anna)

    shipment = read(order).shipments[0]
    assert shipment.status is DeliveryStatus.SHIPPED
    assert shipment.shipped_at is not None
    assert shipment.shipped_at.tzinfo is not None
    assert stock_of("CANDLE") == (2, 0, 0)
    (mail,) = (message for message in messages_of(order) if message.kind is MessageKind.DELIVERY_CONFIRMATION)
    assert (mail.recipient, mail.shipment_reference) == ("asa@example.com", f"{order.number}-1")
    assert (mail.state, mail.automatic) == (MessageState.QUEUED, True)


def test_rule_06_each_shipment_has_a_confirmation_of_its_own(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 3))
    with changing(order, anna) as current:
        splits.split(line_of(current, "CANDLE"), 1, to=None, by=anna)

    ship(order, anna, 2)
    assert read(order).status is OrderStatus.PARTLY_SHIPPED
    ship(order, anna, 1)

    assert deliveries(order) == [f"{order.number}-2", f"{order.number}-1"]
    assert read(order).status is OrderStatus.SHIPPED


def test_rule_06_a_cancelled_order_cannot_be_shipped(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=5)
    order = make_order(("CANDLE", 3))
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)

    with pytest.raises(RuleViolation, match=order.number):
        ship(order, anna)

    assert stock_of("CANDLE") == (5, 0, 0)
    assert deliveries(order) == []


def test_rule_19_with_automatic_delivery_confirmations_off_the_mail_is_held(app: Flask, anna: Actor) -> None:
    app.config["MAIL_SERVER"] = "127.0.0.1"
    reshape_shop(mails_delivery_confirmations=False)
    order = make_order(("CANDLE", 3))

    ship(order, anna)

    (mail,) = (message for message in messages_of(order) if message.kind is MessageKind.DELIVERY_CONFIRMATION)
    assert (mail.state, mail.held_because, mail.due_at) == (MessageState.HELD, MailHoldReason.NOT_AUTOMATIC, None)
    assert last_event(order).facts["mailed_to"] is None


def test_rule_18_a_shipment_without_an_email_address_can_be_shipped(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 3), customer=Customer("Åsa Öberg"))

    ship(order, anna)

    assert read(order).status is OrderStatus.SHIPPED
    assert messages_of(order) == []


def test_rule_18_the_mail_of_a_change_that_is_rolled_back_is_rolled_back_too(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=5)
    order = make_order(("CANDLE", 3))

    def fail_before_the_commit() -> None:
        with changing(order, anna) as current:
            shipments.ship(current.shipments[0], by=anna)
            db.session.flush()
            raise RuntimeError("the power fails")

    with pytest.raises(RuntimeError, match="power"):
        fail_before_the_commit()

    assert deliveries(order) == []
    assert read(order).message_count == len(messages_of(order)) == 1
    assert stock_of("CANDLE") == (5, 3, 0)


def test_rule_07_reopening_returns_the_goods_and_mails_nothing(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=5)
    order = make_order(("CANDLE", 3))
    ship(order, anna)
    mails = len(messages_of(order))

    reopen(order, anna)

    shipment = read(order).shipments[0]
    assert (shipment.status, shipment.shipped_at) == (DeliveryStatus.READY, None)
    assert stock_of("CANDLE") == (5, 3, 0)
    assert shape(order) == {1: [("CANDLE", 3, 3)]}
    assert kinds_of(order)[-1] is EventKind.SHIPMENT_REOPENED
    assert len(messages_of(order)) == mails


def test_rule_07_reopening_units_shipped_beyond_stock_makes_them_backordered(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=1)
    order = make_order(("CANDLE", 3))
    ship(order, anna)

    reopen(order, anna)

    assert shape(order) == {1: [("CANDLE", 3, 1)]}
    assert stock_of("CANDLE") == (1, 1, 2)
    assert read(order).shipments[0].status is DeliveryStatus.BACKORDERED


def test_rule_07_reopening_takes_no_unit_that_another_order_has_reserved(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=3)
    order, other = make_order(("CANDLE", 2)), make_order(("CANDLE", 2))
    ship(order, anna)
    ship(other, anna)  # one more than was in stock
    third = make_order(("CANDLE", 1))

    reopen(order, anna)

    assert shape(order) == {1: [("CANDLE", 2, 1)]}
    assert shape(third) == {1: [("CANDLE", 1, 0)]}
    assert stock_of("CANDLE") == (1, 1, 2)


def test_rule_07_an_open_shipment_cannot_be_reopened(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 3))

    with pytest.raises(NoChange):
        reopen(order, anna)

    assert kinds_of(order) == [EventKind.ORDER_PLACED]


def test_rule_07_shipping_a_reopened_shipment_queues_another_mail(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=5)
    order = make_order(("CANDLE", 3))
    ship(order, anna)
    reopen(order, anna)

    ship(order, anna)

    assert stock_of("CANDLE") == (2, 0, 0)
    assert len(deliveries(order)) == 2


@pytest.mark.parametrize(
    ("stock", "status"), [(0, DeliveryStatus.BACKORDERED), (2, DeliveryStatus.BACKORDERED), (3, DeliveryStatus.READY)]
)
def test_rule_05_one_backordered_unit_makes_the_shipment_backordered(
    app: Flask, stock: int, status: DeliveryStatus
) -> None:
    make_product("CANDLE", stock=stock)

    order = make_order(("WICK", 1), ("CANDLE", 3))

    assert read(order).shipments[0].status is status
    assert read(order).status.value == status.value


def test_rule_05_a_status_set_by_hand_is_valid_until_the_next_change_of_its_lines(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=2)
    order = make_order(("CANDLE", 3))
    set_status(order, DeliveryStatus.READY, anna)
    assert read(order).status is OrderStatus.READY

    with changing(order, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=4, by=anna)

    assert read(order).shipments[0].status is DeliveryStatus.BACKORDERED


def test_rule_05_a_change_of_another_shipment_keeps_a_status_set_by_hand(app: Flask, anna: Actor) -> None:
    wick = make_product("WICK")
    order = make_order(("CANDLE", 3))
    with changing(order, anna) as current:
        splits.split(line_of(current, "CANDLE"), 1, to=None, by=anna)
    set_status(order, DeliveryStatus.BACKORDERED, anna)

    with changing(order, anna) as current:
        product = db.session.get_one(Product, wick.id)
        lines.add(current, product, 1, to=shipments.get(current, 2), by=anna)

    assert [shipment.status for shipment in read(order).shipments] == [
        DeliveryStatus.BACKORDERED,
        DeliveryStatus.READY,
    ]


def test_rule_05_setting_the_same_status_is_no_change(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 3))

    with pytest.raises(NoChange):
        set_status(order, DeliveryStatus.READY, anna)

    assert kinds_of(order) == [EventKind.ORDER_PLACED]


@pytest.mark.parametrize("status", [DeliveryStatus.READY, DeliveryStatus.BACKORDERED])
def test_rule_07_the_status_of_a_shipped_shipment_cannot_be_set_by_hand(
    app: Flask, anna: Actor, status: DeliveryStatus
) -> None:
    order = make_order(("CANDLE", 3))
    ship(order, anna)

    with pytest.raises(RuleViolation, match=f"{order.number}-1"):
        set_status(order, status, anna)

    assert read(order).shipments[0].status is DeliveryStatus.SHIPPED


def test_the_status_of_a_cancelled_order_cannot_be_set(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 3))
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)

    with pytest.raises(RuleViolation, match=order.number):
        set_status(order, DeliveryStatus.BACKORDERED, anna)


def test_the_database_refuses_a_shipped_shipment_without_a_time(app: Flask) -> None:
    order = make_order(("CANDLE", 3))
    shipment = order.shipments[0]

    with pytest.raises(Exception, match=r"(?i)check constraint"):
        db.session.execute(db.text("update shipments set status = 'shipped' where id = :id").bindparams(id=shipment.id))
