"""The lock that lets one process at a time make a backup of a database; it ends with the process, however that ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from webshop_orders.db import migrations, sqlite
from webshop_orders.db.extensions import WRITES, db
from webshop_orders.errors import Busy, RuleViolation

ADVISORY_LOCK = 0x6261_636B_7570  # "backup"
TRY_LOCKS = text("select pg_try_advisory_xact_lock(:backup) and pg_try_advisory_xact_lock_shared(:migrations)")


@contextmanager
def exclusive() -> Iterator[None]:
    """Exclude other backups, and migrations, which wait for it; raises Busy while another is made."""
    with _on_sqlite() if db.engine.dialect.name == "sqlite" else _on_postgresql():
        yield


@contextmanager
def _on_postgresql() -> Iterator[None]:
    """A lock of a transaction that is otherwise idle, since one of a session can outlive it behind a pooler."""
    connection = db.engine.connect().execution_options(**{WRITES: True})
    try:
        connection.begin()
        keys = {"backup": ADVISORY_LOCK, "migrations": migrations.ADVISORY_LOCK}
        if not connection.scalar(TRY_LOCKS, keys):
            raise _busy()
        yield
    finally:
        with suppress(SQLAlchemyError):  # the server has closed it, and released the lock
            connection.close()


@contextmanager
def _on_sqlite() -> Iterator[None]:
    """A lock of SQLite itself, on an empty file beside the database, since Windows has no other that Python knows."""
    database = Path(db.engine.url.database or "")
    path = database.with_name(f"{database.name}-backup-lock")
    driver = sqlite.driver()
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, sqlite.OWNER_ONLY))
        connection = driver.connect(path, timeout=0, isolation_level=None)
    except (OSError, driver.Error) as error:
        raise RuleViolation(_("%(path)s cannot be written (%(reason)s).", path=path, reason=error)) from None
    with closing(connection):
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except driver.OperationalError:
            raise _busy() from None
        yield


def _busy() -> Busy:
    return Busy(_("A backup is being made already, or migrations are being carried out. Try again when that is done."))
