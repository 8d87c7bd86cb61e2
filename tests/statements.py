"""The statements that a block executes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import event

from webshop_orders.db.extensions import db


class Statement(NamedTuple):
    sql: str
    parameters: Any


@contextmanager
def executed() -> Iterator[list[Statement]]:
    """The statements that the database gets meanwhile, in their sequence."""
    statements: list[Statement] = []

    def note(_connection: object, _cursor: object, sql: str, parameters: Any, *_rest: object) -> None:
        statements.append(Statement(sql, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
