"""Migrations that are killed, that wait for others, or that run twice at once: they go on, and nothing is lost."""

import logging
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import text

from tests.cli.test_commands import run
from tests.db.test_migrations import contents
from tests.demo.test_generate import generate
from tests.upgrading.versions import ROOT, Version
from webshop_orders.cli import database as commands_database
from webshop_orders.db import migrations
from webshop_orders.db.extensions import WRITES, db

BEFORE = "0028"  # a migration that changes rows, tables and constraints follows
AT_ONCE = 3


def migrate_and_die(database: str, statement: int) -> None:
    command = [sys.executable, "-m", "tests.upgrading.dying_migration", database, str(statement)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL


def serve_once(database: str, folder: Path) -> None:
    """What an operator does next: start the server again, which goes on where the other one was ended."""
    with Version(ROOT, folder / "again", DATABASE_URL=database).serving("--no-worker") as served:
        assert served.asks("/healthz") == (200, "ok\n")


@pytest.mark.parametrize("statement", [200])
def test_a_new_database_whose_migrations_are_killed_is_finished_by_the_next_start(
    empty_database: str, tmp_path: Path, statement: int
) -> None:
    migrate_and_die(empty_database, statement)
    serve_once(empty_database, tmp_path)


@pytest.mark.own_app
@pytest.mark.parametrize("statement", [1, 25])
def test_a_shop_whose_migrations_are_killed_loses_nothing_and_is_finished_by_the_next_start(
    app: Flask, database: str, tmp_path: Path, statement: int
) -> None:
    generate(10)
    newest = contents()
    db.session.remove()
    downgrade(revision=BEFORE)
    before = contents()
    db.session.remove()
    db.engine.dispose()

    migrate_and_die(database, statement)

    assert migrations.applied() == {BEFORE}
    assert contents() == before
    db.engine.dispose()
    serve_once(database, tmp_path)
    assert migrations.applied() == migrations.newest()
    after = contents()
    for table in ("orders", "lines", "events", "messages"):
        assert after[table] == newest[table], table


def test_machines_that_start_at_once_migrate_once(empty_database: str, tmp_path: Path) -> None:
    machines = [Version(ROOT, tmp_path / str(number), DATABASE_URL=empty_database) for number in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        commands = [
            pool.submit(machine.run, "api-key", "create", f"Key {number}", "--scope", "orders:read")
            for number, machine in enumerate(machines)
        ]
    assert len({command.result() for command in commands}) == AT_ONCE


@pytest.mark.own_app
def test_a_migration_waits_briefly_for_others_lets_them_through_and_goes_on(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(migrations, "LOCK_WAIT_MS", 100)
    monkeypatch.setattr(migrations, "PAUSE_SECONDS", 0.1)
    downgrade(revision="0029")
    db.session.remove()
    caplog.set_level(logging.WARNING)

    with db.engine.connect().execution_options(**{WRITES: True}) as other, other.begin() as transaction:
        other.execute(text("update shop set name = 'Ljusbutiken'"))
        other.execute(text("select count(*) from events")).all()
        migrating = threading.Thread(target=_prepare, args=(app,))
        migrating.start()
        while "wait for others" not in caplog.text:
            assert migrating.is_alive()
        transaction.commit()
    migrating.join()

    assert migrations.applied() == migrations.newest()
    assert db.session.scalar(text("select name from shop")) == "Ljusbutiken"


@pytest.mark.own_app
def test_a_migration_that_waits_too_long_is_refused_in_a_sentence(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "LOCK_WAIT_MS", 100)
    monkeypatch.setattr(migrations, "PATIENCE_SECONDS", 0)
    downgrade(revision="0029")
    db.session.remove()

    with db.engine.connect().execution_options(**{WRITES: True}) as other, other.begin():
        other.execute(text("update shop set name = 'Ljusbutiken'"))
        other.execute(text("select count(*) from events")).all()
        done = run(app, "api-key", "create", "Key", "--scope", "orders:read")

    assert done.exit_code == 1
    assert done.stderr.startswith("webshop-orders: ")
    assert done.stderr.count("\n") == 1
    assert migrations.applied() == {"0029"}


@pytest.mark.own_app
def test_the_database_of_another_program_is_refused_in_a_sentence(app: Flask) -> None:
    with db.engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        connection.execute(text("update alembic_version set version_num = 'e3b0c44298fc'"))

    done = run(app, "api-key", "create", "Key", "--scope", "orders:read")

    assert done.exit_code == 1
    assert "ett annat program" in done.stderr
    assert "e3b0c44298fc" in done.stderr


def _prepare(app: Flask) -> None:
    with app.app_context():
        commands_database.prepare()
