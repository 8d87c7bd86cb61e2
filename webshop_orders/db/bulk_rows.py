"""Rows of new objects that bypass the session: the values that a flush would have inserted, for `bulk_writing`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import inspect

from webshop_orders.db import bulk_writing
from webshop_orders.db.columns import EnumByValue, Json, UtcDateTime, ValueObject
from webshop_orders.db.extensions import Base

Convert = Callable[[Any], Any]


class BulkRows:
    """The rows of one table, collected from new objects of its model that are in no session.

    Without `has_ids` the database gives the rows their ids, in the sequence in which they were added.
    """

    def __init__(self, model: type[Base], *, has_ids: bool = True) -> None:
        self._model = model
        self._columns = [column for column in _columns(model) if has_ids or column.key != "id"]
        self._rows: list[list[Any]] = []

    def add(self, entity: object, **values: Any) -> None:
        """Add an object; `values` are those that a flush would have set, such as the keys of other rows."""
        values = {**vars(entity), **values}
        self._rows.append(
            [convert(values[key] if key in values else default()) for _name, key, default, convert in self._columns]
        )

    def write(self) -> None:
        bulk_writing.write(self._model, [column.name for column in self._columns], self._rows)


class _Column(NamedTuple):
    """A column of a table, with its attribute, its default, and how its values are stored."""

    name: str
    key: str
    default: Callable[[], Any]
    convert: Convert


def stored_time(at: datetime | None) -> str | None:
    """A time as SQLite stores it: in UTC, without an offset."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds") if at is not None else None


@cache
def _columns(model: type[Base]) -> tuple[_Column, ...]:
    mapper = inspect(model)
    return tuple(
        _Column(column.name, mapper.get_property_by_column(column).key, _default(column), _converter(column.type))
        for column in mapper.local_table.columns
        if not column.info.get("sentinel") and column.name != "sentinel"
    )


def _default(column: Any) -> Callable[[], Any]:
    default: Any = column.default
    if default is None:
        return lambda: None
    return (lambda: default.arg(None)) if default.is_callable else lambda: default.arg


def _converter(kind: Any) -> Convert:
    if isinstance(kind, UtcDateTime):
        return stored_time
    if isinstance(kind, ValueObject):
        return _many_as_json if kind.many else _as_json
    if isinstance(kind, Json):
        return json.dumps
    return _enum_value if isinstance(kind, EnumByValue) else _unchanged


def _as_json(value: Any) -> str | None:
    return json.dumps(vars(value), default=vars) if value is not None else None


def _many_as_json(values: Any) -> str | None:
    return json.dumps([vars(value) for value in values], default=vars) if values is not None else None


def _enum_value(value: Enum | None) -> Any:
    return value.value if value is not None else None


def _unchanged(value: Any) -> Any:
    return value
