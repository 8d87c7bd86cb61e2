"""The pages of the inbox: what needs a person, what has waited longest first, and what was put aside."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, select, tuple_, union_all

from webshop_orders.db.extensions import db
from webshop_orders.db.paging import PAGE
from webshop_orders.models import Comment, InboxItem, InboxKind, Order, OrderStatus

# Columns of the tables and not of the models, so that rows are read without the ORM.
ITEMS: Any = InboxItem.__table__
ORDERS, COMMENTS = Order.__table__.c, Comment.__table__.c


class Position(NamedTuple):
    """Where a page begins: after the row with this time and this id."""

    at: datetime
    id: int


@dataclass(frozen=True)
class ListedItem:
    """A row of the inbox: what needs a person, since when, and the order that it is about.

    `order_version` is what a form that changes the order rests on. `comment` is the beginning of what the customer
    wrote, where nobody has read that.
    """

    id: int
    kind: InboxKind
    subject: str
    since: datetime
    facts: dict[str, Any]
    snoozed_until: datetime | None
    snoozed_by: str | None
    order_id: int | None
    order_number: str | None = None
    order_version: int | None = None
    order_status: OrderStatus | None = None
    customer_name: str | None = None
    customer_company: str | None = None
    is_held: bool | None = None
    comment: str | None = None

    @property
    def customer(self) -> str | None:
        return self.customer_company or self.customer_name


@dataclass(frozen=True)
class InboxPage:
    items: list[ListedItem]
    next_after: Position | None


OF_ITEM = ("id", "kind", "subject", "since", "facts", "snoozed_until", "snoozed_by", "order_id")


def page(kinds: Collection[InboxKind], after: Position | None = None) -> InboxPage:
    """A page of what is shown of some kinds, what has waited longest first; in one statement."""
    if not kinds:
        return InboxPage([], None)
    return _page(statement(kinds, after), lambda item: Position(item.since, item.id))


def put_aside_page(kinds: Collection[InboxKind], after: Position | None = None) -> InboxPage:
    """A page of what was put aside of some kinds, what comes back first first; in one statement."""
    if not kinds:
        return InboxPage([], None)
    return _page(put_aside_statement(kinds, after), lambda item: Position(item.snoozed_until or item.since, item.id))


def find(item_id: int) -> ListedItem | None:
    """One row, shown or not; None where it is dealt with."""
    row = db.session.execute(_with_order(select(*_columns(ITEMS)).where(ITEMS.c.id == item_id))).one_or_none()
    return ListedItem(*row) if row else None


def statement(kinds: Collection[InboxKind], after: Position | None) -> Select[*tuple[Any, ...]]:
    """The query of one page, and one row more: the beginning of each kind's index, merged."""
    parts = [_of_kind(kind, after).subquery() for kind in sorted(kinds)]
    merged = union_all(*[select(*part.c) for part in parts]).subquery()
    first = select(*merged.c).order_by(merged.c.since, merged.c.id).limit(PAGE + 1)
    return _with_order(first, "since")


def put_aside_statement(kinds: Collection[InboxKind], after: Position | None) -> Select[*tuple[Any, ...]]:
    """The query of one page of what was put aside, and one row more."""
    aside = select(*_columns(ITEMS)).where(ITEMS.c.snoozed_until.is_not(None), ITEMS.c.kind.in_(sorted(kinds)))
    if after is not None:
        aside = aside.where(_is_after(ITEMS.c.snoozed_until, after))
    first = aside.order_by(ITEMS.c.snoozed_until, ITEMS.c.id).limit(PAGE + 1)
    return _with_order(first, "snoozed_until")


def _of_kind(kind: InboxKind, after: Position | None) -> Select[*tuple[Any, ...]]:
    shown = select(*_columns(ITEMS)).where(ITEMS.c.kind == kind, ITEMS.c.is_shown)
    if after is not None:
        shown = shown.where(_is_after(ITEMS.c.since, after))
    return shown.order_by(ITEMS.c.since, ITEMS.c.id).limit(PAGE + 1)


def _is_after(column: ColumnElement[datetime], after: Position) -> ColumnElement[bool]:
    return tuple_(column, ITEMS.c.id) > tuple_(after.at, after.id)


def _columns(source: Any) -> list[ColumnElement[Any]]:
    return [source.c[name] for name in OF_ITEM]


def _with_order(items: Select[*tuple[Any, ...]], sequence: str | None = None) -> Select[*tuple[Any, ...]]:
    """Some rows with what is shown of their orders."""
    rows = items.subquery("item")
    comment = (
        select(COMMENTS.text)
        .where(COMMENTS.order_id == rows.c.order_id, COMMENTS.from_customer)
        .limit(1)
        .scalar_subquery()
    )
    joined = select(
        *_columns(rows),
        *(ORDERS.number, ORDERS.version, ORDERS.status, ORDERS.customer_name, ORDERS.customer_company),
        ORDERS.is_held,
        case((rows.c.kind == InboxKind.CUSTOMER_COMMENT, comment)),
    ).select_from(rows.outerjoin(Order.__table__, ORDERS.id == rows.c.order_id))
    return joined.order_by(rows.c[sequence], rows.c.id) if sequence else joined


def _page(query: Select[*tuple[Any, ...]], position_of: Any) -> InboxPage:
    items = [ListedItem(*row) for row in db.session.execute(query)]
    more = len(items) > PAGE
    return InboxPage(items[:PAGE], position_of(items[PAGE - 1]) if more else None)
