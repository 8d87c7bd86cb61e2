"""Row and table locks. A lock lasts until its transaction ends, so it is taken only in one that was begun to write.

Outside such a transaction PostgreSQL would release the lock with the statement that took it (autocommit), and SQLite,
which knows no row locks, would let other processes write. Every lock of the package is therefore taken here.
"""

from typing import Any, Generic, TypeVar, TypeVarTuple

from sqlalchemy import Connection, Select, TextClause

from webshop_orders.db.extensions import WRITES, Base, db

T = TypeVar("T", bound=Base)
Ts = TypeVarTuple("Ts")


class LockOutsideTransaction(RuntimeError):
    """A lock was requested outside a writing transaction: an error of the program, never shown to users."""


def require_write_transaction() -> Connection:
    """The session's connection; raises LockOutsideTransaction unless its transaction was begun to write."""
    session = db.session()
    if session.in_transaction():
        connection = session.connection()
        if connection.get_execution_options().get(WRITES):
            return connection
    raise LockOutsideTransaction("Locks are taken inside `writing()` or `editing()` only.")


def for_update(
    statement: Select[*Ts], *, key_share: bool = False, skip_locked: bool = False, of: type[Base] | None = None
) -> Select[*Ts]:
    """The statement, locking the rows that it selects; on SQLite the transaction excludes other writers anyway.

    `key_share` lets other transactions insert rows that refer to the locked ones. `skip_locked` leaves out rows that
    others have locked instead of waiting for them. `of` locks the rows of one table of a join.
    """
    require_write_transaction()
    return statement.with_for_update(key_share=key_share, skip_locked=skip_locked, of=of)


class PreparedLock(Generic[*Ts]):
    """A locking statement that is built once, for what most changes lock; see `for_update`."""

    def __init__(self, statement: Select[*Ts], *, key_share: bool = False) -> None:
        self._statement = statement.with_for_update(key_share=key_share)

    @property
    def statement(self) -> Select[*Ts]:
        require_write_transaction()
        return self._statement

    def take(self, **parameters: object) -> None:
        """Lock the rows without reading them; SQLite needs no statement for that."""
        connection = require_write_transaction()
        if connection.dialect.name != "sqlite":
            connection.execute(self._statement, parameters)


def get_for_update(model: type[T], key: Any) -> T | None:
    """The row with this primary key, locked and read again; None where there is no such row."""
    require_write_transaction()
    return db.session.get(model, key, with_for_update=True, populate_existing=True)


def lock_rows(statement: Select[*Ts]) -> None:
    """Lock the rows that a statement selects, without reading them; SQLite needs no statement for that."""
    locking = for_update(statement)
    if db.engine.dialect.name != "sqlite":
        db.session.execute(locking)


def lock_tables(statement: TextClause) -> None:
    """Execute a LOCK TABLE statement; SQLite needs none."""
    require_write_transaction()
    if db.engine.dialect.name != "sqlite":
        db.session.execute(statement)
