"""What is in the inbox without being of an order's own state: put there and taken away by what it is about.

What repeats is one row, whose facts say how often (`times`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from webshop_orders.db.extensions import db
from webshop_orders.db.locks import for_update
from webshop_orders.models import InboxItem, InboxKind

TABLE: Any = InboxItem.__table__
TIMES, CALL = "times", "call"
REPEATED = {TIMES, CALL}
INSERTS: dict[str, Callable[[Any], Any]] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


@dataclass(frozen=True)
class Wanted:
    """What a row of the inbox should be."""

    since: datetime
    facts: dict[str, Any]
    order_id: int | None = None


def take(kind: InboxKind, subject: str) -> None:
    """Take something out of the inbox, where it is there."""
    db.session.execute(delete(InboxItem).where(InboxItem.kind == kind, InboxItem.subject == subject))


def make(kind: InboxKind, subject: str, find: Callable[[], Wanted | None]) -> None:
    """Make a row of the inbox what `find` says that it should be; None for no row.

    One that someone put aside comes back where its facts are others now. The row is locked first, so that two who do so
    at once see each other's changes.
    """
    db.session.flush()
    while True:
        row = _lock(kind, subject)
        wanted = find()
        if row is not None:
            _change(row, wanted)
            return
        if wanted is None or _insert(kind, subject, wanted):
            return


def _lock(kind: InboxKind, subject: str) -> InboxItem | None:
    row = select(InboxItem).where(InboxItem.kind == kind, InboxItem.subject == subject)
    return db.session.scalar(for_update(row).execution_options(populate_existing=True))


def _insert(kind: InboxKind, subject: str, wanted: Wanted) -> bool:
    """Insert a row; returns whether nobody else has meanwhile."""
    insert = INSERTS[db.session.get_bind().dialect.name](TABLE)
    values = {"kind": kind, "subject": subject, "since": wanted.since, "facts": wanted.facts, "is_shown": True}
    statement = insert.values(**values, order_id=wanted.order_id)
    inserted = statement.on_conflict_do_nothing(index_elements=["kind", "subject"]).returning(TABLE.c.id)
    return db.session.scalar(inserted) is not None


def _change(row: InboxItem, wanted: Wanted | None) -> None:
    if wanted is None:
        db.session.delete(row)
        db.session.flush()
        return
    if _telling(row.facts) != _telling(wanted.facts):
        row.is_shown, row.wakes_at, row.snoozed_until, row.snoozed_by = True, None, None, None
    for name in ("since", "facts", "order_id"):
        if getattr(row, name) != getattr(wanted, name):
            setattr(row, name, getattr(wanted, name))


def _telling(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts that are others only where something else happened, and not the same once more."""
    return {name: value for name, value in facts.items() if name not in REPEATED}
