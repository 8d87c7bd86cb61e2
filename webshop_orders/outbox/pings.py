"""A dead man's switch: the worker requests PING_URL while all is well, and its service alarms when that stops."""

from __future__ import annotations

import logging
from datetime import timedelta
from threading import Event
from time import monotonic
from urllib.parse import urlsplit

import urllib3
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from webshop_orders.backups import records
from webshop_orders.clock import now
from webshop_orders.db import write_check
from webshop_orders.db.extensions import db
from webshop_orders.outbox import failing
from webshop_orders.outbox import queue as outbox_queue
from webshop_orders.version import VERSION

INTERVAL_SECONDS = 60
FAILING_FOR = timedelta(minutes=5)  # what goes by itself sooner is no reason to wake anyone
OVERDUE_AFTER = timedelta(minutes=15)
TIMEOUT = urllib3.Timeout(connect=5, read=10)
QUEUES = (outbox_queue.MAILS, outbox_queue.ACCOUNT_MAILS, outbox_queue.WEBHOOKS)
logger = logging.getLogger(__name__)


class Ping:
    """The job that requests PING_URL each minute, unless there is a reason not to, which the log gets once."""

    def __init__(self) -> None:
        self._next = 0.0
        self._told: str | None = None

    def __call__(self, stop: Event) -> int:
        url = current_app.config["PING_URL"]
        if url and monotonic() >= self._next:
            self._next = monotonic() + INTERVAL_SECONDS
            reason = problem() or _request(url)
            if reason and reason != self._told:
                logger.error("PING_URL got no sign of life: %s", reason)
            elif self._told and not reason:
                logger.info("PING_URL gets signs of life again")
            self._told = reason
        return 0


def problem() -> str | None:
    """Why not all is well, or None."""
    try:
        write_check.check_writing()
        overdue = [queue.name for queue in QUEUES if _is_overdue(queue)]
        has_old_backup = _has_old_backup()
        db.session.rollback()
    except SQLAlchemyError:
        return "the database cannot be read or written"
    if failed := failing.for_longer_than(FAILING_FOR):
        return f"for {_minutes(FAILING_FOR)} minutes it has failed at: {', '.join(failed)}"
    if overdue:
        return f"not sent for {_minutes(OVERDUE_AFTER)} minutes: {', '.join(overdue)}"
    return "the last good backup is twice as old as BACKUP_EVERY" if has_old_backup else None


def _is_overdue(queue: outbox_queue.Queue) -> bool:
    first = outbox_queue.first_due(queue)
    return first is not None and first < now() - OVERDUE_AFTER


def _has_old_backup() -> bool:
    """Not before the first one was tried: a new shop would begin with bad news."""
    every = current_app.config["BACKUP_EVERY"]
    if not every or not records.is_overdue(every):
        return False
    return records.last_good() is not None or records.last_failure() is not None


def _request(url: str) -> str | None:
    """Request the address, and say why that failed; the path of it is a secret of the service and never logged."""
    headers = {"User-Agent": f"webshop-orders/{VERSION}"}
    try:
        with urllib3.PoolManager(timeout=TIMEOUT, retries=False) as pool:
            answer = pool.request("GET", url, headers=headers, preload_content=False)
            status = answer.status
            answer.close()
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        return f"{urlsplit(url).hostname} cannot be reached ({type(error).__name__})"
    return None if 200 <= status < 300 else f"{urlsplit(url).hostname} answers {status}"


def _minutes(duration: timedelta) -> int:
    return round(duration.total_seconds() / 60)
