"""What is known of backups, in the database that they are of: when each was made, and why one failed."""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import Busy
from webshop_orders.models import Backup
from webshop_orders.models.backup import IS_GOOD
from webshop_orders.transactions.unit_of_work import writing

RETRY_AFTER = timedelta(minutes=15)
RETENTION = timedelta(days=400)
logger = logging.getLogger(__name__)


def last_good() -> Backup | None:
    """The newest backup that was finished and checked; None if there is none."""
    return db.session.scalar(select(Backup).where(*IS_GOOD).order_by(Backup.id.desc()).limit(1))


def last_failure() -> Backup | None:
    """The newest attempt, if it failed."""
    newest = select(Backup).where(Backup.finished_at.is_not(None)).order_by(Backup.id.desc()).limit(1)
    attempt = db.session.scalar(newest)
    return attempt if attempt is not None and attempt.failure is not None else None


def is_due(folder: Path, every: timedelta) -> bool:
    """Whether so much time has passed since the last good backup in a folder, and some since the last attempt."""
    in_folder = select(Backup).where(Backup.path.startswith(f"{folder}{os.sep}", autoescape=True))
    newest = in_folder.order_by(Backup.id.desc()).limit(1)
    good, attempt = db.session.scalar(newest.where(*IS_GOOD)), db.session.scalar(newest)
    at = now()
    if good is not None and at < good.started_at + every:
        return False
    return attempt is None or attempt is good or at >= attempt.started_at + min(every, RETRY_AFTER)


def is_overdue(every: timedelta) -> bool:
    """Whether the last good backup is older than it can be where one is made so often."""
    good = last_good()
    return good is None or now() - good.started_at > 2 * every


def begin(path: Path) -> int | None:
    """Record that a backup begins; returns its id, or None where the database cannot be written.

    That is no reason to do without a backup: its disk may be full, or its schema older than this table.
    """
    try:
        with writing():
            backup = Backup(path=str(path))
            db.session.add(backup)
            db.session.flush()
            return backup.id
    except (SQLAlchemyError, Busy):
        logger.warning("the database cannot be written, and is backed up without a record of it")
        return None


def finish(backup_id: int | None, size: int) -> None:
    """Record that a backup is whole, with its size in bytes, and forget those that are past retention."""
    if backup_id is None:
        return
    with writing():
        db.session.execute(
            update(Backup).where(Backup.id == backup_id).values(finished_at=now(), size=size, failure=None)
        )
        db.session.execute(delete(Backup).where(Backup.started_at < now() - RETENTION, Backup.id != backup_id))


def fail(backup_id: int | None, reason: str) -> None:
    """Record why a backup failed."""
    if backup_id is not None:
        with writing():
            values = {"finished_at": now(), "failure": reason}
            db.session.execute(update(Backup).where(Backup.id == backup_id).values(values))


def fail_interrupted() -> None:
    """Record that the processes died that were making a backup; for the one process that may make one now."""
    try:
        if db.session.scalar(select(Backup.id).where(Backup.finished_at.is_(None)).limit(1)) is not None:
            with writing():
                values = {"finished_at": now(), "failure": _("The process that made it ended before it was done.")}
                db.session.execute(update(Backup).where(Backup.finished_at.is_(None)).values(values))
    except (SQLAlchemyError, Busy):  # as in `begin`
        logger.warning("the database cannot be written, and is backed up without a record of it")
    finally:
        db.session.rollback()


def note_restored(path: Path) -> None:
    """Record that the backup in a file was whole, in the database that was restored from it.

    It has its own row as it was while it was made, which is its newest.
    """
    with writing():
        made = db.session.scalar(select(Backup).where(Backup.finished_at.is_(None)).order_by(Backup.id.desc()).limit(1))
        if made is not None:
            made.finished_at, made.size, made.path = made.started_at, path.stat().st_size, str(path.absolute())
