"""Text files that are read as streams, with how far they are read."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation

MAX_LINE = 4 * 1024 * 1024  # characters
CHUNK = 1024 * 1024  # characters


@dataclass(frozen=True)
class TextFile:
    """An open file; `share` is how much of it has been read, from 0 to 1."""

    text: TextIO
    share: Callable[[], float]

    def lines(self) -> Iterator[str]:
        """The lines; of one that is far too long only the beginning, so that it cannot fill the memory."""
        while line := self.text.readline(MAX_LINE):
            yield line
            while len(line) == MAX_LINE and not line.endswith("\n"):
                line = self.text.readline(MAX_LINE)


@contextmanager
def open_text(path: Path) -> Iterator[TextFile]:
    """Open a file of UTF-8 text; raises RuleViolation if it cannot be imported at all."""
    with readable(path):
        if path.is_dir():
            raise RuleViolation(_("%(path)s is a folder. Name a file of JSON lines.", path=path))
        with path.open("rb") as file, io.TextIOWrapper(file, encoding="utf-8-sig") as text:
            size = path.stat().st_size
            _check_text(path, text)
            yield TextFile(text, lambda: file.tell() / size)


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Raise RuleViolation for a file that does not exist or is not text."""
    try:
        yield
    except FileNotFoundError:
        raise RuleViolation(_("There is no file %(path)s.", path=path)) from None
    except UnicodeDecodeError:
        raise RuleViolation(_("%(path)s is not UTF-8 text. Save it as UTF-8 and try again.", path=path)) from None
    except OSError as error:
        raise RuleViolation(_("%(path)s cannot be read: %(reason)s.", path=path, reason=error.strerror)) from None


def _check_text(path: Path, text: TextIO) -> None:
    """Read through a file once, so that nothing is imported of one that is not text to its end."""
    if not text.read(CHUNK):
        raise RuleViolation(_("%(path)s is empty, so there is nothing to import.", path=path))
    while text.read(CHUNK):
        pass
    text.seek(0)
