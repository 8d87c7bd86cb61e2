"""The files of a SQLite database are their owner's alone."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.cli.test_commands import run
from tests.conftest import closing_engines, settings
from webshop_orders import config, create_app
from webshop_orders.cli import database
from webshop_orders.db import sqlite
from webshop_orders.db.extensions import db
from webshop_orders.transactions.unit_of_work import writing

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """The umask of most systems, under which others may read new files."""
    previous = os.umask(0o022)
    yield
    os.umask(previous)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Flask]:
    """An order desk with a new database in a new instance folder."""
    values = config.from_environment({"WEBSHOP_ORDERS_INSTANCE": str(tmp_path / "new")})
    uri = values["SQLALCHEMY_DATABASE_URI"]
    with closing_engines(create_app(settings(uri, INSTANCE=values["INSTANCE"]))) as app, app.app_context():
        yield app


def test_a_new_database_and_its_folder_are_their_owners_alone(desk: Flask, tmp_path: Path) -> None:
    database.prepare()
    with writing():
        modes = {path.name: mode(path) for path in (tmp_path / "new").iterdir()}

    assert mode(tmp_path / "new") == 0o700
    assert "webshop-orders.sqlite3" in modes
    assert set(modes.values()) == {0o600}
    if sqlite.newest_sqlite.sqlite_version_info >= sqlite.SAFE_WAL:
        assert {"webshop-orders.sqlite3-wal", "webshop-orders.sqlite3-shm"} <= modes.keys()


def test_a_database_that_exists_keeps_the_mode_that_it_was_given(tmp_path: Path) -> None:
    file = tmp_path / "kept.sqlite3"
    sqlite3.connect(file).close()
    file.chmod(0o640)
    with closing_engines(create_app(settings(f"sqlite:///{file}"))) as app, app.app_context():
        database.prepare()

    assert mode(file) == 0o640


def test_a_folder_that_does_not_exist_is_still_an_error_of_the_database(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'missing' / 'x.sqlite3'}"
    with closing_engines(create_app(settings(uri))) as app, app.app_context(), pytest.raises(Exception, match="unable"):
        db.session.execute(db.text("select 1"))


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
@pytest.mark.parametrize("exposed", [0o644, 0o640, 0o620])
def test_doctor_reports_a_file_that_others_may_read(desk: Flask, tmp_path: Path, suffix: str, exposed: int) -> None:
    database.prepare()
    file = tmp_path / "new" / f"webshop-orders.sqlite3{suffix}"
    file.touch()
    file.chmod(exposed)

    done = run(desk, "doctor")

    assert done.exit_code == 1
    assert f"✗ Filer: andra kan läsa {file}. Kör «chmod 600» på den." in done.stdout
    file.chmod(0o600)
    assert "Filer:" not in run(desk, "doctor").stdout


def test_doctor_reports_a_folder_that_others_may_open(desk: Flask, tmp_path: Path) -> None:
    database.prepare()
    (tmp_path / "new").chmod(0o755)

    assert f"✗ Filer: andra kan öppna mappen {tmp_path / 'new'}." in run(desk, "doctor").stdout


def test_doctor_reports_a_shared_folder_only_where_others_may_write(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with closing_engines(create_app(settings(f"sqlite:///{folder / 'x.sqlite3'}"))) as app, app.app_context():
        database.prepare()
        for shared, is_reported in ((0o755, False), (0o777, True), (0o775, True)):
            folder.chmod(shared)
            assert ("Filer:" in run(app, "doctor").stdout) is is_reported
