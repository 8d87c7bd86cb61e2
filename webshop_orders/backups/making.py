"""Makes a backup of the database."""

from __future__ import annotations

from pathlib import Path
from threading import Event

from flask_babel import gettext as _

from webshop_orders.backups import files, lock, postgresql_dumps, records, sqlite_files
from webshop_orders.db import migrations
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation


def make(path: Path, stop: Event | None = None) -> int:
    """Write a backup of the database to a new file, check it and record it; returns its size in bytes.

    Raises RuleViolation where that fails, or `stop` is set meanwhile, and Busy while another one is made.
    """
    _require_database()
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


def _require_database() -> None:
    """Raises RuleViolation where there are no tables of ours yet, without creating a file that does not exist."""
    url = db.engine.url
    is_missing = url.get_backend_name() == "sqlite" and not Path(url.database or "").exists()
    if is_missing or not migrations.applied():
        raise RuleViolation(
            _("There is no order desk in %(url)s to back up.", url=url.render_as_string(hide_password=True))
        )
