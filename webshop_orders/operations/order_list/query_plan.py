"""How a list is read: the rows of one driving index in the list's sequence, and a check of the rest on each order.

A list is sorted by number, customer or total alone or within a status. Any other filter is sorted by when orders were
placed, and words by when they came in. So there is an index for each list that the page offers, and none for more.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from webshop_orders.operations.order_list import full_text
from webshop_orders.operations.order_list.cursors import KeyType
from webshop_orders.operations.order_list.filters import Criterion, OrderFilter, Sort
from webshop_orders.operations.order_list.full_text import TextQuery
from webshop_orders.text.search import searched_words

# How many rows of the driving index are checked for a page. Without a limit, a rare match would scan all orders.
SCAN_LIMIT = 10_000

KEY_TYPES: dict[Sort, KeyType] = {Sort.PLACED: datetime, Sort.NUMBER: str, Sort.CUSTOMER: str, Sort.TOTAL: int}

# The criteria that need no check where one of them drives: an index has them together, or leaves few rows out.
PERIOD = {Criterion.PLACED_FROM, Criterion.PLACED_BEFORE}
OF_ANY_ORDER = {Criterion.NOT_HELD, *PERIOD}
ANSWERED: dict[Criterion, set[Criterion]] = {
    Criterion.KEYS: set(Criterion),  # of at most `key_lookup.MAX_ORDERS` orders, the database checks everything at once
    Criterion.WORDS: set(),
    Criterion.PRODUCT: {Criterion.PRODUCT, *PERIOD},
    Criterion.REFUND: {Criterion.REFUND, *OF_ANY_ORDER},
    Criterion.HELD: {Criterion.HELD, *PERIOD},
    Criterion.WAITING: {Criterion.WAITING, *OF_ANY_ORDER},
    Criterion.CARRIER: {Criterion.CARRIER, Criterion.STATUS, *PERIOD},
    Criterion.PAYMENT: {Criterion.PAYMENT, Criterion.STATUS, *OF_ANY_ORDER},
    Criterion.STATUS: {Criterion.STATUS, *OF_ANY_ORDER},
}


@dataclass(frozen=True)
class PlanShape:
    """What the statements of a plan depend on: which criteria there are, but not the values that they are compared to.

    The driving index is that of the criterion `driving`: a B-tree that has orders in the sequence of `sort` and with
    which the `answered` criteria need no check, or the index of `text`, which has orders in the sequence in which they
    came in. `residual` criteria are checked on each order.
    """

    driving: Criterion
    answered: tuple[Criterion, ...]
    residual: tuple[Criterion, ...]
    text: TextQuery | None
    sort: Sort
    descending: bool


@dataclass(frozen=True)
class QueryPlan:
    """How to read the orders of a filter, from any position on.

    `parameters` are the values of the filter in the statements of its `shape`. At most `scan_limit` orders a page are
    checked.
    """

    shape: PlanShape
    parameters: dict[str, Any]
    key_type: KeyType
    scan_limit: int

    @property
    def driving(self) -> Criterion:
        return self.shape.driving

    @property
    def residual(self) -> tuple[Criterion, ...]:
        return self.shape.residual

    @property
    def descending(self) -> bool:
        return self.shape.descending

    def reversed(self) -> Self:
        """The same orders in the opposite direction."""
        return replace(self, shape=replace(self.shape, descending=not self.descending))


def plan(order_filter: OrderFilter, order_ids: tuple[int, ...] = ()) -> QueryPlan:
    """The plan for a filter.

    `order_ids` are the orders that have a key that begins with the filter's words; if there are any, the words are not
    looked for elsewhere.
    """
    words = searched_words(order_filter.words) if order_filter.words and not order_ids else None
    text = full_text.query_of(words) if words is not None else None
    values = _values(order_filter, order_ids)
    driving = _driving_criterion(values)
    answered = {Criterion.WORDS} if text is not None and text.is_exact else ANSWERED[driving]
    shape = PlanShape(
        driving=driving,
        answered=tuple(criterion for criterion in values if criterion in answered),
        residual=tuple(criterion for criterion in values if criterion not in answered),
        text=text,
        sort=order_filter.effective_sort,
        descending=order_filter.descending,
    )
    parameters: dict[str, Any] = {criterion.value: value for criterion, value in values.items()}
    if words is not None:
        parameters |= full_text.parameters(words)
    return QueryPlan(shape, parameters, int if text else KEY_TYPES[shape.sort], SCAN_LIMIT)


def _driving_criterion(values: dict[Criterion, Any]) -> Criterion:
    """The most selective criterion; the status where there is none, whose indexes have all orders too."""
    return next((criterion for criterion in ANSWERED if criterion in values), Criterion.STATUS)


def _values(order_filter: OrderFilter, order_ids: tuple[int, ...]) -> dict[Criterion, Any]:
    """The value of each criterion of the filter."""
    values: dict[Criterion, Any] = {
        Criterion.KEYS: order_ids or None,
        Criterion.WORDS: None if order_ids else order_filter.words or None,
        Criterion.PRODUCT: order_filter.product or None,
        Criterion.CARRIER: order_filter.carrier or None,
        Criterion.PAYMENT: order_filter.payment or None,
        Criterion.REFUND: order_filter.to_refund or None,
        Criterion.HELD: order_filter.held or None,
        Criterion.NOT_HELD: True if order_filter.held is False else None,
        Criterion.WAITING: order_filter.waiting or None,
        Criterion.STATUS: order_filter.status,
        Criterion.PLACED_FROM: order_filter.placed_from,
        Criterion.PLACED_BEFORE: order_filter.placed_before,
    }
    return {criterion: value for criterion, value in values.items() if value is not None}
