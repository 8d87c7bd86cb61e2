"""The database as it is at one moment, while others go on changing it."""

from collections.abc import Iterator
from contextlib import contextmanager

from webshop_orders.db.extensions import db

ON_POSTGRESQL = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


@contextmanager
def snapshot() -> Iterator[None]:
    """A transaction in which all statements of the session see the same state, and which writes nothing.

    SQLite has this of each transaction (https://sqlite.org/isolation.html); it blocks no writer.
    """
    db.session.rollback()
    db.session.expire_all()
    is_postgresql = db.engine.dialect.name == "postgresql"
    db.session.connection(execution_options=ON_POSTGRESQL if is_postgresql else {})
    try:
        yield
    finally:
        db.session.rollback()
