"""A backup that is made while 16 people work: what was acknowledged before it began is in it, and all in it agrees."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.backups.databases import empty_database, run
from tests.concurrency.crowd import TIMEOUT, all_at_once, answer_to, assert_only, person
from tests.factories import make_order, make_product
from webshop_orders import verification
from webshop_orders.backups import making
from webshop_orders.db.extensions import db
from webshop_orders.models import Order
from webshop_orders.operations.orders import lines, loading
from webshop_orders.transactions.unit_of_work import editing

pytestmark = pytest.mark.own_app

PEOPLE = 16
BEFORE, AT_LEAST_MEANWHILE = 60, 1
Versions = dict[str, int]


class Shift:
    """Sixteen people who place orders and change them until `over`; `acknowledged` has the version of each order."""

    def __init__(self) -> None:
        self.acknowledged: Versions = {}
        self.has_begun, self.over = Event(), Event()

    def work(self, who: int) -> list[str]:
        answers = []
        while not self.over.is_set():
            answers.append(answer_to(lambda: self._place_and_change(who)))
            if len(self.acknowledged) >= BEFORE:
                self.has_begun.set()
        return answers

    def _place_and_change(self, who: int) -> None:
        db.session.rollback()
        number = make_order(("A", 2), by=person(who)).number
        db.session.commit()
        self.acknowledged[number] = 1
        with editing(number, None, person(who)) as order:
            (line,) = loading.get_order(number).lines
            lines.change(lines.get(order, line.id), quantity=3, by=person(who))
        self.acknowledged[number] = 2


def missing(before: Versions) -> Versions:
    """What was acknowledged and is not in the database."""
    present: Versions = dict(db.session.execute(select(Order.number, Order.version)).all())
    return {number: version for number, version in before.items() if present.get(number, 0) < version}


@contextmanager
def restored(file: Path, folder: Path, like: str) -> Iterator[Any]:
    with empty_database(like, folder) as new, new.app_context():
        yield run(new, "restore", file)


def test_nothing_that_was_acknowledged_before_is_missing_and_all_agrees(
    app: Flask, database: str, tmp_path: Path
) -> None:
    make_product("A", stock=1_000_000)
    shift, file = Shift(), tmp_path / "under-load"
    before: Versions = {}

    def take_part(number: int) -> list[str]:
        if number < PEOPLE:
            return shift.work(number)
        assert shift.has_begun.wait(TIMEOUT)
        before.update(shift.acknowledged)
        try:
            making.make(file)
        finally:
            shift.over.set()
        return []

    answers = all_at_once(database, tmp_path, PEOPLE + 1, take_part)

    assert_only(answers, "done", attempts=answers.total())
    assert len(before) >= BEFORE
    assert len(shift.acknowledged) >= len(before) + AT_LEAST_MEANWHILE, "nobody could work meanwhile"
    with restored(file, tmp_path / "new", database) as done:
        assert done.exit_code == 0, done.output
        assert "Allt står rätt till." in done.output
        assert missing(before) == {}
        assert list(verification.verify_all()) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_negative_control_a_copy_of_the_file_lacks_what_was_acknowledged(
    app: Flask, database: str, tmp_path: Path
) -> None:
    make_product("A", stock=1_000_000)
    shift, file = Shift(), tmp_path / "copy"
    for _turn in range(3):
        shift._place_and_change(1)

    shutil.copyfile(db.engine.url.database or "", file)

    with restored(file, tmp_path / "new", database):
        assert missing(shift.acknowledged)
