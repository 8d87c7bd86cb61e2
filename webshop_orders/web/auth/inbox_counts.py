"""How many things of the inbox need the current user: the one count of the navigation, read along with the user."""

from flask import g
from sqlalchemy import func, select

from webshop_orders.db.extensions import db
from webshop_orders.db.plain_rows import NestedRows
from webshop_orders.models import InboxCount, InboxKind
from webshop_orders.web.auth.permissions import mendable_by

COUNTS = InboxCount.__table__.c
BY_KIND = NestedRows(select(COUNTS.kind, func.sum(COUNTS.count)).group_by(COUNTS.kind))


def mendable_kinds() -> tuple[InboxKind, ...]:
    """The kinds of what the current user can mend, which are those that the inbox shows them."""
    user = g.get("user")
    return mendable_by(user.role) if user is not None else ()


def by_kind() -> dict[InboxKind, int]:
    """How many of each kind were shown when the request began, or when they were read again."""
    text = g.get("inbox_counts")
    return {kind: int(count) for kind, count in BY_KIND.read(text)} if text else {}


def inbox_count() -> int:
    """How many things need the current user."""
    mendable = mendable_kinds()
    return sum([count for kind, count in by_kind().items() if kind in mendable])


def waiting_calls() -> int:
    """How many incoming calls need a person, whoever that is."""
    return by_kind().get(InboxKind.INCOMING_CALL, 0)


def read_again() -> None:
    """Count again after a change."""
    g.inbox_counts = db.session.execute(select(BY_KIND.column)).scalar_one()


TEMPLATE_GLOBALS = {"inbox_count": inbox_count, "waiting_calls": waiting_calls}
