"""The queue of a product, a page at a time: the orders that wait for it, in the sequence in which they get stock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, false, func, or_, select, true
from sqlalchemy.orm import joinedload

from webshop_orders import expected_days, shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.models import Line, Order, Product, Shipment
from webshop_orders.operations.stock import queue

PAGE_SIZE = 25
MAX_AT_ONCE = 1_000  # orders whose customers are told together
TIME_FORMAT = "%Y%m%dT%H%M%S.%f%z"


@dataclass(frozen=True)
class Lacking:
    """Units of another product that an order lacks too."""

    name: str
    sku: str
    units: int


@dataclass(frozen=True)
class QueuedOrder:
    """An order that waits for `units` of a product, the day on which they are expected, and the one it was promised.

    One that `is_passed_over` gives its stock to others while it is held, and so gets none.
    """

    order: Order
    units: int
    expected_on: date | None
    promised_on: date | None
    is_passed_over: bool
    lacks: list[Lacking] = field(default_factory=list)


@dataclass(frozen=True)
class QueuePage:
    """Some orders of a queue, how many there are from the first of them on, and the cursor of the page after them."""

    orders: list[QueuedOrder]
    count: int
    after: str | None


def page(product: Product, *, after: str | None = None, limit: int = PAGE_SIZE) -> QueuePage:
    """One page of the orders that wait for a product, starting after a cursor."""
    rows = db.session.execute(statement(product.id, after, limit + 1)).all()
    shown = rows[:limit]
    orders = _orders([row.id for row in shown])
    days = expected_days.of_orders(orders)
    queued = [_queued(order, product, days) for order in orders]
    return QueuePage(queued, rows[0].in_all if rows else 0, _encode(*shown[-1][:3]) if len(rows) > limit else None)


def numbers(product: Product, limit: int = MAX_AT_ONCE) -> list[str]:
    """The numbers of the orders that wait for a product, at most `limit`, in the sequence of the queue."""
    waiting = queue.waiting_lines(Order.number).where(Line.product_id == product.id).group_by(Order.id)
    return list(db.session.scalars(waiting.order_by(*queue.SEQUENCE_OF_ORDERS).limit(limit)))


def statement(product_id: int, after: str | None, limit: int) -> Select[Any]:
    """The places in the queue of a product after a cursor, with those that a hold passes over."""
    places = (Order.is_prioritised, Order.placed_at, Order.id, func.count().over().label("in_all"))
    waiting = queue.waiting_lines(*places).where(Line.product_id == product_id).group_by(Order.id)
    position = _decode(after)
    if position is not None:
        is_prioritised, placed_at, order_id = position
        behind = or_(Order.placed_at > placed_at, and_(Order.placed_at == placed_at, Order.id > order_id))
        others = Order.is_prioritised.is_(False) if is_prioritised else false()
        same = Order.is_prioritised.is_(true() if is_prioritised else false())
        waiting = waiting.where(or_(others, and_(same, behind)))
    return waiting.order_by(*queue.SEQUENCE_OF_ORDERS).limit(limit)


def _orders(ids: Sequence[int]) -> list[Order]:
    whole = joinedload(Order.shipments).joinedload(Shipment.lines).joinedload(Line.product)
    return queue.in_sequence(db.session.scalars(select(Order).where(Order.id.in_(ids)).options(whole)).unique())


def _queued(order: Order, product: Product, days: dict[int, date]) -> QueuedOrder:
    own = [line for line in order.lines if line.product_id == product.id and line.backordered]
    promised = [line.promised_on for line in own if line.promised_on]
    return QueuedOrder(
        order,
        units=sum(line.backordered for line in own),
        expected_on=max(days[line.id] for line in own) if all(line.id in days for line in own) else None,
        promised_on=date.fromisoformat(max(promised)) if promised else None,
        is_passed_over=not any(line.shipment.keeps_stock for line in own),
        lacks=_lacking(order, product),
    )


def _lacking(order: Order, product: Product) -> list[Lacking]:
    """What an order waits for besides, but not what is free: one that ships whole waits for that without need."""
    margin = shop_settings.current().stock_safety_margin
    units: dict[Product, int] = {}
    for line in order.lines:
        if line.backordered and line.product is not None and line.product_id != product.id:
            units[line.product] = units.get(line.product, 0) + line.backordered
    return [Lacking(other.name, other.sku, count) for other, count in units.items() if count > other.available(margin)]


def _encode(is_prioritised: bool, placed_at: datetime, order_id: int) -> str:
    return f"{int(is_prioritised)}~{placed_at:{TIME_FORMAT}}~{order_id}"


def _decode(cursor: str | None) -> tuple[bool, datetime, int] | None:
    """The place that a cursor has; None for one that `_encode` did not write."""
    try:
        first, placed_at, order_id = (cursor or "").split("~")
        position = first == "1", datetime.strptime(placed_at, TIME_FORMAT), int(order_id)
    except ValueError:
        return None
    return position if position[2] < 2**62 else None
