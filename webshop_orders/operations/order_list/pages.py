"""A page of the list of orders, read by a plan that is made once (keyset pagination, in both directions)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Row, select

from webshop_orders.db.columns import ValueObject
from webshop_orders.db.extensions import db
from webshop_orders.models import DeliveryStatus, Hold, Order, OrderStatus
from webshop_orders.operations.order_list import cursors, key_lookup, query_plan, statements
from webshop_orders.operations.order_list.cursors import Position
from webshop_orders.operations.order_list.filters import Criterion, OrderFilter
from webshop_orders.operations.order_list.key_lookup import KeyKind, KeyMatches
from webshop_orders.operations.order_list.query_plan import QueryPlan

PAGE_SIZE = 25
KEY_AND_ID = attrgetter("key", "id")
DECODE_HOLDS = ValueObject(Hold, many=True).decoder()


class ListedOrder(NamedTuple):
    """An order as one row of the list; `total`, and what is `to_refund`, in öre of `currency`.

    `holds` is empty where none keeps anything of it from leaving.
    """

    id: int
    number: str
    external_reference: str | None
    shop_number: str | None
    is_test: bool
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
    to_refund: int
    currency: str
    payment_method: str | None
    shipping_method: str | None
    has_failed_mail: bool
    found_by: KeyKind | None
    has_customer_comment: bool
    holds: list[Hold]
    is_prioritised: bool
    ships_whole: bool


@dataclass(frozen=True)
class OrderListPage:
    """Some orders, and the cursors of the pages before and after them; None if there is no such page.

    Orders that have the typed words as their number, reference or tracking code come first on the first page, whatever
    the list is sorted by.

    `is_by_key` if the typed words are the beginning of a number, code, e-mail or phone, `is_by_arrival` if the list is
    sorted by when orders came in, and `is_scan_limited` if reading stopped at the scan limit, so that further orders
    may match.
    """

    orders: list[ListedOrder]
    before: str | None
    after: str | None
    is_by_key: bool
    is_by_arrival: bool
    is_scan_limited: bool


@dataclass(frozen=True)
class ScanResult:
    """Rows in the direction in which they were read, and the position to read on from; None at the list's end."""

    rows: list[Row[Any]]
    end: Position | None
    is_scan_limited: bool = False


def page(order_filter: OrderFilter, *, limit: int = PAGE_SIZE) -> OrderListPage:
    """One page of the orders that match; reading backwards ends at a full first page."""
    matches = key_lookup.find(order_filter.words) if order_filter.words else KeyMatches()
    first_ids = matches.typed if order_filter.anywhere else matches.exact
    plan = query_plan.plan(order_filter, () if order_filter.anywhere else matches.order_ids)
    position = cursors.decode(order_filter.before, plan.key_type)
    if position is not None:
        backward = _read(plan.reversed(), position, limit, first_ids)
        if backward.end is not None:
            nearest = _position(backward.rows[0]) if backward.rows else backward.end
            return _page(plan, matches, backward, backward.rows[::-1], before=backward.end, after=nearest)
    position = cursors.decode(order_filter.after, plan.key_type)
    forward = _read(plan, position, limit, first_ids)
    first = _position(forward.rows[0]) if forward.rows else forward.end
    rows = forward.rows if position else [*_matches_of(order_filter, first_ids), *forward.rows]
    return _page(plan, matches, forward, rows, before=first if position else None, after=forward.end)


def of_numbers(numbers: Sequence[str]) -> list[ListedOrder]:
    """The orders with these numbers, at most `key_lookup.MAX_ORDERS`, in the sequence in which they were placed."""
    order_ids = tuple(db.session.scalars(select(Order.id).where(Order.number.in_(numbers)).order_by(Order.id)))
    return _listed_orders(_matches_of(OrderFilter(), order_ids), KeyMatches())


