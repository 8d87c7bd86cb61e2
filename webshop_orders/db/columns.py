"""Column types that behave alike on SQLite and PostgreSQL."""

from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, DateTime, Dialect, Enum, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import TypeDecorator

from webshop_orders.text import folding


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

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ValueObject(TypeDecorator[Any]):
    """A frozen dataclass, or a list of them, stored as JSON."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def __init__(self, kind: type, *, many: bool = False) -> None:
        super().__init__()
        self.kind = kind
        self.many = many

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        return [asdict(item) for item in value] if self.many else asdict(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        return [self.kind(**item) for item in value] if self.many else self.kind(**value)


def enum_column(kind: type[StrEnum], *, name: str | None = None) -> Enum:
    """The column type of an enum: stored by value, with a check constraint named `name`, or else after the enum."""
    return Enum(
        kind,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        name=name or kind.__name__.lower(),
        length=30,
    )


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
