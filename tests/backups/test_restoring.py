"""Restoring a backup: what is refused, what comes back, and that nothing is left of what fails."""

import shutil
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import inspect, select, text, update

from tests.backups.databases import empty_database, run
from tests.factories import make_order
from webshop_orders.backups import making, records, restoring
from webshop_orders.clock import now
from webshop_orders.db import migrations
from webshop_orders.db.extensions import WRITES, db
from webshop_orders.models import Message, MessageState, Order, Shop
from webshop_orders.transactions.unit_of_work import writing

pytestmark = pytest.mark.own_app


@pytest.fixture
def file(app: Flask, tmp_path: Path) -> Path:
    """A backup of a shop with an order, whose confirmation waits to be sent."""
    make_order(("A", 2))
    db.session.execute(
        update(Message).values(state=MessageState.QUEUED, held_because=None, due_at=now() + timedelta(minutes=5))
    )
    db.session.commit()
    return back_up(app, tmp_path)


def back_up(app: Flask, folder: Path) -> Path:
    path = folder / "shop.backup"
    done = run(app, "backup", path)
    assert done.exit_code == 0, done.output
    return path


def is_empty(app: Flask) -> bool:
    path = db.engine.url.database or ""
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite") and not Path(path).exists():
        return [file.name for file in Path(path).parent.iterdir() if "secret" not in file.name] == []
    with db.engine.connect() as connection:
        return not inspect(connection).get_table_names()


def check_refused(app: Flask, file: Path, folder: Path, *words: str) -> None:
    with empty_database(app.config["SQLALCHEMY_DATABASE_URI"], folder / "new") as new, new.app_context():
        refused = run(new, "restore", file)
        assert refused.exit_code == 1
        assert refused.output.startswith("webshop-orders: ")
        assert len(refused.output.splitlines()) == 1
        for word in words:
            assert word in refused.output
        assert is_empty(new)


def test_a_file_that_is_not_there_is_refused(app: Flask, tmp_path: Path) -> None:
    check_refused(app, tmp_path / "missing", tmp_path, "missing kan inte läsas")


def test_a_file_that_is_no_backup_is_refused(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Hej! " * 1000)

    check_refused(app, path, tmp_path, "är ingen säkerhetskopia av en orderhantering")


def test_a_database_of_another_program_is_refused(app: Flask, tmp_path: Path) -> None:
    with (
        empty_database(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path / "other", "other") as other,
        other.app_context(),
    ):
        with db.engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            connection.execute(text("create table cats (name varchar(10))"))
        path = tmp_path / "shop.backup"
        making.make_locked(path, Event())

    check_refused(app, path, tmp_path, "är ingen säkerhetskopia av en orderhantering")


def test_a_backup_of_the_other_kind_of_database_is_refused(app: Flask, tmp_path: Path) -> None:
    is_sqlite = app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
    path = tmp_path / "other.backup"
    path.write_bytes((b"PGDMP" if is_sqlite else b"SQLite format 3\0") + b"\0" * 1000)

    check_refused(app, path, tmp_path, f"är en säkerhetskopia av {'PostgreSQL' if is_sqlite else 'SQLite'}")


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9, 0.999])
def test_a_backup_that_is_cut_off_is_refused(app: Flask, file: Path, tmp_path: Path, share: float) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])

    check_refused(app, file, tmp_path, "är ingen hel säkerhetskopia")