def _matches_of(order_filter: OrderFilter, order_ids: tuple[int, ...]) -> list[Row[Any]]:
    """Those of the orders that the rest of the filter lets through, in the sequence of the ids."""
    if not order_ids:
        return []
    plan = query_plan.plan(order_filter, order_ids)
    rows = db.session.execute(*statements.matching_orders(plan, None, len(order_ids))).all()
    return sorted(rows, key=lambda row: order_ids.index(row.id))


def _read(plan: QueryPlan, after: Position | None, limit: int, without: tuple[int, ...]) -> ScanResult:
    """Read up to `limit` rows, `without` the orders of these ids."""
    size = limit + 1 + len(without)
    # At once: a result that is left with rows, since one of them cannot be read, would keep SQLite's snapshot open.
    unsorted = db.session.execute(*statements.matching_orders(plan, after, size)).all()
    matching = sorted(unsorted, key=KEY_AND_ID, reverse=plan.descending)
    rows = [row for row in matching if row.id not in without]
    if len(rows) > limit:
        return ScanResult(rows[:limit], _position(rows[limit - 1]))
    end = _last_scanned(plan, after)
    return ScanResult(rows, end, is_scan_limited=end is not None)


def _last_scanned(plan: QueryPlan, after: Position | None) -> Position | None:
    """Where a read with too few matches stopped for the scan limit; None if it came to the end of the list."""
    if not plan.residual:
        return None
    row = db.session.execute(*statements.last_scanned_order(plan, after)).one_or_none()
    return _position(row) if row is not None else None


def _page(
    plan: QueryPlan,
    matches: KeyMatches,
    result: ScanResult,
    rows: list[Row[Any]],
    *,
    before: Position | None,
    after: Position | None,
) -> OrderListPage:
    return OrderListPage(
        _listed_orders(rows, matches),
        before=cursors.encode(before) if before else None,
        after=cursors.encode(after) if after else None,
        is_by_key=plan.driving is Criterion.KEYS,
        is_by_arrival=plan.driving is Criterion.WORDS,
        is_scan_limited=result.is_scan_limited,
    )


def _position(row: Row[Any]) -> Position:
    return Position(row.key, row.id)


def _listed_orders(rows: Iterable[Sequence[Any]], matches: KeyMatches) -> list[ListedOrder]:
    """The rows of `statements.matching_orders`, unpacked at once since reading their columns by name takes longer."""
    return [
        ListedOrder(
            id=order_id,
            number=number,
            external_reference=external_reference,
            shop_number=shop_number,
            is_test=is_test,
            placed_at=placed_at,
            updated_at=updated_at,
            customer=company or name,
            email=email,
            phone=phone,
            city=city,
            status=status,
            statuses=_distinct_statuses(statuses),
            units=units,
            total=total,
            to_refund=max(0, paid - (0 if is_cancelled else total - credited)),
            currency=currency,
            payment_method=payment_method,
            shipping_method=shipping_method,
            has_failed_mail=has_failed_mail,
            found_by=matches.kinds.get(order_id),
            has_customer_comment=has_customer_comment,
            holds=DECODE_HOLDS(holds) if holds else [],
            is_prioritised=is_prioritised,
            ships_whole=ships_whole,
        )
        for (
            order_id,
            number,
            external_reference,
            shop_number,
            is_test,
            placed_at,
            updated_at,
            name,
            company,
            email,
            phone,
            city,
            status,
            statuses,
            units,
            total,
            paid,
            credited,
            is_cancelled,
            currency,
            payment_method,
            shipping_method,
            has_failed_mail,
            has_customer_comment,
            holds,
            is_prioritised,
            ships_whole,
            _key,
        ) in rows
    ]


@lru_cache(maxsize=256)
def _distinct_statuses(names: str | None) -> tuple[DeliveryStatus, ...]:
    """The statuses of an order's shipments, written with commas between them; each once."""
    return tuple(DeliveryStatus(name) for name in dict.fromkeys((names or "").split(",")) if name)
