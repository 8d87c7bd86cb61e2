"""Refused access in the access log, recorded in a transaction of its own."""

from contextlib import suppress
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from webshop_orders.errors import Busy
from webshop_orders.models import AccessKind, User
from webshop_orders.operations.audit import access_log
from webshop_orders.transactions.unit_of_work import writing

LOCK_WAIT_MS = 500  # the person or program that was refused waits for it


def record(kind: AccessKind, who: str, *, address: str, user: User | None = None, **facts: Any) -> None:
    """Record that someone was refused; the response to them never fails because of it."""
    with suppress(Busy, SQLAlchemyError):
        if user is None and access_log.is_flooded_from(address):
            return  # before the lock that other writers wait for
        with writing(lock_wait=LOCK_WAIT_MS):
            access_log.record(kind, who, address=address, user=user, **facts)
