"""Makes a backup of the database."""

from __future__ import annotations

from pathlib import Path
from threading import Event

from webshop_orders.backups import files, lock, postgresql_dumps, records, sqlite_files
from webshop_orders.db.extensions import db


def make(path: Path, stop: Event | None = None) -> int:
    """Write a backup of the database to a new file, check it and record it; returns its size in bytes.

    Raises RuleViolation where that fails, or `stop` is set meanwhile, and Busy while another one is made.
    """
    with lock.exclusive():
        records.fail_interrupted()
        return make_locked(path, stop or Event())


def make_locked(path: Path, stop: Event) -> int:
    """As `make`, for callers inside `lock.exclusive()`."""
    backup_id = records.begin(path)
    try:
        with files.whole(path) as unfinished:
            if db.engine.dialect.name == "sqlite":
                sqlite_files.write(Path(db.engine.url.database or ""), unfinished, stop)
            else:
                postgresql_dumps.write(unfinished, stop)
            size = unfinished.stat().st_size
    except Exception as error:
        records.fail(backup_id, " ".join(str(error).split()))
        raise
    records.finish(backup_id, size)
    return size
