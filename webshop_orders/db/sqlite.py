"""SQLite set up so that it keeps what it was given and can be written by several processes at once."""

import sqlite3
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, event

from webshop_orders.text.folding import fold

try:
    import pysqlite3.dbapi2 as newest
except ImportError:
    newest = sqlite3

BUSY_MILLISECONDS = 5000
# Up to 3.51.2, a reset of the write-ahead log could lose what another process had committed:
# https://sqlite.org/wal.html#walresetbug
SAFE_WAL = (3, 51, 3)


def driver() -> ModuleType:
    """The newest SQLite at hand: the wheel's, or else Python's own."""
    return newest


def prepare(engine: Engine) -> None:
    """Give each connection its pragmas, and let the writer's transaction take the lock when it begins."""
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)


def _set_pragmas(connection: Any, record: Any) -> None:
    connection.create_function("folded", 1, fold, deterministic=True)
    connection.isolation_level = None  # the driver would begin transactions late and without the lock
    journal = "WAL" if newest.sqlite_version_info >= SAFE_WAL else "DELETE"
    for pragma in (
        f"busy_timeout = {BUSY_MILLISECONDS}",
        f"journal_mode = {journal}",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        # nosemgrep: string-built-sql - a pragma takes no parameters, and these are our own
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
