"""Customers of the demo who withdraw: from a whole purchase, from some of one, and from none that can be found."""

from datetime import datetime, timedelta

from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.models import Order, OrderStatus, WithdrawnLine
from webshop_orders.operations.inbox import derived
from webshop_orders.operations.orders import withdrawals
from webshop_orders.operations.orders.withdrawals import Statement

ADDRESS = "192.0.2.1"


def make_withdrawals(morning: datetime) -> None:
    """State them on the morning of the demo; the worker looks for their orders once it runs."""
    shipped, open_order = _latest(OrderStatus.SHIPPED), _latest(OrderStatus.READY)
    line = min(open_order.lines, key=lambda line: line.id)
    statements = [
        _statement(shipped),
        _statement(open_order, WithdrawnLine(line.name, 1)),
        Statement("LL-20417", "Kerstin Frid", "kerstin.frid@example.com", "sv", (WithdrawnLine("den blå duken"),)),
    ]
    for minutes, statement in enumerate(statements):
        withdrawal = withdrawals.receive(statement, f"demo-{minutes}", address=ADDRESS)
        withdrawal.received_at = morning + timedelta(minutes=13 * minutes)
        derived.withdrawal(withdrawal)


def _latest(status: OrderStatus) -> Order:
    """The latest order with a status whose customer can be mailed."""
    found = select(Order).where(Order.status == status, Order.email_key != "").order_by(Order.placed_at.desc())
    order = db.session.scalars(found.limit(1)).one()
    db.session.refresh(order, ["shipments"])
    for shipment in order.shipments:
        db.session.refresh(shipment, ["lines"])
    return order


def _statement(order: Order, *lines: WithdrawnLine) -> Statement:
    return Statement(order.number, order.customer.name, order.customer.email or "", "sv", lines)
