"""A connection of psycopg; imported where PostgreSQL is used, since only then the driver is installed."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Self

import psycopg
from psycopg import Column, Cursor
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8Dumper

IN_TRANSACTION = {TransactionStatus.INTRANS, TransactionStatus.INERROR}


class Connection(psycopg.Connection[Any]):
    """A connection on which a statement is prepared once, after the same text was executed a few times.

    As psycopg comes, a rollback makes it forget all prepared statements, since those on a table that the transaction
    created would fail (a request creates none), and numbers of different size make different statements of one text:
    https://www.psycopg.org/psycopg3/docs/advanced/prepare.html
    """

    @classmethod
    def connect(cls, *arguments: Any, **named: Any) -> Self:
        connection = super().connect(*arguments, **named)
        connection.cursor_factory = LazilyDescribingCursor
        connection.adapters.register_dumper(int, Int8Dumper)
        return connection

    def rollback(self) -> None:
        """Roll back; raises psycopg.OperationalError if the connection is lost."""
        if self.info.transaction_status in IN_TRANSACTION:
            self.pgconn.exec_(b"ROLLBACK")
        super().rollback()  # which now has nothing to roll back, but fails if the above did


class LazilyDescribingCursor(Cursor[Any]):
    """A cursor that makes the descriptions of a result's columns when they are read.

    SQLAlchemy reads those of each statement once, and then only asks whether there are any.
    """

    @property
    def description(self) -> "_Description | None":  # type: ignore[override]
        return _Description(self) if self.pgresult and self.pgresult.nfields else None


class _Description(Sequence[Any]):
    def __init__(self, cursor: Cursor[Any]) -> None:
        self._cursor = cursor

    def __len__(self) -> int:
        return len(self._columns)

    def __getitem__(self, index: Any) -> Any:
        return self._columns[index]

    @cached_property
    def _columns(self) -> list[Column]:
        return Cursor.description.__get__(self._cursor) or []
