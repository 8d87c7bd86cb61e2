"""Restores a backup into an empty database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask_babel import gettext as _

from webshop_orders.backups import files, postgresql_dumps, sqlite_files
from webshop_orders.config import ENV_PREFIX
from webshop_orders.db import migrations
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation

# A mail that waited when the backup was made has most likely left since: staff see it and can send it.
HOLD_MAILS = (
    "update messages set state = 'held', held_because = 'not_automatic', due_at = null, last_answer = :{note} "
    "where state in ('queued', 'sending', 'retrying')"
)


@contextmanager
def loaded(path: Path) -> Iterator[str]:
    """Yields the address of a database with what a backup has, to be migrated, which is ours at the end.

    On an error nothing of it is left. Its mails are held that waited when it was made. Raises RuleViolation where our
    database is not empty, or where the file is no backup of one of its kind, damaged, or newer than our migrations.
    """
    magic = _beginning(path)
    is_sqlite = db.engine.dialect.name == "sqlite"
    if magic.startswith(postgresql_dumps.MAGIC) if is_sqlite else magic.startswith(sqlite_files.MAGIC):
        name = "PostgreSQL" if is_sqlite else "SQLite"
        raise RuleViolation(
            _("%(path)s is a backup of %(database)s, and can only be restored there.", path=path, database=name)
        )
    if not magic.startswith(sqlite_files.MAGIC if is_sqlite else postgresql_dumps.MAGIC):
        raise _foreign(path)
    with _into_sqlite(path) if is_sqlite else _into_postgresql(path) as url:
        yield url


@contextmanager
def _into_sqlite(path: Path) -> Iterator[str]:
    """Into a file beside the database, which is given its name at the end."""
    database = Path(db.engine.url.database or "").absolute()
    _require_empty(sqlite_files.is_empty(database))
    sqlite_files.remove_empty(database)
    with files.whole(database) as unfinished:
        shutil.copyfile(path, unfinished)
        try:
            revision = sqlite_files.check(unfinished)
        except RuleViolation as violation:
            raise RuleViolation(str(violation).replace(str(unfinished), str(path))) from None
        _check_revision(path, revision)
        sqlite_files.execute(unfinished, HOLD_MAILS.format(note="note"), note=_note())
        yield f"sqlite:///{unfinished}"
        sqlite_files.make_single(unfinished)


@contextmanager
def _into_postgresql(path: Path) -> Iterator[str]:
    _require_empty(postgresql_dumps.is_empty())
    _check_revision(path, postgresql_dumps.check(path))
    postgresql_dumps.load(path, HOLD_MAILS.format(note="'note'"), note=_note())
    try:
        yield db.engine.url.render_as_string(hide_password=False)
    except BaseException:
        postgresql_dumps.clear()
        raise


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(len(sqlite_files.MAGIC))
    except OSError as error:
        raise RuleViolation(_("%(path)s cannot be read (%(reason)s).", path=path, reason=error.strerror)) from None


def _require_empty(is_empty: bool) -> None:
    if not is_empty:
        raise RuleViolation(
            _(
                "The database %(url)s is not empty. Restore into a new one, to which %(prefix)sDATABASE_URL leads.",
                url=db.engine.url.render_as_string(hide_password=True),
                prefix=ENV_PREFIX,
            )
        )


def _check_revision(path: Path, revision: str | None) -> None:
    if revision is None:
        raise _foreign(path)
    if revision not in migrations.known():
        raise RuleViolation(
            _(
                "%(path)s was made by a newer version of the order desk (its migration is %(revision)s). Install that "
                "version, and restore it there.",
                path=path,
                revision=revision,
            )
        )


def _foreign(path: Path) -> RuleViolation:
    return RuleViolation(_("%(path)s is no backup of an order desk.", path=path))


def _note() -> str:
    return _("It waited when the backup was made that was restored. It may have been sent since.")
