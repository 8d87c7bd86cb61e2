"""Column types that behave alike on SQLite and PostgreSQL."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, Boolean, ColumnElement, DateTime, Dialect, Enum, String, Text, cast, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import TypeDecorator

from webshop_orders.text import folding

Decode = Callable[[Any], Any]


class folded(GenericFunction[str]):  # noqa: N801
    """Text folded by the database with and without digraphs, for columns without a stored folded copy.

    On SQLite it calls `text.search.stored_spellings`.
    """

    type = String()
    inherit_cache = True


@compiles(folded, "postgresql")
def _fold_in_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    text = compiler.process(element.clauses, **kw)
    uniform = _translated(text, {chr(code): becomes or "" for code, becomes in folding.UNIFORM.items()})
    lower = f"lower(regexp_replace(normalize({uniform}, NFKD), '[\\u0300-\\u036f]', '', 'g'))"
    folded_text = _translated(lower, folding.BASE_LETTERS | folding.DIGRAPHS)
    without_digraphs = folded_text
    for letters in ("a[ae]+", "oe+", "ue+"):  # as in text.search.DIGRAPH
        without_digraphs = f"regexp_replace({without_digraphs}, '{letters}', '{letters[0]}', 'g')"
    return f"{folded_text} || E'\\n' || {without_digraphs}"


def _translated(expression: str, replacements: dict[str, str]) -> str:
    """SQL that replaces single characters: `translate` for those that become one or none, `replace` for the others."""
    one_each = {old: new for old, new in replacements.items() if len(new) == 1}
    removed = [old for old, new in replacements.items() if not new]
    source, target = "".join([*one_each, *removed]).replace("'", "''"), "".join(one_each.values())
    expression = f"translate({expression}, '{source}', '{target}')"
    for old, new in replacements.items():
        if len(new) > 1:
            expression = f"replace({expression}, '{old}', '{new}')"
    return expression


# Text compared byte by byte, so that an index can search by prefix; SQLite compares so anyway.
C_COLLATED = String().with_variant(String(collation="C"), "postgresql")


# A statement that joins an order to its lines gives the columns of the order with each line: a value that comes again
# is not decoded again. What is remembered is immutable, and depends on the stored text alone.
decode_once = lru_cache(maxsize=64)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC; raises TypeError for one without a time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"a datetime without a time zone cannot be stored: {value}")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Decode | None:
        """None for PostgreSQL, whose sessions are in UTC (db/postgresql.py)."""
        return decode_once(utc_of_text) if dialect.name == "sqlite" else None


class Json(TypeDecorator[Any]):
    """A JSON value, selected as text, since psycopg would decode it each time that a joined row repeats it."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return type_coerce(cast(column, Text), self)

    def result_processor(self, dialect: Dialect, coltype: object) -> Decode:
        return self.decoder()

    def decoder(self) -> Decode:
        """The function that decodes the text of a value, on any database."""
        return _json_of_text


class ValueObject(Json):
    """A frozen dataclass, or a list of them, stored as JSON."""

    cache_ok = True

    def __init__(self, kind: type, *, many: bool = False) -> None:
        super().__init__()
        self.kind = kind
        self.many = many

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return self.to_json(value)

    def to_json(self, value: Any) -> Any:
        if value is None:
            return None
        return [asdict(item) for item in value] if self.many else asdict(value)

    def decoder(self) -> Decode:
        kind = self.kind
        if not self.many:
            return decode_once(lambda text: None if text is None else kind(**json.loads(text)))
        items = decode_once(lambda text: tuple(kind(**item) for item in json.loads(text)))
        return lambda text: None if text is None else list(items(text))


class EnumByValue(TypeDecorator[StrEnum]):
    """An enum, stored by value."""

    impl = Enum
    cache_ok = True

    def __init__(self, kind: type[StrEnum], *, name: str) -> None:
        super().__init__(
            kind,
            values_callable=lambda members: [member.value for member in members],
            native_enum=False,
            create_constraint=True,
            name=name,
            length=30,
        )
        self.kind = kind

    def result_processor(self, dialect: Dialect, coltype: object) -> Decode:
        return self.decoder()

    def decoder(self) -> Decode:
        members: dict[str | None, StrEnum | None] = {None: None, **{member.value: member for member in self.kind}}
        return members.__getitem__


def enum_column(kind: type[StrEnum], *, name: str | None = None) -> EnumByValue:
    """The column type of an enum, with a check constraint named `name`, or else after the enum."""
    return EnumByValue(kind, name=name or kind.__name__.lower())


def utc_of_text(text: str | None) -> datetime | None:
    """The time that a text in ISO 8601 says, which is in UTC."""
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def _json_of_text(text: str | None) -> Any:
    if text == "{}":  # of most rows, and each line of an order brings it again
        return {}
    return None if text is None else json.loads(text)


# SQLite's STRICT tables accept only the types INTEGER, REAL, TEXT, BLOB and ANY.
@compiles(String, "sqlite")
@compiles(Enum, "sqlite")
@compiles(DateTime, "sqlite")
@compiles(JSON, "sqlite")
def _as_text(type_: Any, compiler: Any, **kw: Any) -> str:
    return "TEXT"


@compiles(Boolean, "sqlite")
def _as_integer(type_: Any, compiler: Any, **kw: Any) -> str:
    return "INTEGER"
