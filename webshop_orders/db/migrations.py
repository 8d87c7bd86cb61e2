"""The migrations of the database: whether all are applied, and applying them, one process at a time.

A database may be ahead of the process that uses it, while a newer version is being rolled out: migrations only add, so
that the version before serves on (docs/upgrading.md).

Alembic is imported where migrations run, since its import takes a tenth of the time of a start.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app
from flask_babel import gettext as _
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from webshop_orders.db.extensions import WRITES, db
from webshop_orders.db.failures import is_lock_failure
from webshop_orders.errors import RuleViolation

if TYPE_CHECKING:
    from flask_migrate import Migrate

ADVISORY_LOCK = 0x7765_6273_686F_70  # "webshop"
REVISIONS = re.compile(r'^(revision|down_revision) = "(\w+)"$', re.MULTILINE)
NUMBER = re.compile(r"[0-9]{4}")  # of a migration of ours
APPLIED = text("select version_num from alembic_version")
# Requests wait behind a migration that waits for a table. So it waits briefly (LOCK_WAIT_MS), lets them through for a
# moment, and tries again.
LOCK_WAIT_MS = 2_000
PAUSE_SECONDS = 1
PATIENCE_SECONDS = 600
logger = logging.getLogger(__name__)


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
    """Whether every migration of this version has been applied, and perhaps those of a newer one too.

    Raises SQLAlchemyError where the database does not answer.
    """
    found = applied()
    return found == newest() or _are_newer(found)


def is_newer() -> bool:
    """Whether a newer version has migrated the database; raises SQLAlchemyError where the database does not answer."""
    return _are_newer(applied())


def applied() -> set[str]:
    """The migrations that the database names as its newest; none where it is empty."""
    with db.engine.connect() as connection:
        is_empty = not inspect(connection).has_table("alembic_version")
        return set() if is_empty else set(connection.scalars(APPLIED))


def newest() -> set[str]:
    """The migrations that no other one follows, by what their files say."""
    return known() - {revision for name, revision in _own_files() if name == "down_revision"}


def known() -> set[str]:
    """All migrations, by what their files say."""
    return {revision for name, revision in _own_files() if name == "revision"}


def _own_files() -> list[tuple[str, str]]:
    return _files(current_app.extensions["migrate"].directory)


@cache
def _files(directory: str) -> list[tuple[str, str]]:
    """Read once: what an upgrade puts there later is not what this process runs."""
    paths = (Path(directory) / "versions").glob("*.py")
    return [match for path in paths for match in REVISIONS.findall(path.read_text("utf-8"))]


def _are_newer(revisions: set[str]) -> bool:
    latest = max(newest())
    return bool(revisions) and all(NUMBER.fullmatch(revision) and revision > latest for revision in revisions)


def upgrade() -> None:
    """Apply the migrations that are missing, in one transaction; for callers inside `exclusive()`.

    Raises RuleViolation where the database is that of another program, OperationalError where others hold its locks for
    longer than PATIENCE_SECONDS.
    """
    deadline = monotonic() + PATIENCE_SECONDS
    while not is_current():
        _check_ours()
        import flask_migrate

        try:
            flask_migrate.upgrade()
        except DBAPIError as error:
            if not is_lock_failure(error) or monotonic() > deadline:
                raise
            logger.warning("the migrations wait for others who use the database, and will try again")
            sleep(PAUSE_SECONDS)


def _check_ours() -> None:
    if foreign := {revision for revision in applied() if not NUMBER.fullmatch(revision)}:
        raise RuleViolation(
            _("The database is that of another program, whose migration is %(revision)s.", revision=max(foreign))
        )


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
