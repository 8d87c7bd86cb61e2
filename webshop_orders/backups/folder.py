"""The folder of the backups that the worker makes: their names, and which of them are kept."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from flask import current_app

from webshop_orders.backups import files
from webshop_orders.db.extensions import db

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
        file.unlink(missing_ok=True)
    return outdated


def remove_unfinished(folder: Path) -> None:
    """Delete what backups left that were interrupted; for the one process that may make one now."""
    for file in folder.glob(f".{_database_name()}-*{_suffix()}{files.UNFINISHED}"):
        file.unlink(missing_ok=True)


def _database_name() -> str:
    name = Path(db.engine.url.database or "")
    return re.sub(r"[^\w.-]", "_", name.stem if db.engine.dialect.name == "sqlite" else name.name)


def _suffix() -> str:
    return ".sqlite3" if db.engine.dialect.name == "sqlite" else ".dump"
