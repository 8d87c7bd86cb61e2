"""The folder of the backups that the worker makes: their names, and which of them are kept."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _

from webshop_orders.backups import files
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation

TIME = "%Y%m%dT%H%M%SZ"


def path() -> Path:
    """The folder, which need not exist yet."""
    return Path(current_app.config.get("BACKUP_FOLDER") or Path(current_app.config["INSTANCE"]) / "backups").absolute()


def new_name(at: datetime) -> str:
    """The name of a backup, after its database and the time in UTC, so that names sort as they were made."""
    return f"{_database_name()}-{at.strftime(TIME)}{_suffix()}"


def prune(folder: Path, keep: int) -> list[Path]:
    """Delete all but so many newest of the backups of this database, or none if that is 0; returns what was deleted."""
    name = re.compile(rf"{re.escape(_database_name())}-\d{{8}}T\d{{6}}Z{re.escape(_suffix())}")
    newest = sorted((file for file in folder.iterdir() if name.fullmatch(file.name)), reverse=True)
    outdated = newest[keep:] if keep else []
    for file in outdated:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise RuleViolation(
                _("%(path)s cannot be deleted (%(reason)s).", path=file, reason=error.strerror)
            ) from None
    return outdated


def prepare(folder: Path) -> None:
    """Make the folder, and delete what interrupted backups left there; for the one process that may make one now.

    Where that fails, so does the backup, which says why.
    """
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in folder.glob(f".{_database_name()}-*{_suffix()}{files.UNFINISHED}"):
        with suppress(OSError):
            file.unlink()


def _database_name() -> str:
    name = Path(db.engine.url.database or "")
    return re.sub(r"[^\w.-]", "_", name.stem if db.engine.dialect.name == "sqlite" else name.name)


def _suffix() -> str:
    return ".sqlite3" if db.engine.dialect.name == "sqlite" else ".dump"
