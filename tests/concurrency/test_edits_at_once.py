"""Rule 22: when many users edit an order at once, no acknowledged edit is lost."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import Connection

from tests.concurrency.crowd import TIMEOUT, all_at_once, answer_to, assert_only, person
from tests.conftest import settings
from tests.factories import make_order, make_product
from tests.operations.steps import events_of, read
from webshop_orders import create_app
from webshop_orders.db import sqlite
from webshop_orders.db.extensions import db
from webshop_orders.models import EventKind, Order
from webshop_orders.operations.orders import lines, loading
from webshop_orders.transactions import unit_of_work
from webshop_orders.transactions.unit_of_work import editing

pytestmark = pytest.mark.own_app

PEOPLE = 16
EDITS = 50


def add_one(number: str, who: int) -> None:
    """Read the order, as a form does, and save one unit more than was read."""
    db.session.rollback()
    seen = loading.get_order(number)
    version, (line,) = seen.version, seen.lines
    line_id, typed = line.id, line.quantity + 1
    with editing(number, version, person(who)) as order:
        lines.change(lines.get(order, line_id), quantity=typed, by=person(who))


def add_many(number: str, edits: int) -> Callable[[int], list[str]]:
    return lambda who: [answer_to(lambda: add_one(number, who)) for _ in range(edits)]


def lost_edits(order: Order, acknowledged: int) -> int:
    """How many of the acknowledged edits, one unit each, the order does not have."""
    (line,) = read(order).lines
    return 1 + acknowledged - line.quantity


def assert_every_acknowledged_edit_is_there(order: Order, acknowledged: int) -> None:
    assert lost_edits(order, acknowledged) == 0
    present, events = read(order), events_of(order)
    assert present.version == 1 + acknowledged
    assert present.event_count == len(events) == 1 + acknowledged
    quantities = [event.facts["quantity"] for event in events[1:]]
    assert [quantity["before"] + 1 for quantity in quantities] == [quantity["after"] for quantity in quantities]
    assert all(one["after"] == another["before"] for one, another in pairwise(quantities))
    assert [event.version for event in events] == list(range(1, len(events) + 1))
    assert {event.kind for event in events[1:]} == {EventKind.LINE_CHANGED}


def sold_order() -> Order:
    make_product("CANDLE", stock=None, price=1_000)
    return make_order(("CANDLE", 1))


def test_rule_22_no_acknowledged_edit_of_16_people_is_lost(app: Flask, database: str, tmp_path: Path) -> None:
    order = sold_order()

    answers = all_at_once(database, tmp_path, PEOPLE, add_many(order.number, EDITS))

    assert_only(answers, "done", "StaleVersion", attempts=PEOPLE * EDITS)
    assert answers["done"] >= EDITS  # somebody always gets through
    assert_every_acknowledged_edit_is_there(order, answers["done"])


def test_negative_control_without_the_comparison_of_versions_edits_are_lost(
    app: Flask, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = sold_order()
    monkeypatch.setattr(unit_of_work, "_check_version", lambda *checked: None)

    answers = all_at_once(database, tmp_path, PEOPLE, add_many(order.number, EDITS))

    assert lost_edits(order, answers["done"]) > 0


def test_negative_control_without_the_lock_edits_are_lost_although_versions_are_compared(
    app: Flask, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = sold_order()
    remove_the_lock(monkeypatch, people=8)

    answers = all_at_once(database, tmp_path, 8, add_many(order.number, 3))

    assert lost_edits(order, answers["done"]) > 0


def remove_the_lock(monkeypatch: pytest.MonkeyPatch, *, people: int) -> None:
    """Have `editing` read without a lock, and SQLite begin no transaction, as by default on either database.

    All read before any writes, so that the outcome does not depend on timing.
    """
    together = Barrier(people, timeout=TIMEOUT)

    def read_without_lock(number: str) -> Order:
        order = loading.load_order(number)
        together.wait()
        return order

    def begin_nothing(connection: Connection) -> None:
        pass

    monkeypatch.setattr(sqlite, "_begin", begin_nothing)
    monkeypatch.setattr(unit_of_work.loading, "lock_order", read_without_lock)


@pytest.mark.soak
def test_rule_22_no_acknowledged_edit_of_8_processes_is_lost(app: Flask, database: str, tmp_path: Path) -> None:
    order = sold_order()
    processes = 8
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        work = [pool.submit(edit_in_a_process, database, tmp_path, order.number, who, 250) for who in range(processes)]
        answers = sum((one.result() for one in work), Counter())

    assert_only(answers, "done", "StaleVersion", attempts=processes * 250)
    assert_every_acknowledged_edit_is_there(order, answers["done"])


@pytest.mark.soak
def test_rule_22_no_acknowledged_edit_of_32_people_is_lost_over_a_long_time(
    app: Flask, database: str, tmp_path: Path
) -> None:
    order = sold_order()

    answers = all_at_once(database, tmp_path, 32, add_many(order.number, 250))

    assert_only(answers, "done", "StaleVersion", attempts=32 * 250)
    assert_every_acknowledged_edit_is_there(order, answers["done"])


def edit_in_a_process(url: str, folder: Path, number: str, who: int, edits: int) -> Counter[str]:
    app = create_app(settings(url, INSTANCE=folder))
    with app.app_context():
        return Counter(add_many(number, edits)(who))
