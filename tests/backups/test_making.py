"""Making a backup: what is refused, that a failure leaves nothing behind but its record, and who can read the file."""

import os
import sqlite3
import stat
import time
from pathlib import Path
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import make_url, select, text

from tests.backups.databases import PROGRAMS, empty_database, run
from tests.factories import make_order
from webshop_orders.backups import lock, making, postgresql_dumps, postgresql_tools, records, sqlite_files
from webshop_orders.db.extensions import WRITES, db
from webshop_orders.errors import Busy, RuleViolation
from webshop_orders.models import Backup

pytestmark = pytest.mark.own_app
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def attempts() -> list[Backup]:
    db.session.rollback()
    return list(db.session.scalars(select(Backup).order_by(Backup.id)).all())


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups"


def program(folder: Path, *lines: str, name: str = "pg_dump") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("\n".join(("#!/bin/sh", *lines)))
    path.chmod(0o700)
    return path


def test_another_file_is_never_replaced(app: Flask, folder: Path) -> None:
    (folder / "letter").write_text("Hej!")

    refused = run(app, "backup", folder / "letter")

    assert refused.exit_code == 1
    assert "finns redan" in refused.output
    assert (folder / "letter").read_text() == "Hej!"


def test_a_folder_that_does_not_exist_is_refused_and_the_failure_is_recorded(app: Flask, folder: Path) -> None:
    refused = run(app, "backup", folder / "none" / "backup")

    assert refused.exit_code == 1
    assert "kan inte skrivas" in refused.output
    (attempt,) = attempts()
    assert "kan inte skrivas" in (attempt.failure or "")
    assert records.last_good() is None
    assert records.last_failure() is attempt


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
@on_postgresql
def test_a_full_disk_is_told_and_leaves_nothing(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = postgresql_tools.start
    monkeypatch.setattr(
        postgresql_tools,
        "start",
        lambda name, *arguments, **how: start(name, *(a for a in arguments if "--file" not in a), "--file=/dev/full"),
    )
    with pytest.raises(RuleViolation, match="No space left on device"):
        making.make(folder / "backup")
    assert files(folder) == []


@on_sqlite
def test_a_damaged_database_is_told_and_its_backup_is_not_kept(app: Flask, folder: Path) -> None:
    make_order(("A", 1))
    path = Path(db.engine.url.database or "")
    db.session.remove()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096 * 8] = b"\xa5" * 4096 * 8
    path.write_bytes(content)

    with pytest.raises(RuleViolation, match="är ingen hel säkerhetskopia"):
        sqlite_files.write(path, folder / "backup", Event())


def test_while_one_is_made_another_one_is_refused(app: Flask, folder: Path) -> None:
    with lock.exclusive(), pytest.raises(Busy, match="håller redan på"):
        making.make(folder / "backup")
    making.make(folder / "backup")
    assert files(folder) == ["backup"]


def test_a_backup_can_be_read_by_its_owner_only(app: Flask, folder: Path) -> None:
    done = run(app, "backup", folder / "backup")

    assert done.exit_code == 0
    assert "hel och läsbar" in done.output
    assert stat.S_IMODE((folder / "backup").stat().st_mode) == 0o600
    assert files(folder) == ["backup"]


def test_in_a_folder_it_is_named_after_the_database_and_the_time(app: Flask, folder: Path) -> None:
    run(app, "backup", folder)
    (name,) = files(folder)
    assert name.endswith((".sqlite3", ".dump"))
    assert time.strptime(name.rpartition("-")[2].partition(".")[0], "%Y%m%dT%H%M%SZ")


def test_a_good_backup_is_recorded_with_its_size(app: Flask, folder: Path) -> None:
    size = making.make(folder / "backup")
    good = records.last_good()
    assert good is not None
    assert (good.path, good.size, good.failure) == (str(folder / "backup"), size, None)
    assert size == (folder / "backup").stat().st_size


def test_a_failure_after_a_good_one_leaves_the_good_one_the_last(app: Flask, folder: Path) -> None:
    making.make(folder / "backup")
    with pytest.raises(RuleViolation):
        making.make(folder / "backup")
    good, failed = attempts()
    assert (records.last_good(), records.last_failure()) == (good, failed)


