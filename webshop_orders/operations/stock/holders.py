"""Who holds a product: the open orders that have reserved units of it or wait for it, in the sequence of its queue."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ScalarSelect, Select, func, literal_column, select, text, tuple_

from webshop_orders.db.extensions import db
from webshop_orders.models import DeliveryStatus, Line, Order, OrderStatus, Product, Shipment
from webshop_orders.models.order import IS_WAITING as IS_OPEN

PAGE_SIZE = 20
TIME_FORMAT = "%Y%m%dT%H%M%S.%f%z"
MAX_ID = 2**62


class Holder(NamedTuple):
    """An order with `held` units of a product reserved, and `waiting` units that it waits for.

    `is_held` if a hold keeps some of it from leaving.
    """

    id: int
    number: str
    customer: str
    placed_at: datetime
    is_prioritised: bool
    is_held: bool
    status: OrderStatus
    held: int
    waiting: int


@dataclass(frozen=True)
class HolderPage:
    holders: list[Holder]
    after: str | None


def page(product: Product, *, after: str | None = None, limit: int = PAGE_SIZE) -> HolderPage:
    """Some of the orders that hold a product, after a cursor; none of a product whose stock is not tracked."""
    if not product.is_tracked or not (product.reserved or product.backordered):
        return HolderPage([], None)
    rows = db.session.execute(statement(product.id, after, limit + 1)).all()
    holders = [Holder(*row) for row in rows[:limit]]
    return HolderPage(holders, _cursor(holders[-1]) if len(rows) > limit else None)


def statement(product_id: int, after: str | None, limit: int) -> Select[*tuple[Any, ...]]:
    """The orders beyond a cursor, those put first before others and then the oldest first.

    Led by the open orders: of a product that has sold for years, hardly any line belongs to one of them.
    """
    customer = func.coalesce(Order.__table__.c.customer_company, Order.__table__.c.customer_name)
    query: Any = select(
        Order.id,
        Order.number,
        customer,
        Order.placed_at,
        Order.is_prioritised,
        Order.is_held,
        Order.status,
        _of_open_shipments(product_id, func.sum(Line.reserved)),
        _of_open_shipments(product_id, func.sum(Line.waiting)),
    ).where(text(IS_OPEN), _of_open_shipments(product_id, literal_column("1"), limit=1).is_not(None))
    if (position := _position(after)) is not None:
        is_prioritised, placed_at, order_id = position
        later = tuple_(Order.placed_at, Order.id) > (placed_at, order_id)
        query = query.where(
            (Order.is_prioritised & later) | ~Order.is_prioritised if is_prioritised else ~Order.is_prioritised & later
        )
    return query.order_by(Order.is_prioritised.desc(), Order.placed_at, Order.id).limit(limit)


def _of_open_shipments(product_id: int, column: Any, *, limit: int | None = None) -> ScalarSelect[Any]:
    """A column of an order's lines of a product that have not left; a subquery that databases run for each order.

    `+ 0` keeps them from the index of all lines that the product ever had.
    """
    lines = select(column).select_from(Shipment).join(Line, Line.shipment_id == Shipment.id).limit(limit)
    is_open = Shipment.status != DeliveryStatus.SHIPPED
    return (
        lines.where(Shipment.order_id == Order.id, is_open, Line.product_id + 0 == product_id)
        .correlate(Order)
        .scalar_subquery()
    )


def _cursor(holder: Holder) -> str:
    return f"{int(holder.is_prioritised)}~{holder.placed_at:{TIME_FORMAT}}~{holder.id}"


def _position(cursor: str | None) -> tuple[bool, datetime, int] | None:
    """The position of a cursor; None for one that `_cursor` did not write."""
    try:
        flag, time, order_id = (cursor or "").split("~")
        placed_at, number = datetime.strptime(time, TIME_FORMAT), int(order_id)
    except ValueError:
        return None
    return (flag == "1", placed_at, number) if abs(number) < MAX_ID else None
