"""Backdates what operations record about an order, so that the demo has a past."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import event

from webshop_orders.models import Comment, Event, Message, StockMovement

TIMES = {Event: ("at",), Comment: ("written_at",), StockMovement: ("at",), Message: ("queued_at", "tried_from")}


class Clock:
    """The time that new events, movements of stock, comments and messages are dated with."""

    time: datetime


@contextmanager
def backdating() -> Iterator[Clock]:
    """Yields a clock to set; every event, movement, comment and message that is created in the block gets its time."""
    clock = Clock()

    def set_times(entity: Any, args: Any, values: dict[str, Any]) -> None:
        for name in TIMES[type(entity)]:
            values[name] = clock.time

    for model in TIMES:
        event.listen(model, "init", set_times)
    try:
        yield clock
    finally:
        for model in TIMES:
            event.remove(model, "init", set_times)
