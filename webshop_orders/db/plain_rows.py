"""Rows that are only read: plain objects with the properties of a model (`plain_objects`), read without the ORM.

The ORM makes objects that notice their changes, in ten times as many calls.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Boolean, ColumnElement, FromClause, Select, String, bindparam, cast, inspect, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from webshop_orders.db import paging
from webshop_orders.db.columns import Decode, EnumByValue, Json, UtcDateTime, utc_of_text
from webshop_orders.db.extensions import Base
from webshop_orders.db.plain_objects import methods_of

T = TypeVar("T", bound=Base)


class PlainRows(Generic[T]):
    """The columns of a model that are selected, and the objects that are made of them.

    They are those of its table, or `only` some of them, but for those `without`; `extra` are its column properties
    that are selected too. An attribute that was not selected is absent, as are relationships, unless they are given.
    """

    def __init__(
        self,
        model: type[T],
        *,
        only: Collection[str] | None = None,
        without: Collection[str] = (),
        extra: Sequence[str] = (),
    ) -> None:
        mapper: Any = inspect(model)
        columns = set(mapper.local_table.columns)
        stored = [item.key for item in mapper.column_attrs if item.columns[0] in columns]
        wanted = stored if only is None else only
        self.names = (*(name for name in stored if name in wanted and name not in without), *extra)
        self._class: Any = type(f"Plain{model.__name__}", (), methods_of(model))
        self._composites = [
            (composite.key, composite.composite_class, [column.key for column in composite.props])
            for composite in mapper.composites
        ]
        # Columns of the table and not of the model, so that a row is read without the ORM.
        self.columns: list[ColumnElement[Any]] = [mapper.column_attrs[name].columns[0] for name in self.names]

    def make(self, values: Sequence[Any], **relationships: Any) -> T:
        """The object of a row's values, in the sequence of `columns`."""
        made: T = self._class.__new__(self._class)
        attributes = vars(made)
        attributes.update(zip(self.names, values, strict=True), **relationships)
        for name, composite, columns in self._composites:
            attributes[name] = composite(*[attributes[column] for column in columns])
        return made


class NestedRows:
    """Rows of other tables as one column of the row of `parent` that they belong to, which joined rows would repeat.

    Their first column is unique: they are read in its sequence, or the reverse.
    """

    def __init__(
        self, query: Select[*tuple[Any, ...]], parent: FromClause | None = None, *, descending: bool = False
    ) -> None:
        own = query if parent is None else query.correlate(parent)
        columns = list(own.subquery().c)
        texts = [cast(column, String) if isinstance(column.type, Json) else column for column in columns]
        self.column = select(json_rows(*texts)).scalar_subquery()
        decoders = [(at, _decoder(column.type)) for at, column in enumerate(columns)]
        self._decoders = [(at, decode) for at, decode in decoders if decode is not None]
        self._descending = descending

    def read(self, text: str | None) -> list[list[Any]]:
        """The values of the rows."""
        rows: list[list[Any]] = sorted(json.loads(text), reverse=self._descending) if text else []
        for row in rows:
            for at, decode in self._decoders:
                if row[at] is not None:
                    row[at] = decode(row[at])
        return rows


class NestedPages:
    """A list that is read a page at a time, along with the row that it belongs to, the latest first (`paging`)."""

    def __init__(self, query: Select[*tuple[Any, ...]], row_id: ColumnElement[int], parent: FromClause) -> None:
        latest = paging.limit_to_page(query, row_id, None)
        self._latest = NestedRows(latest, parent, descending=True)
        self._earlier = NestedRows(latest.where(row_id < bindparam("before")), parent, descending=True)

    def page(self, before: int | None) -> NestedRows:
        """The page after the cursor `before`, which is a parameter of the statement."""
        return self._latest if before is None else self._earlier


class json_rows(GenericFunction[str]):  # noqa: N801
    """The values of rows as a JSON list of lists."""

    type = String()
    inherit_cache = True


@compiles(json_rows, "sqlite")
def _json_in_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"json_group_array(json_array({compiler.process(element.clauses, **kw)}))"


@compiles(json_rows, "postgresql")
def _json_in_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"json_agg(json_build_array({compiler.process(element.clauses, **kw)}))::text"


def _decoder(kind: Any) -> Decode | None:
    """What makes a column's value of its JSON; None where they are the same."""
    if isinstance(kind, UtcDateTime):
        return utc_of_text
    if isinstance(kind, Json | EnumByValue):
        return kind.decoder()
    return bool if isinstance(kind, Boolean) else None
