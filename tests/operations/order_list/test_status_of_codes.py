"""A tracking code repeats its order's status in the database: one index has the orders of a carrier and a status."""

from flask import Flask
from sqlalchemy import select

from tests.factories import make_order
from tests.operations.steps import changing
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, Order, OrderStatus, TrackingCode
from webshop_orders.operations.order_list import pages
from webshop_orders.operations.order_list.filters import OrderFilter
from webshop_orders.operations.orders import cancellation, shipments, tracking


def statuses_of(order: Order) -> list[str]:
    """The status that each tracking code of an order has in the database."""
    db.session.rollback()
    codes = select(TrackingCode.order_status).where(TrackingCode.order_id == order.id).order_by(TrackingCode.id)
    return list(db.session.scalars(codes))


def numbers_with(carrier: str, status: OrderStatus) -> list[str]:
    return [order.number for order in pages.page(OrderFilter(carrier=carrier, status=status)).orders]


def test_a_code_has_the_status_of_its_order_whatever_changes_it(app: Flask, anna: Actor) -> None:
    order, other = make_order(("CANDLE", 2)), make_order(("CANDLE", 1))
    for each in (order, other):
        with changing(each, anna) as current:
            tracking.add(current.shipments[0], "RR123", "DHL", None, by=anna)
    assert (statuses_of(order), statuses_of(other)) == (["ready"], ["ready"])

    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
        tracking.add(current.shipments[0], "RR456", "DHL", None, by=anna)
    assert (statuses_of(order), statuses_of(other)) == (["shipped", "shipped"], ["ready"])

    with changing(order, anna) as current:
        shipments.reopen(current.shipments[0], by=anna)
        cancellation.cancel(current, by=anna)
    assert (statuses_of(order), statuses_of(other)) == (["cancelled", "cancelled"], ["ready"])


def test_a_list_of_a_carrier_and_a_status_has_each_order_once(app: Flask, anna: Actor) -> None:
    order, other = make_order(("CANDLE", 2)), make_order(("CANDLE", 1))
    with changing(order, anna) as current:
        for code in ("RR123", "RR456"):
            tracking.add(current.shipments[0], code, "DHL", None, by=anna)
    with changing(other, anna) as current:
        tracking.add(current.shipments[0], "RR789", "Bring", None, by=anna)

    assert numbers_with("DHL", OrderStatus.READY) == [order.number]
    assert numbers_with("DHL", OrderStatus.SHIPPED) == []
    assert numbers_with("Bring", OrderStatus.READY) == [other.number]
