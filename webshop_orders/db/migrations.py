"""The migrations of the database: whether all are applied, and applying them, one process at a time.

Alembic is imported where migrations run, since its import takes a tenth of the time of a start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import inspect, text

from webshop_orders.db.extensions import WRITES, db

if TYPE_CHECKING:
    from flask_migrate import Migrate

ADVISORY_LOCK = 0x7765_6273_686F_70  # "webshop"
REVISIONS = re.compile(r'^(revision|down_revision) = "(\w+)"$', re.MULTILINE)
APPLIED = text("select version_num from alembic_version")


@dataclass
class MigrateConfig:
    """What Flask-Migrate's commands and `migrations/env.py` read of the application."""

    db: SQLAlchemy
    directory: str
    configure_args: dict[str, Any] = field(default_factory=lambda: {"compare_type": True, "render_as_batch": True})

    @cached_property
    def migrate(self) -> Migrate:
        from flask_migrate import Migrate

        return Migrate(db=self.db, directory=self.directory)


def init_app(app: Flask, directory: Path) -> None:
    """Prepare the application for Flask-Migrate, as its extension does."""
    app.extensions["migrate"] = MigrateConfig(db, str(directory))


def is_current() -> bool:
    """Whether every migration has been applied; raises SQLAlchemyError where the database does not answer."""
    with db.engine.connect() as connection:
        is_empty = not inspect(connection).has_table("alembic_version")
        applied = set() if is_empty else set(connection.scalars(APPLIED))
    return applied == newest()


def newest() -> set[str]:
    """The migrations that no other one follows, by what their files say."""
    folder = Path(current_app.extensions["migrate"].directory) / "versions"
    found = [match for path in folder.glob("*.py") for match in REVISIONS.findall(path.read_text("utf-8"))]
    return {revision for name, revision in found if name == "revision"} - {
        revision for name, revision in found if name == "down_revision"
    }


def upgrade() -> None:
    """Apply the migrations that are missing; for callers inside `exclusive()`."""
    if not is_current():
        import flask_migrate

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
    return not (name or "").startswith(("order_search", "ix_order_search", "product_search", "ix_product_search"))
