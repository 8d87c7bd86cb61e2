"""Alembic's environment: runs the migrations on the application's engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from webshop_orders.db.columns import EnumByValue, Json, UtcDateTime
from webshop_orders.db.extensions import LOCK_WAIT, WRITES
from webshop_orders.db.migrations import LOCK_WAIT_MS, is_model_table

config = context.config
database = current_app.extensions["migrate"].db


def skip_empty(context: Any, revision: Any, directives: list[Any]) -> None:
    if getattr(config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def render_sqlalchemy_type(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Render our column types as SQLAlchemy's own, so that a migration does not change when ours do."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Json):
        return "sa.JSON()"
    if kind == "type" and isinstance(item, EnumByValue):
        return f"sa.{item.impl_instance!r}"
    return False


@contextmanager
def foreign_keys_off(connection: Connection) -> Iterator[None]:
    """Let migrations on SQLite replace tables that others refer to; the setting cannot change within a transaction."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver_connection: Any = connection.connection.driver_connection
    driver_connection.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver_connection.execute("PRAGMA foreign_keys = ON")


def check_foreign_keys(connection: Connection) -> None:
    """Raise RuntimeError where a migration left a row that refers to none."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"A migration would leave rows that refer to nothing: {broken[:10]}")


options = {WRITES: True, LOCK_WAIT: LOCK_WAIT_MS}
with database.engine.connect().execution_options(**options) as connection, foreign_keys_off(connection):
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        process_revision_directives=skip_empty,
        render_item=render_sqlalchemy_type,
        include_name=is_model_table,
        transactional_ddl=True,  # of SQLite too, where we begin transactions ourselves: all migrations or none
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
        check_foreign_keys(connection)
