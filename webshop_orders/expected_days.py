"""When the units that orders wait for are expected, computed on reading from queues and incoming deliveries.

A line has the day of the delivery that covers it once those before it in the queue of its product are covered; one
whose order is not in the queue yet comes last. It has none where no delivery covers it, or one without a day, or one
whose day has passed: nobody knows when that comes, so it counts as the last one and is promised to nobody. What is in
stock and not allocated yet is expected today. An order that ships whole has one day for all of its lines: the last of
theirs, or none. Orders behind it in a queue can get theirs sooner, since it takes none before that day (rule 34).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    BindParameter,
    CompoundSelect,
    String,
    bindparam,
    cast,
    func,
    null,
    select,
    union_all,
)

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.db.parameters import is_one_of
from webshop_orders.models import IncomingDelivery, Line, Order, Shipment
from webshop_orders.models.waiting import IS_PLACED, IS_WAITING, SEQUENCE_OF_ORDERS

Days = dict[Line, date]
# Few; their number in the statement lets databases see that the index of waiting lines is best.
PRODUCTS: BindParameter[Any] = bindparam("products", expanding=True)


@dataclass
class _Outlook:
    """A product's queue and supply: units `ahead` of each order, `queued` in all, and what comes on each day."""

    ahead: dict[int, int] = field(default_factory=dict)
    queued: int = 0
    supplies: list[tuple[date, int]] = field(default_factory=list)

    def day(self, place: int, free: int) -> date | None:
        """The day on which the unit at this place of the queue is there, where `free` units are there today."""
        if place <= free:
            return shop_settings.today()
        for day, units in self.supplies:
            free += units
            if place <= free:
                return day
        return None


def of_lines(orders: Iterable[Order]) -> Days:
    """The days of backordered lines that have one, in one statement; none where nothing that they wait for is expected.

    Of the lines as they are in memory; their products are loaded.
    """
    waiting = {order: lines for order in orders if _is_expected(lines := list(_waiting(order)))}
    if not waiting:
        return {}
    outlooks = _read({line.product_id for lines in waiting.values() for line in lines}, {order.id for order in waiting})
    days: Days = {}
    for order, lines in waiting.items():
        days |= _of_order(order, lines, outlooks)
    return days


def of_orders(orders: Iterable[Order]) -> dict[int, date]:
    """As `of_lines`, by the id of the line."""
    return {line.id: day for line, day in of_lines(orders).items()}


def last(lines: Iterable[Line], days: Days) -> date | None:
    """The day on which all that some lines wait for is there; None where they wait for nothing, or one has no day."""
    waiting = [line for line in lines if line.backordered]
    return max((days[line] for line in waiting), default=None) if all(line in days for line in waiting) else None


def of_order(order: Order) -> date | None:
    """The day on which all that an order waits for is there; None where it waits for nothing, or a line has no day."""
    return last(order.lines, of_lines([order]))


def _waiting(order: Order) -> Iterator[Line]:
    """The lines that are in the queue of a product."""
    for shipment in order.open_shipments:
        if shipment.keeps_stock:
            yield from (line for line in shipment.lines if line.uncovered and line.is_tracked)


def _is_expected(lines: list[Line]) -> bool:
    return any(line.product is not None and line.product.next_delivery_on for line in lines)


def _of_order(order: Order, lines: list[Line], outlooks: dict[int, _Outlook]) -> Days:
    margin, own, days = shop_settings.current().stock_safety_margin, Counter[int](), {}
    for line in lines:
        assert line.product is not None, "lines of tracked products have one"
        outlook = outlooks[line.product.id]
        own[line.product.id] += line.backordered
        place = outlook.ahead.get(order.id, outlook.queued) + own[line.product.id]
        if (day := outlook.day(place, line.product.available(margin))) is not None:
            days[line] = day
    if not order.ships_whole:
        return days
    return dict.fromkeys(lines, max(days.values())) if len(days) == len(lines) else {}


def _read(product_ids: set[int | None], order_ids: set[int]) -> dict[int, _Outlook]:
    outlooks: dict[int, _Outlook] = defaultdict(_Outlook)
    parameters = {"products": sorted(filter(None, product_ids)), "orders": sorted(filter(None, order_ids))}
    rows = db.session.connection().execute(statement(), {**parameters, "today": shop_settings.today().isoformat()})
    for product_id, order_id, day, units in rows:
        outlook = outlooks[product_id]
        if day is not None:
            outlook.supplies.append((date.fromisoformat(day), units))
        elif order_id is not None:
            outlook.ahead[order_id] = units
        else:
            outlook.queued = units
    for outlook in outlooks.values():
        outlook.supplies.sort()
    return outlooks


@cache
def statement() -> CompoundSelect[Any]:
    """Of some products: the units ahead of some orders, all that are waited for, and what comes on which day."""
    queue = _queue()
    no_order, no_day = cast(null(), BigInteger), cast(null(), String)
    ahead = select(queue.c.product_id, queue.c.order_id, no_day, queue.c.ahead)
    queued = select(queue.c.product_id, no_order, no_day, func.sum(queue.c.units)).group_by(queue.c.product_id)
    remaining = IncomingDelivery.quantity - IncomingDelivery.received
    coming = select(IncomingDelivery.product_id, no_order, IncomingDelivery.expected_on, remaining)
    return union_all(
        ahead.where(is_one_of(queue.c.order_id, "orders")),
        queued,
        coming.where(
            IncomingDelivery.product_id.in_(PRODUCTS),
            IncomingDelivery.closed_at.is_(None),
            IncomingDelivery.expected_on >= bindparam("today"),
        ),
    )


def _queue() -> CTE:
    """What each order waits for of some products, and what is waited for before it."""
    order = (Line.order_id, Order.is_prioritised, Order.placed_at)
    units = func.sum(Line.waiting)
    until = func.sum(units).over(partition_by=Line.product_id, order_by=SEQUENCE_OF_ORDERS)
    waiting = select(Line.product_id, Line.order_id, units.label("units"), (until - units).label("ahead"))
    joined = waiting.join(Line.shipment).join(Shipment.order)
    of_products = (IS_WAITING, IS_PLACED, Line.product_id.in_(PRODUCTS), ~Shipment.gives_stock)
    return joined.where(*of_products).group_by(Line.product_id, *order, Order.id).cte("queue")
