"""When the units that orders wait for are expected, computed on reading from queues and incoming deliveries.

A line has the day of the delivery that covers it once those before it in the queue of its product are covered; one
whose order is not in the queue yet comes last. It has none where no delivery covers it, or one without a day, or one
whose day has passed: nobody knows when that comes, so it counts as the last one and is promised to nobody. What is in
stock and not allocated yet is expected today.

An order that ships whole (rule 34) has one day for all of its lines: the last of theirs, or none. Until then it takes
nothing of what there is or comes, which those behind it may have: it is counted after all of them then. What comes on
one day counts as coming at once. Such an order is left out of a queue where it lacks more of another product than is
there and expected, since it is passed by.
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
    Exists,
    String,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
)

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.db.parameters import is_one_of
from webshop_orders.models import IncomingDelivery, Line, Order, Product, Shipment
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

    def has_units_before(self, day: date, free: int) -> bool:
        """Whether units are `free` or come before a day, so that others may have them by then."""
        return free > 0 or any(earlier < day for earlier, _units in self.supplies)

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
        outlook = outlooks[_product(line).id]
        own[_product(line).id] += line.backordered
        place = outlook.ahead.get(order.id, outlook.queued) + own[_product(line).id]
        if (day := outlook.day(place, _product(line).available(margin))) is not None:
            days[line] = day
    if not order.ships_whole:
        return days
    return dict.fromkeys(lines, day) if (day := _of_whole(order, lines, days, outlooks)) else {}


def _of_whole(order: Order, lines: list[Line], days: Days, outlooks: dict[int, _Outlook]) -> date | None:
    """The day on which all of an order is there at once, even if those behind it get what comes before."""
    if len(days) < len(lines):
        return None
    last = max(days.values())
    while True:
        late = [_day_after_all(order, line, lines, outlooks[_product(line).id], last) for line in lines]
        known = [day for day in late if day is not None]
        if len(known) < len(late):
            return None
        if max(known) <= last:
            return last
        last = max(known)


def _day_after_all(order: Order, line: Line, lines: list[Line], outlook: _Outlook, day: date) -> date | None:
    """The day on which all that wait for a line's product have theirs; `day` where nobody may get any before that."""
    product = _product(line)
    free = product.available(shop_settings.current().stock_safety_margin)
    if not outlook.has_units_before(day, free):
        return day
    own = 0 if order.id in outlook.ahead else sum(each.backordered for each in lines if _product(each) is product)
    return outlook.day(outlook.queued + own, free)


def _product(line: Line) -> Product:
    assert line.product is not None, "lines of tracked products have one"
    return line.product


def _read(product_ids: set[int | None], order_ids: set[int]) -> dict[int, _Outlook]:
    outlooks: dict[int, _Outlook] = defaultdict(_Outlook)
    parameters: dict[str, Any] = {
        "products": sorted(filter(None, product_ids)),
        "orders": sorted(filter(None, order_ids)),
    }
    parameters |= {"today": shop_settings.today().isoformat(), "margin": shop_settings.current().stock_safety_margin}
    rows = db.session.connection().execute(statement(), parameters)
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
    grouped = joined.where(*of_products, or_(~Order.ships_whole, ~_is_passed_by()))
    return grouped.group_by(Line.product_id, *order, Order.id).cte("queue")


def _is_passed_by() -> Exists:
    """Whether an order lacks more of another product than is free and expected of it."""
    shipments, lines, products, coming = (
        model.__table__.alias() for model in (Shipment, Line, Product, IncomingDelivery)
    )
    free = products.c.stock - bindparam("margin") - products.c.reserved
    expected = select(func.coalesce(func.sum(coming.c.quantity - coming.c.received), 0)).where(
        coming.c.product_id == products.c.id,
        coming.c.closed_at.is_(None),
        coming.c.expected_on >= bindparam("today"),
    )
    lacking = (
        select(products.c.id)
        .select_from(shipments)
        .join(lines, lines.c.shipment_id == shipments.c.id)
        .join(products, products.c.id == lines.c.product_id)
        .where(
            shipments.c.order_id == Order.id,
            ~shipments.c.gives_stock,
            lines.c.waiting > literal_column("0"),
            lines.c.product_id != Line.product_id,
        )
        .group_by(products.c.id)
        .having(func.sum(lines.c.waiting) > case((free > 0, free), else_=0) + expected.scalar_subquery())
    )
    return lacking.correlate(Order, Line).exists()
