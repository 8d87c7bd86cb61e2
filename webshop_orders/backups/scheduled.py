"""The backups that the worker makes by itself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic

from flask import current_app

from webshop_orders.backups import folder, lock, making, records
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import Busy

CHECK_SECONDS = 30


class ScheduledBackups:
    """A job of the worker: makes a backup when BACKUP_EVERY has passed since the last, and keeps BACKUP_KEEP.

    One that fails is recorded, and raised to the worker, which logs it.
    """

    def __init__(self) -> None:
        self._next_check = 0.0

    def __call__(self, stop: Event) -> int:
        every: timedelta | None = current_app.config.get("BACKUP_EVERY")
        if every is None or monotonic() < self._next_check:
            return 0
        self._next_check = monotonic() + CHECK_SECONDS
        try:
            return make_due(folder.path(), every, stop)
        except Busy:  # another worker makes it
            return 0
        finally:
            db.session.rollback()


def make_due(where: Path, every: timedelta, stop: Event) -> int:
    """Make a backup in a folder if one is due, and delete those that are not kept; returns how many were made.

    A failed one is recorded, and tried again later. Raises RuleViolation where it fails, Busy while another is made.
    """
    if not _is_due(where, every):
        return 0
    with lock.exclusive():
        if not _is_due(where, every):  # another worker made it meanwhile
            return 0
        records.fail_interrupted()
        folder.prepare(where)
        making.make_locked(where / folder.new_name(now()), stop)
        folder.prune(where, current_app.config["BACKUP_KEEP"])
    return 1


def _is_due(where: Path, every: timedelta) -> bool:
    is_due = records.is_due(where, every)
    db.session.rollback()
    return is_due
