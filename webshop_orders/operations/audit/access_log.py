"""The access log: sign-ins, refused requests, and changes of settings and users."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import AccessEntry, AccessKind, User

MAX_LENGTH = 200
REFUSALS = (AccessKind.SIGN_IN_REFUSED, AccessKind.REQUEST_REFUSED)
FLOOD_WINDOW = timedelta(hours=1)
MAX_REFUSALS_PER_ADDRESS = 60
MAX_REFUSALS = 1_000


def record(kind: AccessKind, who: str, *, address: str, user: User | None = None, **facts: Any) -> None:
    """Add an entry: `who` is the name or e-mail address that a person gave or has, `address` their network address.

    Refusals of unknown users are recorded up to a limit per hour, so that a flood of them does not fill the disk.
    """
    if user is None and kind in REFUSALS and is_flooded_from(address):
        return
    user_id = user.id if user is not None else None
    entry = AccessEntry(kind=kind, who=printable(who), user_id=user_id, address=printable(address), facts=facts)
    db.session.add(entry)


def printable(text: str) -> str:
    """Text from outside, shortened and without control characters, as it can be stored and shown."""
    return "".join(filter(str.isprintable, text[:MAX_LENGTH]))


def is_flooded_from(address: str) -> bool:
    """Whether so many unknown users were refused within the window that one more from here is not recorded."""
    from_address = func.count().filter(AccessEntry.address == printable(address))
    counts = select(func.count(), from_address).where(
        AccessEntry.at > now() - FLOOD_WINDOW, AccessEntry.kind.in_(REFUSALS), AccessEntry.user_id.is_(None)
    )
    total, of_address = db.session.execute(counts).one()
    return bool(total >= MAX_REFUSALS or of_address >= MAX_REFUSALS_PER_ADDRESS)
