"""The programs of PostgreSQL on this machine, and how they connect to the database."""

from __future__ import annotations

import os
import re
import shutil
import subprocess  # nosec B404 - the programs of PostgreSQL, with arguments of ours and never a shell
import tempfile
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import IO

from flask_babel import gettext as _
from sqlalchemy import URL, text

from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation

DEBIAN = Path("/usr/lib/postgresql")  # has a folder for each version
VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
POLL_SECONDS = 0.2
MAX_REASON_LENGTH = 300


def find(name: str) -> str:
    """The path of a program that is not older than the server; raises RuleViolation where none is installed.

    One that is older refuses to dump, and one that is much newer may write what the server does not understand:
    https://www.postgresql.org/docs/current/app-pgdump.html#PG-DUMP-NOTES
    """
    with db.engine.connect() as connection:
        server = int(connection.scalar(text("show server_version_num")) or 0) // 10000
    folders = [*os.get_exec_path(), *(str(folder) for folder in sorted(DEBIAN.glob("*/bin")))]
    programs = filter(None, (shutil.which(name, path=folder) for folder in folders if folder))
    versions = {program: _major_version(program) for program in programs}
    usable = [program for program, version in versions.items() if version >= server]
    if usable:
        return min(usable, key=versions.__getitem__)
    raise RuleViolation(
        _(
            "%(program)s of PostgreSQL %(version)s or newer is needed, and not on this machine's PATH. On Debian it is "
            "in postgresql-client-%(version)s.",
            program=name,
            version=server,
        )
    )


def start(
    program: str, *arguments: str | Path, stdin: IO[bytes] | int = subprocess.DEVNULL, stdout: int = subprocess.DEVNULL
) -> RunningTool:
    """Start a program that connects to the database."""
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - the tool closes it; a pipe that nobody reads would fill up
    command = [program, *map(str, arguments)]
    # Found by `find`; the password is in the environment, which other users cannot read, as they can the arguments.
    process = subprocess.Popen(  # noqa: S603 # nosec B603
        command, stdin=stdin, stdout=stdout, stderr=errors, env=environment(db.engine.url)
    )
    return RunningTool(process, errors)


class RunningTool:
    """A program that runs, and is killed at the end of the context if it still does."""

    def __init__(self, process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
        self.process = process
        self._errors = errors

    def __enter__(self) -> RunningTool:
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        self.process.wait()
        self._errors.close()

    def succeeds(self, stop: Event | None = None) -> bool:
        """Wait for its end; raises RuleViolation if `stop` is set before."""
        while True:
            try:
                return self.process.wait(POLL_SECONDS if stop else None) == 0
            except subprocess.TimeoutExpired:
                if stop is not None and stop.is_set():
                    raise RuleViolation(_("The worker was stopped before it was done.")) from None

    def reason(self) -> str:
        """The first lines that it wrote about what went wrong."""
        self._errors.seek(0)
        said = " ".join(self._errors.read().decode("utf-8", "replace").split())
        return said[:MAX_REASON_LENGTH] or f"{Path(str(self.process.args[0])).name} {self.process.returncode}"  # type: ignore[index]


def environment(url: URL) -> dict[str, str]:
    """The environment that lets programs of PostgreSQL connect as the application does.

    https://www.postgresql.org/docs/current/libpq-envars.html
    """
    from psycopg import pq

    _arguments, parameters = db.engine.dialect.create_connect_args(url)
    variables = {
        option.keyword.decode(): option.envvar.decode() for option in pq.Conninfo.get_defaults() if option.envvar
    }
    ours = {variables[name]: str(value) for name, value in parameters.items() if name in variables}
    return {**os.environ, "LC_ALL": "C", **ours}


def _major_version(program: str) -> int:
    """The version that a program says it is of; 0 where it does not say."""
    try:
        done = subprocess.run(  # noqa: S603 # nosec B603 - a program of the administrator's own PATH
            [program, "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = VERSION.search(done.stdout)
    return int(found[1]) if found else 0
