"""The access log, the latest first: searched by who, filtered by kind, and paged by keyset."""

from dataclasses import dataclass

from sqlalchemy import select

from webshop_orders.db.columns import folded
from webshop_orders.db.extensions import db
from webshop_orders.models import AccessEntry, AccessKind
from webshop_orders.text.folding import fold

PAGE = 50


@dataclass(frozen=True)
class AccessLogFilter:
    """Which entries to list; `before` is the id of the last one on the page before."""

    words: str = ""
    kind: AccessKind | None = None
    before: int | None = None


@dataclass(frozen=True)
class AccessLogPage:
    entries: list[AccessEntry]
    next_before: int | None


def page(wanted: AccessLogFilter) -> AccessLogPage:
    chosen = select(AccessEntry)
    for word in fold(wanted.words).split():
        chosen = chosen.where(folded(AccessEntry.who).contains(word, autoescape=True))
    if wanted.kind is not None:
        chosen = chosen.where(AccessEntry.kind == wanted.kind)
    if wanted.before is not None:
        chosen = chosen.where(AccessEntry.id < wanted.before)
    found = list(db.session.scalars(chosen.order_by(AccessEntry.id.desc()).limit(PAGE + 1)))
    return AccessLogPage(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)
