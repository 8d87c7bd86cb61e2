"""The list of orders, a page at a time, from cursors that hold while orders come in (keyset paging, both ways)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, select

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.models import DeliveryStatus, Order, OrderStatus, Shipment
from webshop_orders.operations.order_list import full_text, query_plan
from webshop_orders.operations.order_list.full_text import OrderIds
from webshop_orders.operations.order_list.query_plan import OrderFilter, Position, Sort

PAGE = 25
IN_ONE_GO = 500
CURSOR_TIME = "%Y%m%dT%H%M%S.%f"
LARGEST = 2**62


@dataclass(frozen=True)
class ListedOrder:
    """An order as one row of the list; `total` in öre of `currency`."""

    id: int
    number: str
    external_reference: str | None
    placed_at: datetime
    updated_at: datetime
    customer: str
    email: str | None
    phone: str | None
    city: str
    status: OrderStatus
    statuses: tuple[DeliveryStatus, ...]
    units: int
    total: int
    currency: str
    payment_method: str | None
    shipping_method: str | None
    has_failed_mail: bool


@dataclass(frozen=True)
class OrderPage:
    """Some orders, and the cursors of what comes before and after them; None where there is nothing.

    `is_by_key` where what was typed stands for numbers, codes or addresses that begin so, `is_by_arrival` where it is
    sorted by when orders came in; `is_cut` where many orders were asked and few fitted, so that more may come after it.
    """

    orders: list[ListedOrder]
    before: str | None
    after: str | None
    is_by_key: bool
    is_by_arrival: bool
    is_cut: bool


@dataclass(frozen=True)
class Slice:
    """Rows in the direction in which they were read, and the place to go on from; None where nothing comes after."""

    rows: list[Row[Any]]
    end: Position | None
    is_cut: bool = False


SHOWN = (
    Order.id,
    Order.number,
    Order.external_reference,
    Order.placed_at,
    Order.updated_at,
    Order.customer,
    Order.shipping_address,
    Order.status,
    Order.units,
    Order.total,
    Order.currency,
    Order.payment_method,
    Order.shipping_method,
    Order.has_failed_mail,
)


def page(wanted: OrderFilter, *, most: int = PAGE) -> OrderPage:
    """One page of the orders that are wanted; going back ends at the first page, whole."""
    wanted = _look_up(wanted)
    place = _read_cursor(wanted, wanted.before)
    if place is not None:
        back = _read(replace(wanted, descending=not wanted.descending), place, most)
        if back.end is not None:
            nearest = _place(back.rows[0]) if back.rows else back.end
            return _page(wanted, back.rows[::-1], before=back.end, after=nearest, is_cut=back.is_cut)
    place = _read_cursor(wanted, wanted.after)
    part = _read(wanted, place, most)
    first = _place(part.rows[0]) if part.rows else part.end
    return _page(wanted, part.rows, before=first if place else None, after=part.end, is_cut=part.is_cut)


def _look_up(wanted: OrderFilter) -> OrderFilter:
    """Numbers, codes and addresses that begin with what was typed come before orders that have it somewhere."""
    if not wanted.words or wanted.anywhere:
        return wanted
    ids = full_text.by_key(wanted.words, shop_settings.current().number_prefix)
    return replace(wanted, words="", ids=tuple(ids)) if ids else wanted


def statement(wanted: OrderFilter, place: Position | None = None, most: int = PAGE + 1) -> OrderIds:
    """What reads a page: the orders picked along an index, and what the list shows of each."""
    picked = query_plan.pick(wanted, place, most).subquery("picked")
    return select(*SHOWN, picked.c.key).join(picked, picked.c.id == Order.id)


def _read(wanted: OrderFilter, place: Position | None, most: int) -> Slice:
    found = db.session.execute(statement(wanted, place, most + 1)).all()
    rows = sorted(found, key=_place, reverse=wanted.descending)
    if len(rows) > most:
        return Slice(rows[:most], _place(rows[most - 1]))
    end = query_plan.end_of_stretch(wanted, place)
    return Slice(rows, end, is_cut=end is not None)


def _page(
    wanted: OrderFilter, rows: list[Row[Any]], *, before: Position | None, after: Position | None, is_cut: bool
) -> OrderPage:
    return OrderPage(
        _listed(rows),
        before=_cursor(before),
        after=_cursor(after),
        is_by_key=bool(wanted.ids),
        is_by_arrival=wanted.is_by_arrival,
        is_cut=is_cut,
    )


def _place(row: Row[Any]) -> Position:
    return row.key, row.id


def _listed(rows: list[Row[Any]]) -> list[ListedOrder]:
    statuses = _statuses_of([row.id for row in rows])
    return [
        ListedOrder(
            id=row.id,
            number=row.number,
            external_reference=row.external_reference,
            placed_at=row.placed_at,
            updated_at=row.updated_at,
            customer=row.customer.display_name,
            email=row.customer.email,
            phone=row.customer.phone,
            city=row.shipping_address.city,
            status=row.status,
            statuses=tuple(dict.fromkeys(statuses.get(row.id, []))),
            units=row.units,
            total=row.total,
            currency=row.currency,
            payment_method=row.payment_method,
            shipping_method=row.shipping_method,
            has_failed_mail=row.has_failed_mail,
        )
        for row in rows
    ]


def _statuses_of(order_ids: list[int]) -> dict[int, list[DeliveryStatus]]:
    chosen = select(Shipment.order_id, Shipment.status).where(Shipment.order_id.in_(order_ids))
    statuses: dict[int, list[DeliveryStatus]] = {}
    for order_id, status in db.session.execute(chosen.order_by(Shipment.order_id, Shipment.seq)):
        statuses.setdefault(order_id, []).append(status)
    return statuses


def _cursor(place: Position | None) -> str | None:
    if place is None:
        return None
    key, order_id = place
    return f"{f'{key:{CURSOR_TIME}}' if isinstance(key, datetime) else key}~{order_id}"


def _read_cursor(wanted: OrderFilter, cursor: str | None) -> Position | None:
    """The place that a cursor names; one that we did not make for such a list names the beginning."""
    key, _tilde, number = (cursor or "").rpartition("~")
    try:
        return _read_key(wanted, key), _whole(number)
    except ValueError:
        return None


def _read_key(wanted: OrderFilter, text: str) -> Any:
    if wanted.is_by_arrival or wanted.sorted_by is Sort.TOTAL:
        return _whole(text)
    if wanted.sorted_by is Sort.PLACED:
        return datetime.strptime(text, CURSOR_TIME).replace(tzinfo=UTC)
    return text


def _whole(text: str) -> int:
    number = int(text)
    if abs(number) >= LARGEST:
        raise ValueError(text)
    return number
