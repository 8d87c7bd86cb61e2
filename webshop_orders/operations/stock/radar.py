"""Restradar: the products that orders wait for, read a page at a time, with what comes and what would come of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, and_, case, func, literal_column, or_, select, tuple_

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.db.parameters import is_one_of
from webshop_orders.models import IncomingDelivery, Line, Order, Product, Shipment
from webshop_orders.operations.stock import forecast, queue
from webshop_orders.operations.stock.forecast import Forecast, WaitingOrder

PAGE_SIZE = 25
MAX_FORESEEN = 300  # orders of a queue that are looked at for what would become of them
TIME_FORMAT = "%Y%m%dT%H%M%S.%f%z"
MAX_INTEGER = 2**62
# Columns of the tables and not of the models, so that rows are read without the ORM.
PRODUCTS, LINES, DELIVERIES = (model.__table__.c for model in (Product, Line, IncomingDelivery))
# Written out, since the databases use their partial indexes only for exactly these conditions.
NOTHING: Any = literal_column("0")
IS_WAITED_FOR = PRODUCTS.backordered > NOTHING
WAITS = LINES.waiting > NOTHING
OF_PRODUCT = and_(LINES.product_id == PRODUCTS.id, WAITS)
SINCE = select(func.min(LINES.placed_at)).where(OF_PRODUCT).correlate(Product.__table__).scalar_subquery()
COUNT = select(func.count(LINES.order_id.distinct())).where(OF_PRODUCT).correlate(Product.__table__).scalar_subquery()
PRODUCT_COLUMNS = (
    PRODUCTS.id,
    PRODUCTS.sku,
    PRODUCTS.name,
    PRODUCTS.stock,
    PRODUCTS.reserved,
    PRODUCTS.backordered,
    COUNT.label("orders"),
    SINCE.label("since"),
)


class Sort(StrEnum):
    """Most units first, longest waiting first, or by SKU."""

    UNITS = "units"
    SINCE = "since"
    SKU = "sku"


@dataclass(frozen=True)
class NextDelivery:
    """The open delivery of a product that comes first; `day` is None where nobody knows it. `later` units follow."""

    delivery_id: int
    units: int
    day: date | None
    later: int


@dataclass(frozen=True)
class WaitedFor:
    """A product that so many `orders` wait for, the oldest of them `since`; `units` are those that they lack.

    `free` units are there that none of these orders may have yet. `forecast` is of the next delivery, or else of the
    fewest units that complete all orders that lack nothing else; None where there are no such orders.
    """

    product_id: int
    sku: str
    name: str
    units: int
    orders: int
    since: datetime | None
    free: int
    next_delivery: NextDelivery | None
    forecast: Forecast | None


@dataclass(frozen=True)
class RadarPage:
    """Some products, and the cursor of the page after them; None on the last one."""

    products: list[WaitedFor]
    after: str | None


def page(sort: Sort = Sort.UNITS, *, after: str | None = None, limit: int = PAGE_SIZE) -> RadarPage:
    """One page of the products that orders wait for, starting after a cursor of the same sort."""
    rows = db.session.execute(products_statement(sort, after, limit + 1)).all()
    shown = rows[:limit]
    ids = [row.id for row in shown]
    queues, deliveries = queues_of(ids), next_deliveries(ids)
    margin = shop_settings.current().stock_safety_margin
    products = [_waited_for(row, queues[row.id], deliveries.get(row.id), margin) for row in shown]
    return RadarPage(products, _encode(sort, shown[-1]) if len(rows) > limit else None)


def foresee(orders: Sequence[WaitingOrder], delivery: NextDelivery | None, *, free: int) -> Forecast | None:
    """What becomes of a queue with the next delivery, or else with the fewest units that help all they can."""
    if delivery is not None:
        return forecast.of_units(orders, delivery.units, free=free)
    return forecast.of_all(orders, free=free)


def products_statement(sort: Sort, after: str | None, limit: int) -> Select[Any]:
    """The products after a cursor, read from the index of what is waited for.

    Those by age are sorted by their oldest line, which is looked up for each product that orders wait for.
    """
    statement = select(*PRODUCT_COLUMNS).where(IS_WAITED_FOR).limit(limit)
    position = _decode(sort, after)
    if sort is Sort.SKU:
        statement = statement.order_by(PRODUCTS.sku)
        return statement if position is None else statement.where(PRODUCTS.sku > position[0])
    if sort is Sort.UNITS:
        statement = statement.order_by(PRODUCTS.backordered.desc(), PRODUCTS.id.desc())
        sequence = tuple_(PRODUCTS.backordered, PRODUCTS.id)
        return statement if position is None else statement.where(sequence < position)
    statement = statement.order_by(SINCE, PRODUCTS.id)
    if position is None:
        return statement
    since, product_id = position
    return statement.where(or_(since < SINCE, and_(since == SINCE, PRODUCTS.id > product_id)))


def queues_of(product_ids: Sequence[int]) -> dict[int, list[WaitingOrder]]:
    """The first `MAX_FORESEEN` orders in the queue of each of these products, by its id."""
    margin = shop_settings.current().stock_safety_margin
    queues: dict[int, list[WaitingOrder]] = defaultdict(list)
    for row in db.session.execute(queues_statement(margin), {"ids": list(product_ids)}):
        queues[row.product_id].append(WaitingOrder(row.order_id, int(row.units), row.ships_whole, row.lacks_more))
    return queues


def queues_statement(margin: int) -> Select[Any]:
    """The queues of the products `ids`: a row for each order, with its units, and whether it lacks anything else.

    What the shop has free of other products is not lacking: an order that ships whole may wait for it without need.
    """
    place = func.row_number().over(partition_by=Line.product_id, order_by=queue.SEQUENCE_OF_ORDERS)
    in_turn = (
        queue.lines(
            Line.product_id,
            Order.id.label("order_id"),
            Order.ships_whole,
            func.sum(Line.waiting).label("units"),
            place.label("place"),
        )
        .where(is_one_of(Line.product_id, "ids"))
        .group_by(Line.product_id, Order.id)
        .subquery("in_turn")
    )
    lines, shipments, products = (model.__table__.alias() for model in (Line, Shipment, Product))
    free = products.c.stock - margin - products.c.reserved
    lacking = (
        select(NOTHING)
        .select_from(shipments)
        .join(lines, lines.c.shipment_id == shipments.c.id)
        .join(products, products.c.id == lines.c.product_id)
        .where(
            shipments.c.order_id == in_turn.c.order_id,
            lines.c.waiting > NOTHING,
            or_(lines.c.product_id != in_turn.c.product_id, shipments.c.gives_stock),
        )
        .group_by(products.c.id, shipments.c.gives_stock)
        .having(or_(shipments.c.gives_stock, func.sum(lines.c.waiting) > case((free > NOTHING, free), else_=NOTHING)))
        .exists()
    )
    return (
        select(
            in_turn.c.product_id,
            in_turn.c.order_id,
            in_turn.c.units,
            in_turn.c.ships_whole,
            lacking.label("lacks_more"),
        )
        .where(in_turn.c.place <= MAX_FORESEEN)
        .order_by(in_turn.c.product_id, in_turn.c.place)
    )


def next_deliveries(product_ids: Sequence[int]) -> dict[int, NextDelivery]:
    """What comes next of some products, by their ids; those that nothing is expected of are missing."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(deliveries_statement(), {"ids": list(product_ids)}):
        found[row.product_id].append(row)
    return {product_id: _next(rows) for product_id, rows in found.items()}


