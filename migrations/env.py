"""Alembic's environment: runs the migrations on the application's engine."""

from typing import Any

from alembic import context
from flask import current_app

from webshop_orders.db.columns import UtcDateTime, ValueObject
from webshop_orders.db.extensions import WRITES
from webshop_orders.db.migrations import is_model_table

config = context.config
database = current_app.extensions["migrate"].db


def skip_empty(context: Any, revision: Any, directives: list[Any]) -> None:
    if getattr(config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def render_sqlalchemy_type(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Render our column types as SQLAlchemy's own, so that a migration does not change when ours do."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, ValueObject):
        return "sa.JSON()"
    return False


with database.engine.connect().execution_options(**{WRITES: True}) as connection:
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        process_revision_directives=skip_empty,
        render_item=render_sqlalchemy_type,
        include_name=is_model_table,
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
