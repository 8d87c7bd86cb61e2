"""Parameters of statements that are run often, so that PostgreSQL prepares one statement and plans it once."""

import json
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Boolean,
    ColumnClause,
    Dialect,
    ScalarSelect,
    String,
    bindparam,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import TypeDecorator

T = TypeVar("T")

AT_ONCE = 1_000  # values of one IN


def in_parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Any number of values in parts, each of which one statement can have in its IN."""
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))


def planned_once(parameter: BindParameter[Any]) -> ScalarSelect[Any]:
    """A parameter in a subquery, whose value PostgreSQL does not look at when it plans the statement.

    Otherwise each execution with a rare value would be planned anew, in more time than it takes to run, since its plan
    is estimated to be cheaper than one for all values: https://www.postgresql.org/docs/current/sql-prepare.html
    """
    return select(parameter).scalar_subquery()


class Integers(TypeDecorator[Sequence[int]]):
    """Any number of integers as one value: an array on PostgreSQL, JSON on SQLite."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(ARRAY(BigInteger()) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        return list(value or ()) if dialect.name == "postgresql" else json.dumps(value)


class is_one_of(GenericFunction[bool]):  # noqa: N801
    """Whether a column is one of `Integers`. Unlike IN, it is the same statement for any number of them."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: Any, name: str) -> None:
        super().__init__(column, planned_once(bindparam(name, type_=Integers())))


@compiles(is_one_of, "postgresql")
def _is_one_of_array(element: Any, compiler: Any, **kw: Any) -> str:
    column, values = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} = ANY (CAST({values} AS BIGINT[]))"


@compiles(is_one_of, "sqlite")
def _is_one_of_json(element: Any, compiler: Any, **kw: Any) -> str:
    column, values = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608  # nosec B608 - of compiled parts


def written_out(values: Iterable[StrEnum]) -> list[ColumnClause[str]]:
    """Values of IN as part of a statement's text: as parameters they would be rendered anew with each request."""
    # nosemgrep: string-built-sql - the values of an enum, which nobody sends
    return [literal_column(f"'{value.value}'") for value in values]
