"""The migrations of the database: whether all are applied, and applying them, one process at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import flask_migrate
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import text

from webshop_orders.db.extensions import WRITES, db

ADVISORY_LOCK = 0x7765_6273_686F_70  # "webshop"


def is_current() -> bool:
    """Whether every migration has been applied; raises SQLAlchemyError where the database does not answer."""
    scripts = ScriptDirectory(current_app.extensions["migrate"].directory)
    with db.engine.connect() as connection:
        applied = MigrationContext.configure(connection).get_current_heads()
    return set(applied) == set(scripts.get_heads())


def upgrade() -> None:
    """Apply the migrations that are missing; for callers inside `exclusive()`."""
    if not is_current():
        flask_migrate.upgrade()


@contextmanager
def exclusive() -> Iterator[None]:
    """Keep machines that start at the same time from migrating together; on SQLite there is only one machine."""
    if db.engine.dialect.name != "postgresql":
        yield
        return
    with db.engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        connection.execute(text("set local lock_timeout = 0"))
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        yield


def is_model_table(name: str | None, kind: str, parents: Any) -> bool:
    """Whether a table or index of the database is described by a model; those of full-text search are not.

    The signature is that of Alembic's `include_name`.
    """
    return not (name or "").startswith(("order_search", "ix_order_search"))
