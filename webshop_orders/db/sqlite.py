"""The SQLite engine: durable, and safe for several processes that write."""

import os
import sqlite3
from contextlib import suppress
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, event

from webshop_orders.db.extensions import LOCK_WAIT, WRITES
from webshop_orders.text.search import stored_spellings

try:
    import pysqlite3.dbapi2 as newest_sqlite
except ImportError:
    newest_sqlite = sqlite3

BUSY_TIMEOUT = 5000  # milliseconds
OWNER_ONLY = 0o600
# Up to 3.51.2, a reset of the write-ahead log could lose commits of another process:
# https://sqlite.org/wal.html#walresetbug
SAFE_WAL = (3, 51, 3)


def driver() -> ModuleType:
    """The newest SQLite that is installed: of the pysqlite3 wheel, or else Python's own."""
    return newest_sqlite


def prepare(engine: Engine) -> None:
    """Set pragmas on each connection, and take the write lock at the beginning of a writing transaction."""
    event.listen(engine, "do_connect", _create_file)
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)


def _create_file(dialect: Any, record: Any, args: list[Any], kwargs: dict[str, Any]) -> None:
    """Create the file of a new database, readable by its owner only; SQLite gives its mode to those beside it."""
    path = str(args[0]) if args else ""
    if not path or path.startswith((":memory:", "file:")):
        return
    with suppress(OSError):  # it exists, or SQLite says why it cannot
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY))


def _set_pragmas(connection: Any, record: Any) -> None:
    add_functions(connection)
    connection.isolation_level = None  # the driver itself would begin transactions late and without the lock
    journal = "WAL" if newest_sqlite.sqlite_version_info >= SAFE_WAL else "DELETE"
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT}",
        f"journal_mode = {journal}",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        # nosemgrep: string-built-sql - a pragma takes no parameters, and these are constants
        connection.execute(f"PRAGMA {pragma}")


def add_functions(connection: Any) -> None:
    """Add the functions that our queries and triggers use."""
    connection.create_function("folded", 1, _folded, deterministic=True)


def _folded(text: str) -> str:
    return "\n".join(stored_spellings(text))


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get(WRITES):
        driver_connection: Any = connection.connection.driver_connection
        driver_connection.execute("BEGIN")  # touches no file, so that it neither waits nor fails
        return
    lock_wait = options.get(LOCK_WAIT)
    if lock_wait is not None:
        _set_busy_timeout(connection, lock_wait)
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        if lock_wait is not None:
            _set_busy_timeout(connection, BUSY_TIMEOUT)


def _set_busy_timeout(connection: Connection, milliseconds: int) -> None:
    # nosemgrep: string-built-sql - a pragma takes no parameters, and this is an integer
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {milliseconds:d}")
