"""How many requests a key may make in a minute, over all processes and machines.

Each process takes a batch of requests at a time from the key's allowance in the database and counts them down by
itself, so that most requests write nothing. Where the database cannot be written at once, the process counts by itself
and enters what it counted later, so that no read waits for a writer.
"""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from flask import current_app
from flask_babel import ngettext
from sqlalchemy import case, update
from sqlalchemy.exc import OperationalError

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import Busy, TooManyAttempts
from webshop_orders.models import ApiKey
from webshop_orders.transactions.unit_of_work import writing

BATCHES_PER_MINUTE = 20
SECONDS_PER_MINUTE = 60


class TooManyRequests(TooManyAttempts):
    """A key has used up its allowance of this minute."""

    def __init__(self, wait_seconds: int) -> None:
        sentence = ngettext(
            "Too many requests. Wait %(seconds)s second.",
            "Too many requests. Wait %(seconds)s seconds.",
            wait_seconds,
            seconds=wait_seconds,
        )
        super().__init__(sentence, wait_seconds=wait_seconds)


@dataclass
class RequestBatch:
    """Requests of a minute that this process has taken from the allowance and has not made yet."""

    minute: datetime
    remaining: int
    unrecorded: int = 0  # used without being taken from the allowance


_lock = Lock()


def count(key: ApiKey) -> None:
    """Count a request; raises TooManyRequests with the seconds until the next minute."""
    timestamp = now()
    minute = timestamp.replace(second=0, microsecond=0)
    if _use_batch(key.id, minute):
        return
    batch = _next_batch(key, minute)
    if batch.remaining <= 0:
        raise TooManyRequests(SECONDS_PER_MINUTE - timestamp.second)
    batch.remaining -= 1
    with _lock:
        _batches()[key.id] = batch


def _use_batch(key_id: int, minute: datetime) -> bool:
    with _lock:
        batch = _batches().get(key_id)
        if batch is None or batch.minute != minute or not batch.remaining:
            return False
        batch.remaining -= 1
        return True


def _next_batch(key: ApiKey, minute: datetime) -> RequestBatch:
    """A batch from the key's allowance, or what this process may use of it unrecorded; empty if none is left."""
    limit: int = current_app.config["API_REQUESTS_PER_MINUTE"]
    size = max(1, limit // BATCHES_PER_MINUTE)
    with _lock:
        last = _batches().get(key.id)
    unrecorded = last.unrecorded if last is not None and last.minute == minute else 0
    try:
        used = _take(key.id, minute, size + unrecorded)
    except (Busy, OperationalError):
        recorded = key.used_in_window if key.window_at == minute else 0
        size = min(size, limit - recorded - unrecorded)
        return RequestBatch(minute, size, unrecorded + max(0, size))
    return RequestBatch(minute, min(size, limit - (used - size)))


def _take(key_id: int, minute: datetime, size: int) -> int:
    """Enter requests of a minute into the key's allowance, and give how many of it are used."""
    used_before = case((ApiKey.window_at == minute, ApiKey.used_in_window), else_=0)
    increment = (
        update(ApiKey)
        .where(ApiKey.id == key_id)
        .values(used_in_window=used_before + size, window_at=minute, last_used_at=now())
        .returning(ApiKey.used_in_window)
        .execution_options(synchronize_session=False)
    )
    with writing(lock_wait=0):
        return db.session.scalar(increment) or 0


def _batches() -> dict[int, RequestBatch]:
    batches: dict[int, RequestBatch] = current_app.extensions.setdefault("api_request_batches", {})
    return batches