def test_one_whose_process_died_is_recorded_as_failed_by_the_next(app: Flask, folder: Path) -> None:
    records.begin(folder / "interrupted")

    making.make(folder / "backup")

    interrupted, good = attempts()
    assert interrupted.failure == "Processen som gjorde den avslutades innan den var klar."
    assert records.last_good() is good


def test_a_database_that_lacks_the_table_of_backups_is_backed_up_all_the_same(app: Flask, folder: Path) -> None:
    with db.engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        connection.execute(text("drop table backups"))

    done = run(app, "backup", folder / "backup")

    assert done.exit_code == 0, done.output


def test_a_worker_that_stops_gives_up_its_backup(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_files, "INSTRUCTIONS_BETWEEN_CHECKS", 1)
    if db.engine.dialect.name == "postgresql":
        slow = program(folder.parent / "slow", "sleep 60")
        monkeypatch.setattr(postgresql_tools, "find", lambda name: str(slow))
    stop = Event()
    stop.set()
    began = time.monotonic()
    with pytest.raises(RuleViolation):
        making.make(folder / "backup", stop)
    assert time.monotonic() - began < 20
    assert files(folder) == []


@on_postgresql
def test_without_pg_dump_it_is_said_what_to_install(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(postgresql_tools, "DEBIAN", tmp_path / "none")

    refused = run(app, "backup", folder / "backup")

    assert refused.exit_code == 1
    assert "pg_dump i PostgreSQL" in refused.output
    assert "postgresql-client-" in refused.output
    assert len(refused.output.splitlines()) == 1


@on_postgresql
def test_of_several_the_oldest_is_used_that_is_not_older_than_the_server(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with db.engine.connect() as connection:
        version = int(connection.scalar(text("show server_version_num"))) // 10000
    programs = {
        number: program(tmp_path / str(number), f"echo 'pg_dump (PostgreSQL) {number}.1'")
        for number in (version - 1, version + 2, version + 1)
    }
    broken = program(tmp_path / "broken", "exit 3")
    folders = [*(path.parent for path in programs.values()), broken.parent]
    monkeypatch.setenv("PATH", os.pathsep.join(map(str, folders)))
    monkeypatch.setattr(postgresql_tools, "DEBIAN", tmp_path / "none")

    assert postgresql_tools.find("pg_dump") == str(programs[version + 1])


@on_postgresql
def test_the_password_is_not_among_the_arguments_which_others_can_read(app: Flask) -> None:
    url = make_url("postgresql+psycopg://desk:s%40cret@db.internal:6543/orders?sslmode=require&application_name=x")
    variables = postgresql_tools.environment(url)
    names = ("PGUSER", "PGPASSWORD", "PGHOST", "PGPORT", "PGDATABASE", "PGSSLMODE")
    assert [variables[name] for name in names] == ["desk", "s@cret", "db.internal", "6543", "orders", "require"]


@on_postgresql
def test_why_pg_dump_fails_is_told_without_a_traceback(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    failing = program(tmp_path / "failing", "echo 'pg_dump: error: permission denied for table orders' >&2", "exit 1")
    monkeypatch.setattr(postgresql_tools, "find", lambda name: str(failing))

    refused = run(app, "backup", folder / "backup")

    assert refused.exit_code == 1
    assert "permission denied for table orders" in refused.output
    assert files(folder) == []


@on_sqlite
def test_a_backup_is_one_file_that_sqlite_opens_by_itself(app: Flask, folder: Path) -> None:
    make_order(("A", 1))
    making.make(folder / "backup")
    with sqlite3.connect(folder / "backup") as connection:
        assert connection.execute("select count(*) from orders").fetchone() == (1,)
        assert connection.execute("pragma journal_mode").fetchone() == ("delete",)
    connection.close()
    assert files(folder) == ["backup"]


@on_sqlite
def test_where_there_is_no_database_yet_none_is_made(app: Flask, tmp_path: Path, folder: Path) -> None:
    with empty_database("sqlite", tmp_path / "new") as new, new.app_context():
        refused = run(new, "backup", folder / "backup")
    assert refused.exit_code == 1
    assert files(folder) == []


def test_postgresqls_own_programs_are_where_the_tests_look_for_them() -> None:
    assert (PROGRAMS / "pg_dump").exists()
    assert postgresql_dumps.MAGIC == b"PGDMP"
