"""Which orders a list has and how it is sorted: plain values, without SQL."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from webshop_orders.models import OrderStatus


class Sort(StrEnum):
    """What a list can be sorted by."""

    PLACED = "placed"
    NUMBER = "number"
    CUSTOMER = "customer"
    TOTAL = "total"


class Criterion(StrEnum):
    """What a list can be filtered by. KEYS are numbers, codes, e-mails and phones that begin with the typed words."""

    KEYS = "keys"
    WORDS = "words"
    PRODUCT = "product"
    CARRIER = "carrier"
    PAYMENT = "payment"
    REFUND = "refund"
    HELD = "held"
    NOT_HELD = "not_held"
    WAITING = "waiting"
    STATUS = "status"
    PLACED_FROM = "placed_from"
    PLACED_BEFORE = "placed_before"


@dataclass(frozen=True)
class OrderFilter:
    """Which orders to list, and from where on.

    `words` are looked up as the beginning of a key first, unless they are to be found `anywhere` in an order.
    `placed_from` (inclusive) and `placed_before` (exclusive) are aware times, `product` is a SKU, `to_refund` lists
    only orders of which the shop has more than they cost, `held` only those that are paused or, if False, that are not,
    `waiting` those of which something has not left, and `after` and `before` are cursors of a page.
    """

    words: str = ""
    anywhere: bool = False
    status: OrderStatus | None = None
    placed_from: datetime | None = None
    placed_before: datetime | None = None
    payment: str | None = None
    carrier: str | None = None
    product: str | None = None
    to_refund: bool = False
    held: bool | None = None
    waiting: bool = False
    sort: Sort = Sort.PLACED
    descending: bool = True
    after: str | None = None
    before: str | None = None

    @property
    def is_sortable(self) -> bool:
        """Whether the list can be sorted by anything but the time at which orders were placed.

        There is an index for each `Sort` alone and within a status, and for no other combination. Few of the orders in
        it are held, so those that are not need no index of their own.
        """
        period = (self.placed_from, self.placed_before)
        flags = (self.to_refund, self.held, self.waiting)
        return not any((self.words, *period, self.payment, self.carrier, self.product, *flags))

    @property
    def includes_all(self) -> bool:
        """Whether every order matches."""
        return self.is_of_status and self.status is None

    @property
    def is_of_status(self) -> bool:
        """Whether nothing but a status, or nothing at all, is asked for."""
        return self.is_sortable and self.held is None

    @property
    def effective_sort(self) -> Sort:
        return self.sort if self.is_sortable else Sort.PLACED