def test_a_damaged_backup_is_refused(app: Flask, file: Path, tmp_path: Path) -> None:
    content = bytearray(file.read_bytes())
    for place in range(len(content) // 2, len(content) // 2 + 20_000):
        content[place] ^= 0x5A
    file.write_bytes(content)

    check_refused(app, file, tmp_path, "är ingen hel säkerhetskopia")


def test_a_backup_of_a_newer_version_is_refused(app: Flask, tmp_path: Path) -> None:
    with db.engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        connection.execute(text("update alembic_version set version_num = '9999'"))

    check_refused(app, back_up(app, tmp_path), tmp_path, "nyare version", "9999")


def test_a_database_with_orders_is_left_as_it_is(app: Flask, file: Path) -> None:
    make_order(("A", 1))

    refused = run(app, "restore", file)

    assert refused.exit_code == 1
    assert "är inte tom" in refused.output
    assert len(db.session.scalars(select(Order.id)).all()) == 2


def test_an_error_while_it_is_migrated_leaves_nothing(
    app: Flask, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise restoring.RuleViolation("The migration failed.")

    monkeypatch.setattr(migrations, "upgrade", fail)
    check_refused(app, file, tmp_path, "The migration failed.")


def test_a_backup_is_restored_with_its_orders(app: Flask, file: Path, tmp_path: Path) -> None:
    order = db.session.scalars(select(Order)).one()
    with empty_database(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path / "new") as new, new.app_context():
        done = run(new, "restore", file)

        assert done.exit_code == 0, done.output
        assert "är återställd: 1 order." in done.output
        assert done.output.splitlines()[-1] == "Allt står rätt till."
        restored = db.session.scalars(select(Order)).one()
        assert (restored.number, restored.total, restored.version) == (order.number, order.total, order.version)
        assert migrations.is_current()


def test_what_is_broken_in_a_backup_is_told_and_restored_nonetheless(app: Flask, tmp_path: Path) -> None:
    number = make_order(("A", 1)).number  # read now: later it would be read by this session in the other database
    with writing():
        db.session.execute(update(Order).values(total=1))
    path = back_up(app, tmp_path)

    with empty_database(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path / "new") as new, new.app_context():
        done = run(new, "restore", path)

        assert done.exit_code == 1
        assert "är återställd: 1 order." in done.output
        assert number in done.output
        assert "stämmer inte, som när säkerhetskopian gjordes" in done.output
        assert "Allt står rätt till." not in done.output
        restored = db.session.scalars(select(Order)).one()
        assert restored.total == 1


def test_mails_that_waited_are_held_since_they_may_have_left(app: Flask, file: Path, tmp_path: Path) -> None:
    with empty_database(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path / "new") as new, new.app_context():
        done = run(new, "restore", file)

        assert "1 mejl hålls" in done.output
        mail = db.session.scalars(select(Message)).one()
        assert (mail.state, mail.due_at) == (MessageState.HELD, None)
        assert "kan ha skickats sedan dess" in (mail.last_answer or "")


def test_the_restored_shop_knows_the_backup_that_it_came_from(app: Flask, file: Path, tmp_path: Path) -> None:
    made = records.last_good()
    assert made is not None
    with empty_database(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path / "new") as new, new.app_context():
        run(new, "restore", file)

        known = records.last_good()
        assert known is not None
        assert (known.started_at, known.size) == (made.started_at, file.stat().st_size)
        assert records.last_failure() is None


def test_a_backup_of_an_older_version_is_migrated(app: Flask, tmp_path: Path) -> None:
    make_order(("A", 1))
    downgrade(revision="0029")
    db.session.remove()
    path = back_up(app, tmp_path)

    with empty_database(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path / "new") as new, new.app_context():
        done = run(new, "restore", path)

        assert done.exit_code == 0, done.output
        assert migrations.is_current()
        assert len(db.session.scalars(select(Order)).all()) == 1
        assert db.session.scalars(select(Shop)).one()
    migrations.upgrade()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_what_a_former_database_left_beside_is_not_mixed_in(
    app: Flask, file: Path, tmp_path: Path, suffix: str
) -> None:
    with empty_database("sqlite://", tmp_path / "new") as new, new.app_context():
        beside = Path(f"{db.engine.url.database}{suffix}")
        beside.write_bytes(b"of another database")

        refused = run(new, "restore", file)

        assert refused.exit_code == 1
        assert "är inte tom" in refused.output


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_empty_database_that_others_have_open_is_refused(app: Flask, file: Path, tmp_path: Path) -> None:
    with empty_database("sqlite://", tmp_path / "new") as new, new.app_context():
        with db.engine.connect() as connection:
            connection.execute(text("pragma user_version = 7"))
            connection.execute(text("select 1"))

            refused = run(new, "restore", file)

        assert refused.exit_code == 1
        assert "Stoppa servern" in refused.output


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_restored_file_is_the_owners_alone(app: Flask, file: Path, tmp_path: Path) -> None:
    with empty_database("sqlite://", tmp_path / "new") as new, new.app_context():
        shutil.copymode(__file__, file)
        run(new, "restore", file)
        assert Path(db.engine.url.database or "").stat().st_mode & 0o077 == 0
