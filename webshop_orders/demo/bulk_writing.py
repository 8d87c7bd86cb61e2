"""Bulk inserts: COPY on PostgreSQL, one executemany per table on SQLite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select, text

from webshop_orders.db.extensions import Base, db
from webshop_orders.db.locks import lock_tables
from webshop_orders.models import Event, Line, Order, Shipment, TrackingCode

# A referenced table comes before the tables that reference it.
TABLES: tuple[Any, ...] = (Order, Shipment, Line, TrackingCode, Event)
LOCK = text("lock table orders, shipments, lines, tracking_codes, events in share row exclusive mode")
# For fewer orders, updating the full-text index row by row is faster than rebuilding it.
MIN_ORDERS_TO_REBUILD = 20_000
SEARCH_INDEX_DEFINITION = text(
    "select indexdef from pg_indexes where schemaname = current_schema() and indexname = 'ix_order_search_words'"
)
DROP_SEARCH_INDEX = text("drop index ix_order_search_words")
REBUILD_MEMORY = text("set local maintenance_work_mem = '512MB'")


def uses_one_transaction() -> bool:
    """Whether all orders go into one transaction; on SQLite a long one would write every page twice."""
    return _on_postgresql()


def lock() -> None:
    """Block inserts by others until the transaction ends, so that the next ids are free for us."""
    lock_tables(LOCK)


def next_ids(table: Any) -> Iterator[int]:
    return count((db.session.scalar(select(func.max(table.id))) or 0) + 1)


def write(table: type[Base], rows: Sequence[NamedTuple]) -> None:
    """Insert rows into a table; their fields are named as its columns and hold values as SQLite stores them."""
    if rows and _on_postgresql():
        _copy(table, rows)
    elif rows:
        _insert(table, rows)


def advance_sequences() -> None:
    """Set PostgreSQL's id sequences to continue after the inserted rows."""
    if _on_postgresql():
        for table in TABLES:
            sequence = func.pg_get_serial_sequence(table.__tablename__, "id")
            db.session.execute(select(func.setval(sequence, func.max(table.id))))


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


def _copy(table: type[Base], rows: Sequence[NamedTuple]) -> None:
    driver: Any = db.session.connection().connection.driver_connection
    columns = ", ".join(rows[0]._fields)
    with driver.cursor() as cursor:
        cursor.execute("set local time zone 'UTC'")  # the times are written without an offset
        with cursor.copy(f"copy {table.__tablename__} ({columns}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)


def _insert(table: type[Base], rows: Sequence[NamedTuple]) -> None:
    connection = db.session.connection()
    statement = insert(table).compile(dialect=connection.dialect, column_keys=rows[0]._fields)
    connection.exec_driver_sql(str(statement), [tuple(row) for row in rows])


def _on_postgresql() -> bool:
    return db.session.get_bind().dialect.name == "postgresql"
