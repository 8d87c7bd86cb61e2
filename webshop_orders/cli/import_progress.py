"""How far an import has come: one line that is written over on a terminal, and a line now and then in a log file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import click
from flask_babel import gettext as _

from webshop_orders.connectors.importing.records import ImportOutcome

SECONDS_ON_TERMINAL, SECONDS_IN_LOG = 0.2, 10.0
SECONDS_PER_MINUTE = 60


class ImportProgress:
    """Shows the progress of one import on standard error."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._interval = SECONDS_ON_TERMINAL if self._is_terminal else SECONDS_IN_LOG
        self._started = self._shown = monotonic()
        self._width = 0

    @classmethod
    @contextmanager
    def shown(cls) -> Iterator[ImportProgress]:
        progress = cls()
        try:
            yield progress
        finally:
            progress.clear()

    def show(self, outcome: ImportOutcome, share: float) -> None:
        """Show the progress unless that was done a moment ago; `share` is how much of the file has been read."""
        if monotonic() - self._shown >= self._interval:
            self._shown = monotonic()
            line = describe(outcome.done, share, self._shown - self._started)
            click.echo(f"\r{line:<{self._width}}" if self._is_terminal else line, err=True, nl=not self._is_terminal)
            self._width = len(line) if self._is_terminal else 0

    def clear(self) -> None:
        """Leave an empty line on a terminal for what is written next."""
        if self._width:
            click.echo(f"\r{'':<{self._width}}\r", err=True, nl=False)
            self._width = 0


def describe(done: int, share: float, seconds: float) -> str:
    """Such as `34 % read, 34000 done, 1870 a second, 0:35 left`."""
    minutes, rest = divmod(round(seconds * (1 - share) / share) if share else 0, SECONDS_PER_MINUTE)
    return _(
        "%(percent)s %% read, %(done)s done, %(rate)s a second, %(left)s left",
        percent=int(share * 100),
        done=done,
        rate=round(done / seconds) if seconds else done,
        left=f"{minutes}:{rest:02d}",
    )
