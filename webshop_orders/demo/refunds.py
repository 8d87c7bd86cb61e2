"""Money of the demo that is given back, of cancelled orders too, and a payment that came in by itself."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.demo.backdating import Clock
from webshop_orders.demo.scenario_orders import ANNA, BO
from webshop_orders.models import Order, OrderStatus, ReturnState
from webshop_orders.operations.after_sales import payments, refunds
from webshop_orders.operations.after_sales.refunds import RequestedRefund
from webshop_orders.operations.inbox import attention
from webshop_orders.operations.orders import loading

MAX_LOOKED_AT = 40
REFUNDED_WITHIN = timedelta(days=5)


def make_refunds(clock: Clock, morning: datetime) -> None:
    """Request the refund of what came back, give money back for a late parcel, and register a payment."""
    _refund_cancelled(clock, morning)
    clock.time = morning - timedelta(hours=12)  # the evening before
    orders = _shipped(morning)
    for order in orders:
        for a_return in order.returns:
            wanted = refunds.proposed_for(order, a_return)
            if a_return.state is ReturnState.RECEIVED and wanted.lines:
                refunds.request(order, wanted, by=BO)
                attention.refresh(order)
    paid = next((order for order in orders if not order.returns and order.paid >= 20_000), None)
    if paid is not None:
        refunds.request(paid, RequestedRefund(amount=5_000, reason="Sen leverans", done=True), by=ANNA)
        attention.refresh(paid)
    unpaid = next((order for order in orders if not order.returns and refunds.refundable(order).to_pay), None)
    if unpaid is not None:
        left, day = refunds.refundable(unpaid).to_pay, morning.date() - timedelta(days=1)
        payments.register(unpaid, left, method="swish", paid_on=day, by=ANNA)
        attention.refresh(unpaid)
    for order in orders:
        _backdate(order, clock.time)
    db.session.flush()


def _refund_cancelled(clock: Clock, morning: datetime) -> None:
    """Give the money back of what was cancelled more than a few days ago; that of the latest is still to be."""
    cancelled = select(Order.number).where(
        Order.status == OrderStatus.CANCELLED, Order.cancelled_at < morning - REFUNDED_WITHIN, Order.paid > 0
    )
    for number in db.session.scalars(cancelled.order_by(Order.id)).all():
        order = loading.load_order(number)
        clock.time = (order.cancelled_at or morning) + timedelta(hours=1)
        refunds.request(order, RequestedRefund(overpaid=order.paid, reason="Avbeställd", done=True), by=ANNA)
        _backdate(order, clock.time)
        attention.refresh(order)


def _shipped(morning: datetime) -> list[Order]:
    """Orders that left before that evening, the latest first."""
    shipped = select(Order.number).where(
        Order.status == OrderStatus.SHIPPED, Order.placed_at < morning - timedelta(days=2)
    )
    latest = shipped.order_by(Order.placed_at.desc(), Order.id).limit(MAX_LOOKED_AT)
    return [loading.load_order(number) for number in db.session.scalars(latest).all()]


def _backdate(order: Order, at: datetime) -> None:
    """Give the refunds and payments of an order times of the demo."""
    moment = at.isoformat()
    order.refunds = [
        replace(refund, requested_at=moment, done_at=moment if refund.done_at else None) for refund in order.refunds
    ]
    order.registered_payments = [replace(payment, at=moment) for payment in order.registered_payments]
