"""What doctor says of backups."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from tests.backups.databases import WITH_PROGRAMS
from webshop_orders.backups import making, postgresql_tools, records
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.doctor import backups
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Backup
from webshop_orders.transactions.unit_of_work import writing

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _with_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", WITH_PROGRAMS)


@pytest.fixture
def hourly(app: Flask) -> Iterator[Flask]:
    app.config["BACKUP_EVERY"] = HOUR
    yield app
    app.config["BACKUP_EVERY"] = None


def age(by: timedelta) -> None:
    with writing():
        db.session.execute(update(Backup).values(started_at=now() - by))


def test_none_is_no_fault_where_the_order_desk_is_to_make_none(app: Flask) -> None:
    said = backups.last_backup()
    assert said.is_ok
    assert "WEBSHOP_ORDERS_BACKUP_EVERY" in said.sentence


def test_none_is_a_fault_where_they_are_to_be_made(hourly: Flask) -> None:
    said = backups.last_backup()
    assert not said.is_ok
    assert "ingen har gjorts" in said.sentence


def test_an_old_one_is_a_fault_where_they_are_to_be_made(hourly: Flask, tmp_path: Path) -> None:
    making.make(tmp_path / "backup")
    age(2 * HOUR - timedelta(minutes=1))
    assert backups.last_backup().is_ok
    age(3 * HOUR)
    said = backups.last_backup()
    assert not said.is_ok
    assert "för 3 timmar sedan" in said.sentence


def test_a_failed_one_is_a_fault_with_its_reason(app: Flask, tmp_path: Path) -> None:
    making.make(tmp_path / "backup")
    with pytest.raises(RuleViolation):
        making.make(tmp_path / "backup")
    said = backups.last_backup()
    assert not said.is_ok
    assert "finns redan" in said.sentence
    making.make(tmp_path / "another")
    assert backups.last_backup().is_ok


def test_the_age_of_one_by_hand_is_told(app: Flask, tmp_path: Path) -> None:
    making.make(tmp_path / "backup")
    age(timedelta(days=3))
    said = backups.last_backup()
    assert said.is_ok
    assert "för 3 dygn sedan" in said.sentence
    assert records.last_failure() is None


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_program_that_is_missing_is_a_fault_before_it_is_needed(
    hourly: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgresql_tools, "DEBIAN", tmp_path)
    said = backups.last_backup()
    assert not said.is_ok
    assert "pg_dump" in said.sentence
