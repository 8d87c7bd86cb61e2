"""How many requests a key may make in a minute, over all processes and machines.

Each process draws a handful of requests at a time from the key's allowance in the database and counts them down by
itself, so that most requests write nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import case, update

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import TooManyAttempts
from webshop_orders.models import ApiKey
from webshop_orders.transactions.unit_of_work import writing

CHUNKS = 20
MINUTE = 60


class TooManyRequests(TooManyAttempts):
    """A key has used up its allowance of this minute."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(_("Too many requests. Wait %(seconds)s seconds.", seconds=wait_seconds))
        self.wait_seconds = wait_seconds


@dataclass
class Allowance:
    """Requests drawn for a minute and not made yet."""

    minute: datetime
    left: int


_lock = Lock()


def count(key: ApiKey) -> None:
    """Count a request; raises TooManyRequests with the seconds until the next minute."""
    moment = now()
    minute = moment.replace(second=0, microsecond=0)
    if _take_one(key.id, minute):
        return
    drawn = _draw(key.id, minute)
    if drawn <= 0:
        raise TooManyRequests(MINUTE - moment.second)
    with _lock:
        _handfuls()[key.id] = Allowance(minute, drawn - 1)


def _take_one(key_id: int, minute: datetime) -> bool:
    with _lock:
        handful = _handfuls().get(key_id)
        if handful is None or handful.minute != minute or not handful.left:
            return False
        handful.left -= 1
        return True


def _draw(key_id: int, minute: datetime) -> int:
    """Draw a handful from the key's allowance; gives how many there were left to draw."""
    most: int = current_app.config["API_REQUESTS_PER_MINUTE"]
    wanted = max(1, most // CHUNKS)
    used_before = case((ApiKey.window_at == minute, ApiKey.used_in_window), else_=0)
    draw = (
        update(ApiKey)
        .where(ApiKey.id == key_id)
        .values(used_in_window=used_before + wanted, window_at=minute, last_used_at=now())
        .returning(ApiKey.used_in_window)
        .execution_options(synchronize_session=False)
    )
    with writing():
        used = db.session.scalar(draw) or 0
    return min(wanted, most - (used - wanted))


def _handfuls() -> dict[int, Allowance]:
    handfuls: dict[int, Allowance] = current_app.extensions.setdefault("api_requests_drawn", {})
    return handfuls
