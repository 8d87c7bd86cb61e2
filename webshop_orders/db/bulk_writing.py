"""Bulk inserts: COPY on PostgreSQL, one executemany per table on SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from webshop_orders.db.extensions import Base, db
from webshop_orders.db.locks import lock_tables, require_write_transaction

# For fewer orders, updating the full-text index row by row is faster than rebuilding it.
MIN_ORDERS_TO_REBUILD = 20_000
SEARCH_INDEX_DEFINITION = text(
    "select indexdef from pg_indexes where schemaname = current_schema() and indexname = 'ix_order_search_words'"
)
DROP_SEARCH_INDEX = text("drop index ix_order_search_words")
REBUILD_MEMORY = text("set local maintenance_work_mem = '512MB'")
LAST_OF_SEQUENCE = text("select pg_sequence_last_value(cast(pg_get_serial_sequence(:table, 'id') as regclass))")
LAST_OF_AUTOINCREMENT = text("select seq from sqlite_sequence where name = :table")
NEXT_FROM_SEQUENCE = text("select nextval(pg_get_serial_sequence(:table, 'id')) from generate_series(1, :count)")


def uses_one_transaction() -> bool:
    """Whether all orders go into one transaction; on SQLite a long one would write every page twice."""
    return _on_postgresql()


def lock(tables: Iterable[type[Base]]) -> None:
    """Block inserts by others until the transaction ends, so that the next ids are free for us."""
    names = ", ".join(table.__tablename__ for table in tables)
    # nosemgrep: string-built-sql - the names are those of the models
    lock_tables(text(f"lock table {names} in share row exclusive mode"))


def next_ids(table: Any) -> Iterator[int]:
    """All ids after the last one that a row has or had, for a table whose inserts by others are blocked."""
    return count(_last_id(table) + 1)


def reserve_ids(table: Any, number: int) -> Iterator[int]:
    """So many ids for new rows, while others insert too; on SQLite nobody else does in a writing transaction."""
    require_write_transaction()
    if not _on_postgresql():
        return next_ids(table)
    return iter(db.session.scalars(NEXT_FROM_SEQUENCE, {"table": table.__tablename__, "count": number}).all())


def write(table: type[Base], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows into a table; they hold values as SQLite stores them."""
    if rows and _on_postgresql():
        _copy(table, columns, rows)
    elif rows:
        _insert(table, columns, rows)


def advance_sequences(tables: Iterable[Any]) -> None:
    """Set PostgreSQL's id sequences to continue after the inserted rows."""
    if _on_postgresql():
        for table in tables:
            sequence = func.pg_get_serial_sequence(table.__tablename__, "id")
            db.session.execute(select(func.setval(sequence, _last_id(table) or None)))


@contextmanager
def without_search_index(orders: int) -> Iterator[None]:
    """Drop PostgreSQL's full-text index and rebuild it at the end, which is far faster for many orders.

    If the end is not reached, the transaction is rolled back and the index is restored.
    """
    if orders < MIN_ORDERS_TO_REBUILD or not _on_postgresql():
        yield
        return
    definition = db.session.scalars(SEARCH_INDEX_DEFINITION).one()
    db.session.execute(DROP_SEARCH_INDEX)
    yield
    db.session.execute(REBUILD_MEMORY)
    db.session.connection().exec_driver_sql(definition)


def _last_id(table: Any) -> int:
    """The highest id given so far, also to a row that has been deleted; 0 without one."""
    sequence = LAST_OF_SEQUENCE if _on_postgresql() else LAST_OF_AUTOINCREMENT
    given = db.session.scalar(sequence, {"table": table.__tablename__})
    return max(given or 0, db.session.scalar(select(func.max(table.id))) or 0)


def _copy(table: type[Base], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    connection = db.session.connection()
    driver: Any = connection.connection.driver_connection
    statement = f"copy {table.__tablename__} ({', '.join(columns)}) from stdin"
    dbapi: Any = connection.dialect.dbapi
    try:
        with driver.cursor() as cursor:
            cursor.execute("set local time zone 'UTC'")  # the times are written without an offset
            with cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
    except dbapi.Error as error:  # as SQLAlchemy raises it for statements of its own
        raise DBAPIError.instance(statement, None, error, dbapi.Error, dialect=connection.dialect) from error


def _insert(table: type[Base], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    places = ", ".join("?" * len(columns))
    # nosemgrep: string-built-sql - the names are those of the models
    statement = f"insert into {table.__tablename__} ({', '.join(columns)}) values ({places})"  # noqa: S608 # nosec B608
    db.session.connection().exec_driver_sql(statement, [tuple(row) for row in rows])


def _on_postgresql() -> bool:
    return db.session.get_bind().dialect.name == "postgresql"
