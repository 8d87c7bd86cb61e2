"""The list of orders: searched, filtered, and paged by keyset, so that its last page costs what its first does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, literal, or_, select, tuple_

from webshop_orders.columns import UtcDateTime, fold
from webshop_orders.extensions import db
from webshop_orders.models import OPEN_STATUSES, DeliveryStatus, Order, OrderStatus, Shipment

PAGE = 25
CURSOR = re.compile(r"([0-9]{8}T[0-9]{6}\.[0-9]{6})-([1-9][0-9]{0,17})")
PHONE = re.compile(r"[0-9 ()+/-]+")
SHORTEST_PHONE = 5
CURSOR_TIME = "%Y%m%dT%H%M%S.%f"


@dataclass(frozen=True)
class Wanted:
    """Which orders to list. Times are aware; `after` is the cursor of the page before."""

    words: str = ""
    status: OrderStatus | None = None
    placed_from: datetime | None = None
    placed_before: datetime | None = None
    oldest_first: bool = False
    after: str | None = None


@dataclass(frozen=True)
class ListedOrder:
    """An order as one row of the list; `total` in öre of `currency`."""

    id: int
    number: str
    placed_at: datetime
    customer: str
    status: OrderStatus
    statuses: tuple[DeliveryStatus, ...]
    units: int
    total: int
    currency: str
    has_mail_in_need: bool


@dataclass(frozen=True)
class Page:
    orders: list[ListedOrder]
    next_cursor: str | None


def page(wanted: Wanted) -> Page:
    """One page of the orders that are wanted, newest first unless they are wanted otherwise."""
    rows = db.session.execute(_chosen(wanted).limit(PAGE + 1)).all()
    shown = rows[:PAGE]
    statuses = _statuses_of([row.id for row in shown])
    cursor = _cursor(shown[-1]) if len(rows) > PAGE else None
    return Page([_listed(row, statuses.get(row.id, [])) for row in shown], cursor)


def count_open() -> dict[OrderStatus, int]:
    """How many orders stand in each status that asks for work; those that are done are too many to count."""
    counted = select(Order.status, func.count()).where(Order.status.in_(OPEN_STATUSES)).group_by(Order.status)
    return {row[0]: row[1] for row in db.session.execute(counted)}


def _chosen(wanted: Wanted) -> Select[*tuple[Any, ...]]:
    key = tuple_(Order.placed_at, Order.id)
    order_by = (Order.placed_at, Order.id) if wanted.oldest_first else (Order.placed_at.desc(), Order.id.desc())
    statement: Select[*tuple[Any, ...]] = select(
        Order.id,
        Order.number,
        Order.placed_at,
        Order.customer,
        Order.status,
        Order.units,
        Order.total,
        Order.currency,
        Order.has_mail_in_need,
    ).order_by(*order_by)
    statement = statement.where(*_matches(wanted.words))
    if wanted.status is not None:
        statement = statement.where(Order.status == wanted.status)
    if wanted.placed_from is not None:
        statement = statement.where(Order.placed_at >= wanted.placed_from)
    if wanted.placed_before is not None:
        statement = statement.where(Order.placed_at < wanted.placed_before)
    if (after := _read_cursor(wanted.after)) is not None:
        statement = statement.where(key > after if wanted.oldest_first else key < after)
    return statement


def _matches(words: str) -> list[ColumnElement[bool]]:
    """Every word has to be found; a phone number is one word, however it is spaced."""
    digits = re.sub(r"\D", "", words).removeprefix("00")
    if PHONE.fullmatch(words) and len(digits) >= SHORTEST_PHONE:
        wanted = {fold(words), digits, re.sub("^46", "0", digits)}  # a number may be kept as dialled within Sweden
        return [or_(*(Order.search_text.contains(one, autoescape=True) for one in sorted(wanted)))]
    return [Order.search_text.contains(word, autoescape=True) for word in fold(words).split()]


def _listed(row: Row[Any], statuses: list[DeliveryStatus]) -> ListedOrder:
    return ListedOrder(
        id=row.id,
        number=row.number,
        placed_at=row.placed_at,
        customer=row.customer.display_name,
        status=row.status,
        statuses=tuple(dict.fromkeys(statuses)),
        units=row.units,
        total=row.total,
        currency=row.currency,
        has_mail_in_need=row.has_mail_in_need,
    )


def _statuses_of(order_ids: list[int]) -> dict[int, list[DeliveryStatus]]:
    chosen = select(Shipment.order_id, Shipment.status).where(Shipment.order_id.in_(order_ids))
    statuses: dict[int, list[DeliveryStatus]] = {}
    for order_id, status in db.session.execute(chosen.order_by(Shipment.order_id, Shipment.seq)):
        statuses.setdefault(order_id, []).append(status)
    return statuses


def _cursor(row: Row[Any]) -> str:
    placed_at: datetime = row.placed_at
    return f"{placed_at:{CURSOR_TIME}}-{row.id}"


def _read_cursor(cursor: str | None) -> Any:
    """The place that a cursor names; one that we did not make names the beginning."""
    match = CURSOR.fullmatch(cursor or "")
    if match is None:
        return None
    try:
        placed_at = datetime.strptime(match[1], CURSOR_TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return tuple_(literal(placed_at, UtcDateTime()), literal(int(match[2])))
