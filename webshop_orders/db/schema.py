"""The tables of the database, and what has to be in them before anything else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import flask_migrate
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import text

from webshop_orders.db.extensions import db
from webshop_orders.models import Shop

ADVISORY_LOCK = 0x7765_6273_686F_70  # "webshop"


def is_current() -> bool:
    """Whether every migration has been carried out; raises SQLAlchemyError where the database does not answer."""
    scripts = ScriptDirectory(current_app.extensions["migrate"].directory)
    with db.engine.connect() as connection:
        applied = MigrationContext.configure(connection).get_current_heads()
    return set(applied) == set(scripts.get_heads())


def is_model_table(name: str | None, kind: str, parents: Any) -> bool:
    """Whether a table or index of the database is one that a model describes; what search looks through is not."""
    return not (name or "").startswith(("order_search", "ix_order_search"))


def prepare() -> None:
    """Carry out the migrations that are lacking, and give a new shop its settings."""
    with _alone():
        if not is_current():
            flask_migrate.upgrade()
        if db.session.get(Shop, 1) is None:
            db.session.add(Shop())
            db.session.commit()
    db.session.remove()


@contextmanager
def _alone() -> Iterator[None]:
    """Keep machines that start at the same time from migrating together; on SQLite there is only one."""
    if db.engine.dialect.name != "postgresql":
        yield
        return
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(text("set local lock_timeout = 0"))
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        yield
