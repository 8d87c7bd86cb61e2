"""Column types that behave alike on SQLite and PostgreSQL."""

from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, DateTime, Dialect, Enum, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import TypeDecorator


class folded(GenericFunction[str]):  # noqa: N801
    """Text folded by the database, for columns without a stored folded copy; on SQLite it calls `text.folding.fold`."""

    type = String()
    inherit_cache = True


@compiles(folded, "postgresql")
def _fold_in_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    text = compiler.process(element.clauses, **kw)
    return f"lower(regexp_replace(normalize({text}, NFKD), '[\\u0300-\\u036f]', '', 'g'))"


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
