"""Files that appear whole or not at all, and that only their owner can read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation

OWNER_ONLY = 0o600
UNFINISHED = ".part"


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yields an empty file beside `path`, to be written, which gets that name at the end; on an error it is deleted.

    Raises RuleViolation where `path` exists or cannot be written.
    """
    if path.exists():
        raise RuleViolation(_("%(path)s exists already. Give another name, or move it away.", path=path))
    unfinished = path.with_name(f".{path.name}{UNFINISHED}")
    try:
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY))
        yield unfinished
        _sync(unfinished, os.O_RDWR)
        unfinished.rename(path)
        if os.name != "nt":  # where folders cannot be opened
            _sync(path.parent, os.O_RDONLY)
    except OSError as error:
        raise RuleViolation(
            _("%(path)s cannot be written (%(reason)s).", path=path, reason=error.strerror or error)
        ) from None
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            with suppress(OSError):
                unfinished.with_name(f"{unfinished.name}{suffix}").unlink()


def _sync(path: Path, mode: int) -> None:
    descriptor = os.open(path, mode)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
