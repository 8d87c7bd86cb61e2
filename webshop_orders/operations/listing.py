"""The list of orders: searched, filtered, sorted, and paged by keyset both ways, always along an index.

A list is sorted by number, customer or sum alone or within a status; any other filter sorts it by when orders were
placed, and words by when they came in. So there is an index for each list that the page offers, and none for more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, literal, select, tuple_

from webshop_orders import shop_settings
from webshop_orders.extensions import db
from webshop_orders.models import OPEN_STATUSES, DeliveryStatus, Line, Order, OrderStatus, Shipment, TrackingCode
from webshop_orders.operations import searching
from webshop_orders.operations.searching import Picked, Search

PAGE = 25
IN_ONE_GO = 500
CURSOR_TIME = "%Y%m%dT%H%M%S.%f"
LARGEST = 2**62


class Sort(StrEnum):
    PLACED = "placed"
    NUMBER = "number"
    CUSTOMER = "customer"
    TOTAL = "total"


SORTED_BY: dict[Sort, Any] = {
    Sort.PLACED: Order.placed_at,
    Sort.NUMBER: Order.number_key,
    Sort.CUSTOMER: Order.customer_key,
    Sort.TOTAL: Order.total,
}


@dataclass(frozen=True)
class Wanted:
    """Which orders to list. Times are aware; `product` is a SKU; `after` and `before` are cursors of a page.

    Words that a number, code or address begins with stand for those orders, by their `ids` once they are looked up,
    unless they are wanted `anywhere`.
    """

    words: str = ""
    anywhere: bool = False
    status: OrderStatus | None = None
    placed_from: datetime | None = None
    placed_before: datetime | None = None
    payment: str | None = None
    carrier: str | None = None
    product: str | None = None
    sort: Sort = Sort.PLACED
    descending: bool = True
    after: str | None = None
    before: str | None = None
    ids: tuple[int, ...] = ()

    @property
    def can_be_sorted(self) -> bool:
        """Whether it can be sorted by anything but when the orders were placed."""
        narrower = (
            self.words,
            self.placed_from,
            self.placed_before,
            self.payment,
            self.carrier,
            self.product,
            self.ids,
        )
        return not any(narrower)

    @property
    def is_everything(self) -> bool:
        return self.can_be_sorted and self.status is None

    @property
    def is_by_arrival(self) -> bool:
        """Whether it is led by words, which are looked up in the sequence in which orders came in."""
        return bool(self.words) and self.status not in OPEN_STATUSES

    @property
    def sorted_by(self) -> Sort:
        return self.sort if self.can_be_sorted else Sort.PLACED


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
    has_mail_in_need: bool


@dataclass(frozen=True)
class Page:
    """Some orders, and the cursors of what comes before and after them; None where there is nothing.

    `is_by_key` where what was typed stands for numbers, codes or addresses that begin so.
    """

    orders: list[ListedOrder]
    before: str | None
    after: str | None
    is_by_key: bool = False


Place = tuple[Any, int]
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
    Order.has_mail_in_need,
)


def page(wanted: Wanted, *, most: int = PAGE) -> Page:
    """One page of the orders that are wanted; going back ends at the first page, whole."""
    wanted = _look_up(wanted)
    back = _read_cursor(wanted, wanted.before)
    if back is not None:
        rows = _rows(replace(wanted, descending=not wanted.descending), back, most + 1)
        if len(rows) > most:
            shown = rows[most - 1 :: -1]
            return Page(_listed(shown), _cursor(shown[0]), _cursor(shown[-1]), is_by_key=bool(wanted.ids))
    place = _read_cursor(wanted, wanted.after)
    rows = _rows(wanted, place, most + 1)
    shown = rows[:most]
    return Page(
        _listed(shown),
        before=_cursor(shown[0]) if place is not None and shown else None,
        after=_cursor(shown[-1]) if len(rows) > most else None,
        is_by_key=bool(wanted.ids),
    )


def every(wanted: Wanted) -> Iterator[ListedOrder]:
    """All orders that are wanted, however many there are, some hundred of them in memory at a time."""
    part = page(replace(wanted, after=None, before=None), most=IN_ONE_GO)
    yield from part.orders
    while part.after is not None:
        part = page(replace(wanted, after=part.after, before=None), most=IN_ONE_GO)
        yield from part.orders


def _look_up(wanted: Wanted) -> Wanted:
    """Numbers, codes and addresses that begin with what was typed come before orders that have it somewhere."""
    if not wanted.words or wanted.anywhere:
        return wanted
    ids = searching.by_key(wanted.words, shop_settings.current().number_prefix)
    return replace(wanted, words="", ids=tuple(ids)) if ids else wanted


def statement(wanted: Wanted, place: Place | None = None, most: int = PAGE + 1) -> Picked:
    """What reads a page: the orders picked along an index, and what the list shows of each."""
    picked = _picked(wanted, place, most).subquery("picked")
    return select(*SHOWN, picked.c.key).join(picked, picked.c.id == Order.id)


def _rows(wanted: Wanted, place: Place | None, most: int) -> list[Row[Any]]:
    rows = db.session.execute(statement(wanted, place, most)).all()
    return sorted(rows, key=lambda row: (row.key, row.id), reverse=wanted.descending)


def _picked(wanted: Wanted, place: Place | None, most: int) -> Picked:
    """The orders of a page by `id`, with the `key` that they are sorted by.

    The narrowest of what is wanted leads along its index, and the rest is asked of each order that it leads to.
    """
    if wanted.is_by_arrival:
        conditions = [*_of_period(wanted, Order.placed_at), *_filters(wanted, but="words")]
        after = place[1] if place else None
        return searching.pick(Search(wanted.words, conditions, after, wanted.descending, most))
    is_of_few = bool(wanted.words) or wanted.status in OPEN_STATUSES
    if wanted.product and not is_of_few:
        return _along(Line, Line.sku == wanted.product, "product", wanted, place, most)
    if wanted.carrier and not is_of_few:
        return _along(TrackingCode, TrackingCode.carrier == wanted.carrier, "carrier", wanted, place, most)
    key = SORTED_BY[wanted.sorted_by]
    chosen = select(key.label("key"), Order.id.label("id")).where(*_of_period(wanted, key), *_filters(wanted))
    return _ordered(chosen, (key, Order.id), wanted, place, most)


def _along(
    found_by: type[Line | TrackingCode],
    is_wanted: ColumnElement[bool],
    name: str,
    wanted: Wanted,
    place: Place | None,
    most: int,
) -> Picked:
    """Along the rows that find orders, some of which find the same one."""
    key = (found_by.placed_at, found_by.order_id)
    chosen: Picked = select(key[0].label("key"), key[1].label("id")).where(is_wanted, *_of_period(wanted, key[0]))
    if filters := _filters(wanted, but=name):
        chosen = chosen.join(Order, Order.id == found_by.order_id).where(*filters)
    return _ordered(chosen.group_by(*key), key, wanted, place, most)


def _ordered(chosen: Picked, key: tuple[Any, Any], wanted: Wanted, place: Place | None, most: int) -> Picked:
    if place is not None:
        seen = tuple_(*(literal(value, column.type) for value, column in zip(place, key, strict=True)))
        chosen = chosen.where(tuple_(*key) < seen if wanted.descending else tuple_(*key) > seen)
    return chosen.order_by(*(column.desc() if wanted.descending else column for column in key)).limit(most)


def _of_period(wanted: Wanted, placed_at: Any) -> list[ColumnElement[bool]]:
    conditions = []
    if wanted.placed_from is not None:
        conditions.append(placed_at >= wanted.placed_from)
    if wanted.placed_before is not None:
        conditions.append(placed_at < wanted.placed_before)
    return conditions


def _filters(wanted: Wanted, *, but: str = "") -> list[ColumnElement[bool]]:
    """What is asked of each order, but for what has led to it."""
    asked: dict[str, ColumnElement[bool]] = {}
    if wanted.ids:
        asked["ids"] = Order.id.in_(wanted.ids)
    if wanted.words:
        asked["words"] = searching.matches(wanted.words)
    if wanted.status is not None:
        asked["status"] = Order.status == wanted.status
    if wanted.payment:
        asked["payment"] = Order.payment_method == wanted.payment
    if wanted.carrier:
        asked["carrier"] = _has(TrackingCode, TrackingCode.carrier == wanted.carrier)
    if wanted.product:
        asked["product"] = _has(Line, Line.sku == wanted.product)
    return [condition for name, condition in asked.items() if name != but]


def _has(found_by: type[Line | TrackingCode], is_wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether an order is among those that others find, asked of it alone: the limit keeps it from becoming a join."""
    in_index = (found_by.placed_at == Order.placed_at, found_by.order_id == Order.id)
    return select(found_by.id).where(is_wanted, *in_index).correlate(Order).limit(1).scalar_subquery().is_not(None)


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
            has_mail_in_need=row.has_mail_in_need,
        )
        for row in rows
    ]


def _statuses_of(order_ids: list[int]) -> dict[int, list[DeliveryStatus]]:
    chosen = select(Shipment.order_id, Shipment.status).where(Shipment.order_id.in_(order_ids))
    statuses: dict[int, list[DeliveryStatus]] = {}
    for order_id, status in db.session.execute(chosen.order_by(Shipment.order_id, Shipment.seq)):
        statuses.setdefault(order_id, []).append(status)
    return statuses


def _cursor(row: Row[Any]) -> str:
    key = f"{row.key:{CURSOR_TIME}}" if isinstance(row.key, datetime) else row.key
    return f"{key}~{row.id}"


def _read_cursor(wanted: Wanted, cursor: str | None) -> Place | None:
    """The place that a cursor names; one that we did not make for such a list names the beginning."""
    key, _tilde, number = (cursor or "").rpartition("~")
    try:
        return _read_key(wanted, key), _whole(number)
    except ValueError:
        return None


def _read_key(wanted: Wanted, text: str) -> Any:
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
