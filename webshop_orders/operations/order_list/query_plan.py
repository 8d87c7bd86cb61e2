"""How a list is read: the rows of one driving index in the list's sequence, and a check of the rest on each order.

A list is sorted by number, customer or total alone or within a status. Any other filter is sorted by when orders were
placed, and words by when they came in. So there is an index for each list that the page offers, and none for more.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Boolean, ColumnElement, and_, literal_column, select

from webshop_orders.models import Line, Order, OrderStatus, TrackingCode
from webshop_orders.models.order import IS_TO_REFUND
from webshop_orders.operations.order_list import full_text
from webshop_orders.operations.order_list.cursors import KeyType
from webshop_orders.operations.order_list.filters import Criterion, OrderFilter, Sort
from webshop_orders.operations.order_list.full_text import TextQuery

# How many rows of the driving index are checked for a page. Without a limit, a rare match would scan all orders.
SCAN_LIMIT = 10_000

SORT_COLUMNS: dict[Sort, Any] = {
    Sort.PLACED: Order.placed_at,
    Sort.NUMBER: Order.number_key,
    Sort.CUSTOMER: Order.customer_key,
    Sort.TOTAL: Order.total,
}
KEY_TYPES: dict[Sort, KeyType] = {Sort.PLACED: datetime, Sort.NUMBER: str, Sort.CUSTOMER: str, Sort.TOTAL: int}

Predicates = dict[Criterion, ColumnElement[bool]]


@dataclass(frozen=True)
class BTreeIndex:
    """The part of an index in which all `predicates` are true, in the sequence of the columns `key` and `order_id`.

    An index of lines or tracking codes is not unique: it can have an order more than once.
    """

    key: Any
    order_id: Any
    predicates: tuple[ColumnElement[bool], ...]
    is_unique: bool = True


@dataclass(frozen=True)
class QueryPlan:
    """How to read the orders of a filter, from any position on.

    `index` is the driving index, that of the criterion `driving`: a B-tree or, for a `TextQuery`, the text index, which
    has orders in the sequence in which they came in. `residual` predicates are checked on each of its orders, on at
    most `scan_limit` of them a page.
    """

    driving: Criterion
    index: BTreeIndex | TextQuery
    residual: tuple[ColumnElement[bool], ...]
    key_type: KeyType
    descending: bool
    scan_limit: int

    def reversed(self) -> Self:
        """The same orders in the opposite direction."""
        return replace(self, descending=not self.descending)


def plan(order_filter: OrderFilter, order_ids: tuple[int, ...] = ()) -> QueryPlan:
    """The plan for a filter.

    `order_ids` are the orders that have a key that begins with the filter's words; if there are any, the words are not
    looked for elsewhere.
    """
    text = full_text.parse(order_filter.words) if order_filter.words and not order_ids else None
    driving = _driving_criterion(order_filter, order_ids, text)
    predicates = _predicates(order_filter, order_ids, text)
    answered = _answered_by_index(driving, predicates, text)
    return QueryPlan(
        driving=driving,
        index=text or _btree_index(driving, order_filter, [predicates[criterion] for criterion in answered]),
        residual=tuple(predicate for criterion, predicate in predicates.items() if criterion not in answered),
        key_type=int if text else KEY_TYPES[order_filter.effective_sort],
        descending=order_filter.descending,
        scan_limit=SCAN_LIMIT,
    )


def _driving_criterion(order_filter: OrderFilter, order_ids: tuple[int, ...], text: TextQuery | None) -> Criterion:
    """The most selective criterion. Apart from `shipped`, few orders have a status at any time, or they are old."""
    if order_ids:
        return Criterion.KEYS
    if text:
        return Criterion.WORDS
    if order_filter.product:
        return Criterion.PRODUCT
    if order_filter.to_refund:
        return Criterion.REFUND
    if order_filter.status in {None, OrderStatus.SHIPPED} and order_filter.carrier:
        return Criterion.CARRIER
    if order_filter.status in {None, OrderStatus.SHIPPED} and order_filter.payment:
        return Criterion.PAYMENT
    return Criterion.STATUS


def _answered_by_index(driving: Criterion, predicates: Predicates, text: TextQuery | None) -> list[Criterion]:
    """The criteria that need no check on each order."""
    if driving is Criterion.KEYS:
        return list(predicates)  # of at most `key_lookup.MAX_ORDERS` orders, the database checks everything at once
    if text:
        return [Criterion.WORDS] if full_text.is_answered_by_index(text) else []
    return [criterion for criterion in predicates if criterion in {driving, Criterion.PERIOD}]


def _btree_index(driving: Criterion, order_filter: OrderFilter, answered: list[ColumnElement[bool]]) -> BTreeIndex:
    match driving:
        case Criterion.PRODUCT:
            return _index_of_rows(Line, Line.sku == order_filter.product, order_filter)
        case Criterion.CARRIER:
            return _index_of_rows(TrackingCode, TrackingCode.carrier == order_filter.carrier, order_filter)
        case _:
            return BTreeIndex(SORT_COLUMNS[order_filter.effective_sort], Order.id, tuple(answered))


def _index_of_rows(
    model: type[Line | TrackingCode], predicate: ColumnElement[bool], order_filter: OrderFilter
) -> BTreeIndex:
    """An index of the lines or tracking codes of orders; each row repeats when its order was placed."""
    in_period = _period_predicates(order_filter, model.placed_at)
    return BTreeIndex(model.placed_at, model.order_id, (predicate, *in_period), is_unique=False)


def _predicates(order_filter: OrderFilter, order_ids: tuple[int, ...], text: TextQuery | None) -> Predicates:
    """Each criterion of the filter, as it is checked on one order."""
    predicates: Predicates = {}
    if order_ids:
        predicates[Criterion.KEYS] = Order.id.in_(order_ids)
    if text:
        predicates[Criterion.WORDS] = full_text.predicate(text)
    if order_filter.product:
        predicates[Criterion.PRODUCT] = _has_row(Line, Line.sku == order_filter.product)
    if order_filter.carrier:
        predicates[Criterion.CARRIER] = _has_row(TrackingCode, TrackingCode.carrier == order_filter.carrier)
    if order_filter.payment:
        predicates[Criterion.PAYMENT] = Order.payment_method == order_filter.payment
    if order_filter.to_refund:
        predicates[Criterion.REFUND] = literal_column(IS_TO_REFUND, Boolean)
    if order_filter.status is not None:
        predicates[Criterion.STATUS] = Order.status == order_filter.status
    if in_period := _period_predicates(order_filter, Order.placed_at):
        predicates[Criterion.PERIOD] = and_(*in_period)
    return predicates


def _period_predicates(order_filter: OrderFilter, placed_at: Any) -> list[ColumnElement[bool]]:
    predicates = []
    if order_filter.placed_from is not None:
        predicates.append(placed_at >= order_filter.placed_from)
    if order_filter.placed_before is not None:
        predicates.append(placed_at < order_filter.placed_before)
    return predicates


def _has_row(model: type[Line | TrackingCode], predicate: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether an order has such a line or tracking code, looked up in their index."""
    of_order = (model.placed_at == Order.placed_at, model.order_id == Order.id)
    return select(model.id).where(predicate, *of_order).correlate(Order).limit(1).scalar_subquery().is_not(None)