def deliveries_statement() -> Select[Any]:
    """The open deliveries of the products `ids`, by their days; those without one last."""
    remaining = DELIVERIES.quantity - DELIVERIES.received
    return (
        select(DELIVERIES.product_id, DELIVERIES.id, remaining.label("units"), DELIVERIES.expected_on)
        .where(is_one_of(DELIVERIES.product_id, "ids"), DELIVERIES.closed_at.is_(None))
        .order_by(DELIVERIES.product_id, DELIVERIES.expected_on.is_(None), DELIVERIES.expected_on, DELIVERIES.id)
    )


def _next(rows: Sequence[Any]) -> NextDelivery:
    first, *later = rows
    day = date.fromisoformat(first.expected_on) if first.expected_on else None
    return NextDelivery(first.id, max(0, first.units), day, sum(max(0, row.units) for row in later))


def _waited_for(row: Row[Any], orders: Sequence[WaitingOrder], delivery: NextDelivery | None, margin: int) -> WaitedFor:
    free = max(0, (row.stock or 0) - margin - row.reserved)
    return WaitedFor(
        product_id=row.id,
        sku=row.sku,
        name=row.name,
        units=row.backordered,
        orders=row.orders,
        since=row.since,
        free=free,
        next_delivery=delivery,
        forecast=foresee(orders, delivery, free=free),
    )


def _encode(sort: Sort, row: Row[Any]) -> str:
    keys = {Sort.UNITS: row.backordered, Sort.SINCE: row.since and f"{row.since:{TIME_FORMAT}}", Sort.SKU: row.sku}
    return f"{keys[sort]}~{row.id}"


def _decode(sort: Sort, cursor: str | None) -> tuple[Any, int] | None:
    """The sort key and id that a cursor has; None for one that `_encode` did not write for this sort."""
    key, _tilde, product_id = (cursor or "").rpartition("~")
    try:
        position = _decode_key(sort, key), int(product_id)
    except ValueError:
        return None
    numbers = (part for part in position if isinstance(part, int))
    return position if all(abs(number) < MAX_INTEGER for number in numbers) else None


def _decode_key(sort: Sort, key: str) -> Any:
    match sort:
        case Sort.UNITS:
            return int(key)
        case Sort.SINCE:
            return datetime.strptime(key, TIME_FORMAT)
    return key
