"""The access log, the latest first: searched by name, filtered by kind, and paged by keyset."""

from dataclasses import dataclass

from sqlalchemy import select

from webshop_orders.db import paging
from webshop_orders.db.columns import folded
from webshop_orders.db.extensions import db
from webshop_orders.db.text_search import contains_typed
from webshop_orders.models import AccessEntry, AccessKind


@dataclass(frozen=True)
class AccessLogFilter:
    """Which entries to list; `before` is the cursor: the id of the last one on the previous page."""

    words: str = ""
    kind: AccessKind | None = None
    before: int | None = None


@dataclass(frozen=True)
class AccessLogPage:
    entries: list[AccessEntry]
    next_before: int | None


def page(criteria: AccessLogFilter) -> AccessLogPage:
    query = select(AccessEntry).where(*contains_typed(folded(AccessEntry.who), criteria.words))
    if criteria.kind is not None:
        query = query.where(AccessEntry.kind == criteria.kind)
    entries = db.session.scalars(paging.limit_to_page(query, AccessEntry.id, criteria.before)).all()
    return AccessLogPage(*paging.split_page(entries, lambda entry: entry.id))
