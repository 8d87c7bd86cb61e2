"""What is written of an order as if it had happened at a moment of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import event

from webshop_orders.models import Comment, Event, Message

TIMES = {Event: ("at",), Comment: ("written_at",), Message: ("queued_at", "tried_from")}


class Clock:
    """The moment that new events, comments and messages are dated with."""

    moment: datetime


@contextmanager
def dating() -> Iterator[Clock]:
    """Gives the clock to set; it holds for every event, comment and message made until the end."""
    clock = Clock()

    def date(entity: Any, args: Any, values: dict[str, Any]) -> None:
        for name in TIMES[type(entity)]:
            values.setdefault(name, clock.moment)

    for kind in TIMES:
        event.listen(kind, "init", date)
    try:
        yield clock
    finally:
        for kind in TIMES:
            event.remove(kind, "init", date)
