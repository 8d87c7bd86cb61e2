"""The access log, the latest first: searched by who, filtered by kind, and paged by keyset."""

from dataclasses import dataclass

from sqlalchemy import select

from webshop_orders.columns import fold, folded
from webshop_orders.extensions import db
from webshop_orders.models import AccessEntry, AccessKind

PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """Which entries to list; `before` is the id of the last one on the page before."""

    words: str = ""
    kind: AccessKind | None = None
    before: int | None = None


@dataclass(frozen=True)
class Page:
    entries: list[AccessEntry]
    next_before: int | None


def page(wanted: Wanted) -> Page:
    chosen = select(AccessEntry)
    for word in fold(wanted.words).split():
        chosen = chosen.where(folded(AccessEntry.who).contains(word, autoescape=True))
    if wanted.kind is not None:
        chosen = chosen.where(AccessEntry.kind == wanted.kind)
    if wanted.before is not None:
        chosen = chosen.where(AccessEntry.id < wanted.before)
    found = list(db.session.scalars(chosen.order_by(AccessEntry.id.desc()).limit(PAGE + 1)))
    return Page(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)
