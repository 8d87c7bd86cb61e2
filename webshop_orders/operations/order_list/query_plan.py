"""Which orders a page of the list has: one of the wishes leads along its index, and the rest is asked of each order.

A list is sorted by number, customer or sum alone or within a status; any other filter sorts it by when orders were
placed, and words by when they came in. So there is an index for each list that the page offers, and none for more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, select, tuple_

from webshop_orders.db.extensions import db
from webshop_orders.models import Line, Order, OrderStatus, TrackingCode
from webshop_orders.operations.order_list import full_text
from webshop_orders.operations.order_list.full_text import OrderIds

# So many orders are asked for one page at most, or what hardly any order has would be looked for in all of them.
SCAN_LIMIT = 10_000

Position = tuple[Any, int]


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


class Criterion(StrEnum):
    """What a list can be narrowed by."""

    KEYS = "keys"
    WORDS = "words"
    PRODUCT = "product"
    CARRIER = "carrier"
    PAYMENT = "payment"
    STATUS = "status"
    PERIOD = "period"


@dataclass(frozen=True)
class OrderFilter:
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
        return bool(self.words)

    @property
    def sorted_by(self) -> Sort:
        return self.sort if self.can_be_sorted else Sort.PLACED


@dataclass(frozen=True)
class QueryPlan:
    """How orders are led to: what leads along its index, what that index answers, and what is asked of each order."""

    leading: Criterion
    led: list[ColumnElement[bool]]
    rest: list[ColumnElement[bool]]


def pick(wanted: OrderFilter, place: Position | None, most: int) -> OrderIds:
    """The orders from a place on, by `id`, with the `key` that they are sorted by, and in its sequence."""
    way = _way(wanted)
    if not way.rest:
        return _led(wanted, way, place, most)
    stretch = _led(wanted, way, place, SCAN_LIMIT).subquery("stretch")
    # Asked of each order by itself, which the limit keeps from becoming a join of all.
    fitting = select(Order.id).where(Order.id == stretch.c.id, *way.rest).correlate(stretch).limit(1).scalar_subquery()
    # The stretch keeps its sequence: sorted here, all of it would be asked before the first is shown.
    return select(stretch.c.key, stretch.c.id).where(fitting.is_not(None)).limit(most)


def end_of_stretch(wanted: OrderFilter, place: Position | None) -> Position | None:
    """The last order that `pick` asked where too few fitted; None where there were no more to ask."""
    way = _way(wanted)
    if not way.rest:
        return None
    last = db.session.execute(_led(wanted, way, place, SCAN_LIMIT).limit(1).offset(SCAN_LIMIT - 1)).one_or_none()
    return (last.key, last.id) if last is not None else None


def _way(wanted: OrderFilter) -> QueryPlan:
    leading, conditions = _leading(wanted), _conditions(wanted)
    if leading is Criterion.KEYS:
        covered = set(conditions)  # so few that all is asked at once
    elif leading is Criterion.WORDS:
        covered = {Criterion.WORDS} if full_text.is_led(wanted.words) else set()
    else:
        covered = {leading, Criterion.PERIOD}  # a period is a part of the index
    return QueryPlan(
        leading,
        led=[condition for wish, condition in conditions.items() if wish in covered],
        rest=[condition for wish, condition in conditions.items() if wish not in covered],
    )


def _leading(wanted: OrderFilter) -> Criterion:
    """What leads along its index: the narrowest. All but shipped orders are few, and soon shipped or old."""
    if wanted.ids:
        return Criterion.KEYS
    if wanted.words:
        return Criterion.WORDS
    if wanted.product:
        return Criterion.PRODUCT
    if wanted.status in {None, OrderStatus.SHIPPED} and wanted.carrier:
        return Criterion.CARRIER
    if wanted.status in {None, OrderStatus.SHIPPED} and wanted.payment:
        return Criterion.PAYMENT
    return Criterion.STATUS


def _led(wanted: OrderFilter, way: QueryPlan, place: Position | None, most: int) -> OrderIds:
    match way.leading:
        case Criterion.WORDS:
            after = place[1] if place else None
            return full_text.along(wanted.words, after, descending=wanted.descending, most=most)
        case Criterion.PRODUCT:
            return _along_finders(Line, Line.sku == wanted.product, wanted, place, most)
        case Criterion.CARRIER:
            return _along_finders(TrackingCode, TrackingCode.carrier == wanted.carrier, wanted, place, most)
        case _:
            return _along(SORTED_BY[wanted.sorted_by], Order.id, way.led, wanted, place, most)


def _along_finders(
    finders: type[Line | TrackingCode],
    is_wanted: ColumnElement[bool],
    wanted: OrderFilter,
    place: Position | None,
    most: int,
) -> OrderIds:
    """Along the rows that find orders, some of which find the same one."""
    key, order_id = finders.placed_at, finders.order_id
    return _along(key, order_id, [is_wanted, *_of_period(wanted, key)], wanted, place, most).group_by(key, order_id)


def _along(
    key: Any,
    order_id: Any,
    conditions: list[ColumnElement[bool]],
    wanted: OrderFilter,
    place: Position | None,
    most: int,
) -> OrderIds:
    chosen = select(key.label("key"), order_id.label("id")).where(*conditions)
    if place is not None:
        seen = tuple_(literal(place[0], key.type), literal(place[1], order_id.type))
        chosen = chosen.where(tuple_(key, order_id) < seen if wanted.descending else tuple_(key, order_id) > seen)
    return chosen.order_by(*(column.desc() if wanted.descending else column for column in (key, order_id))).limit(most)


def _conditions(wanted: OrderFilter) -> dict[Criterion, ColumnElement[bool]]:
    """All that is asked, each as what can be asked of one order."""
    conditions: dict[Criterion, ColumnElement[bool]] = {}
    if wanted.ids:
        conditions[Criterion.KEYS] = Order.id.in_(wanted.ids)
    if wanted.words:
        conditions[Criterion.WORDS] = full_text.matches(wanted.words)
    if wanted.product:
        conditions[Criterion.PRODUCT] = _has(Line, Line.sku == wanted.product)
    if wanted.carrier:
        conditions[Criterion.CARRIER] = _has(TrackingCode, TrackingCode.carrier == wanted.carrier)
    if wanted.payment:
        conditions[Criterion.PAYMENT] = Order.payment_method == wanted.payment
    if wanted.status is not None:
        conditions[Criterion.STATUS] = Order.status == wanted.status
    if period := _of_period(wanted, Order.placed_at):
        conditions[Criterion.PERIOD] = and_(*period)
    return conditions


def _of_period(wanted: OrderFilter, placed_at: Any) -> list[ColumnElement[bool]]:
    conditions = []
    if wanted.placed_from is not None:
        conditions.append(placed_at >= wanted.placed_from)
    if wanted.placed_before is not None:
        conditions.append(placed_at < wanted.placed_before)
    return conditions


def _has(finders: type[Line | TrackingCode], is_wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether an order is among those that others find, asked along their index."""
    in_index = (finders.placed_at == Order.placed_at, finders.order_id == Order.id)
    return select(finders.id).where(is_wanted, *in_index).correlate(Order).limit(1).scalar_subquery().is_not(None)
