"""The processes that run: each says so every BEAT_SECONDS, in a row of its own, and has stopped if it falls silent."""

import os
import socket
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import Heartbeat
from webshop_orders.version import VERSION

WORKER = "worker"
BEAT_SECONDS = 20
SILENT_AFTER = timedelta(minutes=2)  # several beats, as one may wait for a lock of the database
KEPT = timedelta(days=1)
INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def beat(kind: str) -> None:
    """Note that this process runs now, and what it runs, such as WORKER."""
    process = f"{socket.gethostname()}:{os.getpid()}"
    values = {"kind": kind, "version": VERSION, "started_at": _first_beat(process), "seen_at": now()}
    insert = INSERTS[db.engine.dialect.name](Heartbeat.__table__).values(process=process, **values)
    # All of it, since a process of a former start may have had the same id.
    db.session.execute(insert.on_conflict_do_update(index_elements=["process"], set_=values))


def seen(kind: str, within: timedelta = SILENT_AFTER) -> bool:
    """Whether a process of this kind has said within this time that it runs."""
    last = last_seen(kind)
    return last is not None and last >= now() - within


def last_seen(kind: str) -> datetime | None:
    """When a process of this kind last said that it runs; None where none did for a day."""
    return db.session.scalar(select(func.max(Heartbeat.seen_at)).where(Heartbeat.kind == kind))


def running(kind: str) -> list[Heartbeat]:
    """The processes of this kind that run, the one that started first before the others."""
    alive = (Heartbeat.kind == kind) & (Heartbeat.seen_at >= now() - SILENT_AFTER)
    return list(db.session.scalars(select(Heartbeat).where(alive).order_by(Heartbeat.started_at)))


def forget() -> None:
    """Delete the processes that have not been seen for a day."""
    db.session.execute(delete(Heartbeat).where(Heartbeat.seen_at < now() - KEPT))


@cache
def _first_beat(process: str) -> datetime:
    return now()
