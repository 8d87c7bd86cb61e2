"""Goods of the demo that come back: announced, received, exchanged, and a claim that was settled."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.demo.backdating import Clock
from webshop_orders.demo.scenario_orders import ANNA, BO
from webshop_orders.models import Disposition, Line, Order, OrderStatus, Return, ReturnKind, ReturnReason
from webshop_orders.operations.after_sales import returns
from webshop_orders.operations.after_sales.replacements import Replacement
from webshop_orders.operations.after_sales.returns import ReceivedUnits, ReturnedUnits
from webshop_orders.operations.inbox import attention
from webshop_orders.operations.orders import loading

AGES = timedelta(days=5), timedelta(days=30)  # of the orders whose customers send something back
TIMES = {"registered_at": 0, "received_at": 2, "closed_at": 3}  # days after the registration


def make_returns(clock: Clock, morning: datetime) -> None:
    """Register four returns of shipped orders, and take three of them further."""
    found = _lines(morning)
    line = next(found)
    _register(line, ReturnKind.RETURN, ReturnReason.WITHDRAWN, clock, morning - timedelta(hours=20), note="Har ringt")
    line = next(found)
    a_return = _register(line, ReturnKind.RETURN, ReturnReason.DAMAGED_IN_TRANSPORT, clock, morning - timedelta(days=3))
    returns.receive(_order(line), a_return.id, [ReceivedUnits(line.id, 1, Disposition.DISCARD)], by=BO)
    _backdate(_order(line), morning - timedelta(days=3))
    line = next(found)
    other = Replacement(1, product=line.product)
    _register(line, ReturnKind.EXCHANGE, ReturnReason.WRONG_PRODUCT, clock, morning - timedelta(days=1), other)
    line = next(found)
    same = Replacement(1, line_id=line.id)
    a_return = _register(line, ReturnKind.CLAIM, ReturnReason.FAULTY, clock, morning - timedelta(days=4), same)
    returns.close(_order(line), a_return.id, by=ANNA)
    _backdate(_order(line), morning - timedelta(days=4))
    db.session.flush()


def _lines(morning: datetime) -> Iterator[Line]:
    """A line of each order that left some time ago, of products that nobody waits for and that are in stock."""
    shipped = select(Order.number).where(
        Order.status == OrderStatus.SHIPPED, Order.placed_at.between(morning - AGES[1], morning - AGES[0])
    )
    for number in db.session.scalars(shipped.order_by(Order.placed_at.desc(), Order.id)).all():
        order = loading.load_order(number)
        for line in order.lines:
            product = line.product
            if product and product.active and product.available(0) > 1 and not product.backordered:
                yield line
                break


def _register(
    line: Line,
    kind: ReturnKind,
    reason: ReturnReason,
    clock: Clock,
    at: datetime,
    *instead: Replacement,
    note: str | None = None,
) -> Return:
    clock.time = at
    order, units = _order(line), [ReturnedUnits(line.id, 1, reason)]
    expects = kind is not ReturnKind.CLAIM
    a_return = returns.register(order, kind, units, note=note, expects_goods=expects, replacements=instead, by=ANNA)
    _backdate(order, at)
    attention.refresh(order)
    return a_return


def _backdate(order: Order, at: datetime) -> None:
    """Give the returns of an order times of the demo."""

    def dated(a_return: Return) -> Return:
        times = {name: at + timedelta(days=days) for name, days in TIMES.items() if getattr(a_return, name)}
        return replace(a_return, **{name: time.isoformat() for name, time in times.items()})  # type: ignore[arg-type]

    order.returns = [dated(a_return) for a_return in order.returns]


def _order(line: Line) -> Order:
    return line.shipment.order
