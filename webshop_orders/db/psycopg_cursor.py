"""A cursor of psycopg; imported where PostgreSQL is used, since only then the driver is installed."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from psycopg import Column, Cursor


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
