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

# Indexes that only make reading faster, and foreign keys, with the statements that drop and create them.
INDEXES = text("""
    select format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid) from pg_index
    where indrelid = any(cast(:tables as regclass[])) and not indisunique order by indexrelid""")
FOREIGN_KEYS = text("""
    select format('alter table %s drop constraint %I', conrelid::regclass, conname),
        format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    from pg_constraint where conrelid = any(cast(:tables as regclass[])) and contype = 'f' order by oid""")
REBUILD_MEMORY = text("set local maintenance_work_mem = '512MB'")
LAST_OF_SEQUENCE = text("select pg_sequence_last_value(cast(pg_get_serial_sequence(:table, 'id') as regclass))")
LAST_OF_AUTOINCREMENT = text("select seq from sqlite_sequence where name = :table")
NEXT_FROM_SEQUENCE = text("select nextval(pg_get_serial_sequence(:table, 'id')) from generate_series(1, :count)")
# Characters that no text has, for the text format of COPY.
DELIMITER, NULL, ROW_END = "\x1f", "\x1e", "\x1d"


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
        with _copying(table, columns) as copy:
            for row in rows:
                copy.write_row(row)
    elif rows:
        _insert(table, columns, rows)


def write_copy_text(table: type[Base], columns: Sequence[str], rows: bytes) -> None:
    """Insert rows that `copy_text` made into a table of PostgreSQL."""
    with _copying(table, columns, f"(delimiter '{DELIMITER}', null '{NULL}')") as copy:
        copy.write(rows)


def copy_text(rows: Sequence[Sequence[Any]]) -> bytes:
    """Rows as `write_copy_text` takes them, a row a line; their texts have no control characters but blanks."""
    if not rows:
        return b""
    line = DELIMITER.join(["%s"] * len(rows[0])) + ROW_END
    lines = "".join([line % tuple([NULL if value is None else value for value in row]) for row in rows])
    return lines.replace("\\", r"\\").replace("\n", r"\n").replace("\r", r"\r").replace(ROW_END, "\n").encode()


def advance_sequences(tables: Iterable[Any]) -> None:
    """Set PostgreSQL's id sequences to continue after the inserted rows."""
    if _on_postgresql():
        for table in tables:
            sequence = func.pg_get_serial_sequence(table.__tablename__, "id")
            db.session.execute(select(func.setval(sequence, _last_id(table) or None)))


@contextmanager
def without_indexes(tables: Sequence[str]) -> Iterator[None]:
    """Drop PostgreSQL's indexes and foreign keys of tables, and create them again at the end.

    That is far faster where most rows of the tables are new. Nobody else can read the tables until the transaction
    ends. If the end is not reached, it is rolled back, and nothing was dropped.
    """
    if not _on_postgresql():
        yield
        return
    # nosemgrep: string-built-sql - the names are those of the models
    lock_tables(text(f"lock table {', '.join(tables)} in access exclusive mode"))
    dropped = [row for query in (INDEXES, FOREIGN_KEYS) for row in db.session.execute(query, {"tables": list(tables)})]
    connection = db.session.connection()
    for drop, _create in dropped:
        connection.exec_driver_sql(drop)
    yield
    db.session.execute(REBUILD_MEMORY)
    for _drop, create in dropped:
        connection.exec_driver_sql(create)


def _last_id(table: Any) -> int:
    """The highest id given so far, also to a row that has been deleted; 0 without one."""
    sequence = LAST_OF_SEQUENCE if _on_postgresql() else LAST_OF_AUTOINCREMENT
    given = db.session.scalar(sequence, {"table": table.__tablename__})
    return max(given or 0, db.session.scalar(select(func.max(table.id))) or 0)


@contextmanager
def _copying(table: type[Base], columns: Sequence[str], options: str = "") -> Iterator[Any]:
    connection = db.session.connection()
    driver: Any = connection.connection.driver_connection
    statement = f"copy {table.__tablename__} ({', '.join(columns)}) from stdin {options}"
    dbapi: Any = connection.dialect.dbapi
    try:
        with driver.cursor() as cursor:
            cursor.execute("set local time zone 'UTC'")  # the times are written without an offset
            with cursor.copy(statement) as copy:
                yield copy
    except dbapi.Error as error:  # as SQLAlchemy raises it for statements of its own
        raise DBAPIError.instance(statement, None, error, dbapi.Error, dialect=connection.dialect) from error


def _insert(table: type[Base], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    places = ", ".join("?" * len(columns))
    # nosemgrep: string-built-sql - the names are those of the models
    statement = f"insert into {table.__tablename__} ({', '.join(columns)}) values ({places})"  # noqa: S608 # nosec B608
    db.session.connection().exec_driver_sql(statement, [tuple(row) for row in rows])


def _on_postgresql() -> bool:
    return db.session.get_bind().dialect.name == "postgresql"
