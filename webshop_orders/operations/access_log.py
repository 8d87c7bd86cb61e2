"""The access log: who came in or was kept out, and who changed what others may do."""

from typing import Any

from webshop_orders.extensions import db
from webshop_orders.models import AccessEntry, AccessKind, User

LONGEST_NAME = 200


def note(kind: AccessKind, who: str, *, address: str, user: User | None = None, **facts: Any) -> None:
    """Write a line of the log: a person by the name that they gave or go by, and the network address they came from."""
    user_id = user.id if user is not None else None
    entry = AccessEntry(kind=kind, who=who[:LONGEST_NAME], user_id=user_id, address=address, facts=facts)
    db.session.add(entry)
