"""Backups of SQLite: a database file, copied by SQLite's online backup while others read and write it.

https://sqlite.org/backup.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event
from typing import Any

from flask_babel import gettext as _

from webshop_orders.db import sqlite
from webshop_orders.errors import RuleViolation

MAGIC = b"SQLite format 3\0"
HEADER_BYTES = 100
BESIDE = ("-wal", "-shm", "-journal")
INSTRUCTIONS_BETWEEN_CHECKS = 1_000_000  # of SQLite's machine, some milliseconds


def write(database: Path, target: Path, stop: Event) -> None:
    """Copy a database into an empty file, and check the copy; raises RuleViolation where that fails."""
    with _reporting(target), _open(target) as copy:
        with _open(database) as source:
            # In one step: with smaller ones it begins anew whenever somebody writes between two.
            source.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode = DELETE")  # so that it is one file
        _check(copy, target, stop)


def check(path: Path) -> str | None:
    """Check a database file, which is opened for writing; returns its migration, None if it has no table of them.

    Raises RuleViolation if it is cut off or damaged.
    """
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES)
    # https://sqlite.org/fileformat.html#the_database_header
    page_size = int.from_bytes(header[16:18], "big")
    expected = int.from_bytes(header[28:32], "big") * (65536 if page_size == 1 else page_size)
    if len(header) < HEADER_BYTES or path.stat().st_size < expected:
        raise damaged(path, _("it is cut off"))
    with _reporting(path), _open(path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        _check(connection, path, Event())
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"alembic_version", "orders"} <= tables:
            return None
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(found[0]) if found else None


def is_empty(path: Path) -> bool:
    """Whether a database has no tables, or does not exist."""
    if not path.exists() or not path.stat().st_size:
        return not any(path.with_name(f"{path.name}{suffix}").exists() for suffix in BESIDE)
    with _reporting(path), _open(path) as connection:
        return not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def remove_empty(path: Path) -> None:
    """Delete an empty database, with the files beside it; raises RuleViolation while others have it open."""
    if not path.exists():
        return
    driver = sqlite.driver()
    if path.stat().st_size:
        try:
            with closing(driver.connect(path, timeout=0, isolation_level=None)) as connection:
                connection.execute("PRAGMA journal_mode = DELETE")
                connection.execute("BEGIN EXCLUSIVE")
        except driver.Error:
            raise RuleViolation(
                _("Others have the database %(path)s open. Stop the server and the workers first.", path=path)
            ) from None
    path.unlink()


def execute(path: Path, statement: str, **parameters: str) -> None:
    """Execute a statement in a database file."""
    with _reporting(path), _open(path) as connection:
        connection.execute(statement, parameters)


def make_single(path: Path) -> None:
    """Write what stands in the file beside it into a database file, which then is one file again."""
    with _reporting(path), _open(path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def damaged(path: Path, reason: str) -> RuleViolation:
    return RuleViolation(_("%(path)s is no whole backup (%(reason)s). Use another one.", path=path, reason=reason))


def _check(connection: Any, path: Path, stop: Event) -> None:
    connection.set_progress_handler(stop.is_set, INSTRUCTIONS_BETWEEN_CHECKS)
    found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise damaged(path, " ".join(found.split()))
    if row := connection.execute("PRAGMA foreign_key_check").fetchone():
        raise damaged(path, _("a row of %(table)s refers to none", table=row[0]))


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    connection = sqlite.driver().connect(path, isolation_level=None, timeout=sqlite.BUSY_TIMEOUT / 1000)
    with closing(connection):
        sqlite.add_functions(connection)
        yield connection


@contextmanager
def _reporting(path: Path) -> Iterator[None]:
    """Report errors of SQLite in a sentence."""
    try:
        yield
    except sqlite.driver().Error as error:
        raise damaged(path, str(error)) from None
