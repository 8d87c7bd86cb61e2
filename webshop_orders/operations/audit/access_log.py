"""The access log: who came in or was kept out, and who changed what others may do."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import AccessEntry, AccessKind, User

LONGEST = 200
REFUSALS = (AccessKind.SIGN_IN_REFUSED, AccessKind.REQUEST_REFUSED)
FLOOD = timedelta(hours=1)
MOST_REFUSALS = 60
MOST_REFUSALS_IN_ALL = 1_000


def record(kind: AccessKind, who: str, *, address: str, user: User | None = None, **facts: Any) -> None:
    """Write a line of the log: a person by the name that they gave or go by, and the network address they came from.

    Refusals of those whom nobody knows are noted so many an hour and no more, so that a flood of them, from one address
    or from many, does not fill the disk.
    """
    if user is None and kind in REFUSALS and is_flooded_from(address):
        return
    user_id = user.id if user is not None else None
    entry = AccessEntry(kind=kind, who=printable(who), user_id=user_id, address=printable(address), facts=facts)
    db.session.add(entry)


def printable(text: str) -> str:
    """What others typed or asked for, as it can be kept and shown."""
    return "".join(filter(str.isprintable, text[:LONGEST]))


def is_flooded_from(address: str) -> bool:
    """Whether so many were refused lately that one more from here, whom nobody knows, is not noted."""
    from_here = func.count().filter(AccessEntry.address == printable(address))
    lately = select(func.count(), from_here).where(
        AccessEntry.at > now() - FLOOD, AccessEntry.kind.in_(REFUSALS), AccessEntry.user_id.is_(None)
    )
    in_all, of_address = db.session.execute(lately).one()
    return bool(in_all >= MOST_REFUSALS_IN_ALL or of_address >= MOST_REFUSALS)
