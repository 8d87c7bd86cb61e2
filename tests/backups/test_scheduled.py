"""The backups that workers make by themselves: when, which are kept, and that one worker makes each."""

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from flask import Flask, current_app
from sqlalchemy import select, update

from tests.cli.environment import environ
from tests.concurrency.crowd import all_at_once, answer_to
from tests.factories import make_order
from webshop_orders.backups import folder, lock, making, records, scheduled
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Backup
from webshop_orders.outbox import worker
from webshop_orders.transactions.unit_of_work import writing

pytestmark = pytest.mark.own_app

HOUR = timedelta(hours=1)


@pytest.fixture
def backups(app: Flask, tmp_path: Path) -> Path:
    app.config.update(BACKUP_EVERY=HOUR, BACKUP_FOLDER=tmp_path / "backups", BACKUP_KEEP=3)
    return tmp_path / "backups"


def make_due(where: Path) -> int:
    return scheduled.make_due(where, HOUR, Event())


def grow_older(age: timedelta) -> None:
    """Let the last attempt have begun so long ago."""
    with writing():
        newest = select(Backup.id).order_by(Backup.id.desc()).limit(1).scalar_subquery()
        db.session.execute(update(Backup).where(Backup.id == newest).values(started_at=now() - age))


def names(where: Path) -> list[str]:
    return sorted(path.name for path in where.iterdir())


def attempts() -> list[Backup]:
    db.session.rollback()
    return list(db.session.scalars(select(Backup).order_by(Backup.id)).all())


def test_without_the_setting_none_is_made(app: Flask, backups: Path) -> None:
    app.config["BACKUP_EVERY"] = None
    assert scheduled.ScheduledBackups()(Event()) == 0
    assert not backups.exists()


def test_a_folder_that_cannot_be_written_is_told_recorded_and_tried_again_later(app: Flask, backups: Path) -> None:
    backups.write_text("no folder")
    with pytest.raises(RuleViolation, match="kan inte skrivas"):
        make_due(backups)
    (attempt,) = attempts()
    assert "kan inte skrivas" in (attempt.failure or "")
    assert make_due(backups) == 0

    backups.unlink()
    grow_older(records.RETRY_AFTER)
    assert make_due(backups) == 1
    assert records.last_failure() is None


def test_a_worker_makes_the_first_at_once_and_the_next_when_it_is_time(app: Flask, backups: Path) -> None:
    assert worker.run(app, Event(), once=True) == 1
    assert len(names(backups)) == 1
    assert backups.stat().st_mode & 0o077 == 0

    assert make_due(backups) == 0
    grow_older(HOUR - timedelta(minutes=1))
    assert make_due(backups) == 0
    grow_older(HOUR)
    time.sleep(1)  # names are of seconds
    assert make_due(backups) == 1
    assert len(names(backups)) == 2


def test_a_backup_by_hand_elsewhere_does_not_put_it_off(app: Flask, backups: Path, tmp_path: Path) -> None:
    making.make(tmp_path / "by hand")
    assert make_due(backups) == 1


def test_the_newest_are_kept_and_nothing_else_is_deleted(app: Flask, backups: Path) -> None:
    backups.mkdir()
    at = now()
    own = [folder.new_name(at - days * 24 * HOUR) for days in range(5)]
    others = ["letter.txt", "other-20261101T000000Z.dump", f"x{own[4]}", f"{own[4]}.copy"]
    for name in (*own[1:], *others):
        (backups / name).touch()

    make_due(backups)

    (made,) = set(names(backups)) - {*own[1:], *others}
    assert set(names(backups)) == {made, own[1], own[2], *others}


def test_a_failed_one_deletes_none_of_the_former(app: Flask, backups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise RuleViolation("The disk is broken.")

    backups.mkdir()
    former = {folder.new_name(now() - days * 24 * HOUR) for days in range(1, 9)}
    for name in former:
        (backups / name).touch()
    monkeypatch.setattr("webshop_orders.backups.sqlite_files.write", fail)
    monkeypatch.setattr("webshop_orders.backups.postgresql_dumps.write", fail)

    with pytest.raises(RuleViolation):
        make_due(backups)

    assert set(names(backups)) == former


def test_with_0_to_keep_all_are_kept(app: Flask, backups: Path) -> None:
    app.config["BACKUP_KEEP"] = 0
    backups.mkdir()
    (backups / folder.new_name(now() - 24 * HOUR)).touch()
    make_due(backups)
    assert len(names(backups)) == 2


def of_eight(url: str, where: Path, instance: Path) -> Counter[str]:
    """How many of eight workers at once made a backup (1), saw that none is due (0), or that one is being made."""

    def work(_number: int) -> list[str]:
        current_app.config.update(BACKUP_KEEP=3)
        return [answer_to(lambda: made.append(scheduled.make_due(where, HOUR, Event())))]

    made: list[int] = []
    return all_at_once(url, instance, 8, work) + Counter(map(str, made))


def test_of_eight_workers_one_makes_it(app: Flask, database: str, backups: Path, tmp_path: Path) -> None:
    answers = of_eight(database, backups, tmp_path)

    assert answers["1"] == 1
    assert answers["1"] + answers["0"] + answers["Busy"] == 8
    assert len(names(backups)) == len(attempts()) == 1


def test_negative_control_without_the_lock_several_begin_one(
    app: Flask, database: str, backups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = folder.prepare
    monkeypatch.setattr(lock, "exclusive", nullcontext)
    monkeypatch.setattr(folder, "prepare", lambda where: (prepare(where), time.sleep(0.5)))
    of_eight(database, backups, tmp_path)
    assert len(attempts()) > 1


DYING = """
import os, signal, sys
from pathlib import Path
from threading import Event
from datetime import timedelta
from webshop_orders import create_app
from webshop_orders.backups import files, scheduled
sync = files._sync
files._sync = lambda path, mode: os.kill(os.getpid(), signal.SIGKILL)
with create_app().app_context():
    scheduled.make_due(Path(sys.argv[1]), timedelta(hours=1), Event())
"""


def test_after_a_worker_was_killed_another_begins_anew_and_clears_up(
    app: Flask, database: str, backups: Path, tmp_path: Path
) -> None:
    make_order(("A", 1))
    variables = environ(DATABASE_URL=database.replace("+psycopg", ""), INSTANCE=str(tmp_path / "instance"))

    died = subprocess.run([sys.executable, "-c", DYING, backups], env=variables, check=False, timeout=60)

    assert died.returncode == -signal.SIGKILL
    (left,) = names(backups)
    assert re.fullmatch(r"\..+\.part", left)
    assert records.last_good() is None
    grow_older(records.RETRY_AFTER)
    assert make_due(backups) == 1
    interrupted, good = attempts()
    assert interrupted.failure is not None
    assert records.last_good() is good
    assert names(backups) == [os.path.basename(good.path)]


def test_records_are_forgotten_when_they_are_old_but_for_the_last(app: Flask, backups: Path) -> None:
    make_due(backups)
    grow_older(records.RETENTION + HOUR)
    time.sleep(1)
    make_due(backups)
    assert len(attempts()) == 1
    grow_older(records.RETENTION + HOUR)
    assert records.last_good() is not None
