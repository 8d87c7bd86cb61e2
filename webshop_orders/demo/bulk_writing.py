"""Many rows written at once: by COPY on PostgreSQL, and in one statement for all rows of a table on SQLite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select, text

from webshop_orders.db.extensions import Base, db
from webshop_orders.db.locks import lock_tables
from webshop_orders.models import Event, Line, Order, Shipment, TrackingCode

# What is referred to comes before what refers to it.
TABLES: tuple[Any, ...] = (Order, Shipment, Line, TrackingCode, Event)
LOCK = text("lock table orders, shipments, lines, tracking_codes, events in share row exclusive mode")
# Fewer orders are added to the index of words one by one before it could be made anew.
WORTH_AN_INDEX = 20_000
INDEX_OF_WORDS = text(
    "select indexdef from pg_indexes where schemaname = current_schema() and indexname = 'ix_order_search_words'"
)
DROP_INDEX_OF_WORDS = text("drop index ix_order_search_words")
MEMORY_TO_MAKE_IT = text("set local maintenance_work_mem = '512MB'")


def takes_all_at_once() -> bool:
    """Whether one transaction may be as long as one likes: SQLite would write everything twice."""
    return _on_postgresql()


def lock() -> None:
    """Keep others from adding rows until the transaction ends, so that the ids that come next are ours."""
    lock_tables(LOCK)


def next_ids(table: Any) -> Iterator[int]:
    return count((db.session.scalar(select(func.max(table.id))) or 0) + 1)


def write(table: type[Base], rows: Sequence[NamedTuple]) -> None:
    """Add rows of a table, whose fields are named as its columns and hold what SQLite keeps in them."""
    if rows and _on_postgresql():
        _copy(table, rows)
    elif rows:
        _insert(table, rows)


def go_on_after() -> None:
    """Let the ids that PostgreSQL gives go on after those that were written."""
    if _on_postgresql():
        for table in TABLES:
            sequence = func.pg_get_serial_sequence(table.__tablename__, "id")
            db.session.execute(select(func.setval(sequence, func.max(table.id))))


@contextmanager
def without_index_of_words(orders: int) -> Iterator[None]:
    """To add many orders to PostgreSQL's index of words takes far longer than to make it anew at the end.

    Where that end is not reached, the transaction is rolled back and the index with it.
    """
    if orders < WORTH_AN_INDEX or not _on_postgresql():
        yield
        return
    definition = db.session.scalars(INDEX_OF_WORDS).one()
    db.session.execute(DROP_INDEX_OF_WORDS)
    yield
    db.session.execute(MEMORY_TO_MAKE_IT)
    db.session.connection().exec_driver_sql(definition)


def _copy(table: type[Base], rows: Sequence[NamedTuple]) -> None:
    driver: Any = db.session.connection().connection.driver_connection
    columns = ", ".join(rows[0]._fields)
    with driver.cursor() as cursor:
        cursor.execute("set local time zone 'UTC'")  # times come without their zone
        with cursor.copy(f"copy {table.__tablename__} ({columns}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)


def _insert(table: type[Base], rows: Sequence[NamedTuple]) -> None:
    connection = db.session.connection()
    statement = insert(table).compile(dialect=connection.dialect, column_keys=rows[0]._fields)
    connection.exec_driver_sql(str(statement), [tuple(row) for row in rows])


def _on_postgresql() -> bool:
    return db.session.get_bind().dialect.name == "postgresql"
