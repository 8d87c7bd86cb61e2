"""Two packers cannot pack the same shipment, nor can scans at the same moment tick more units than there are."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from tests.concurrency.crowd import all_at_once, answer_to, assert_only
from tests.factories import make_order, make_product
from tests.operations.packing.packing import LARS, load
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, ActorKind, Order, PackingSession
from webshop_orders.operations.orders import loading
from webshop_orders.operations.packing import scanning, sessions
from webshop_orders.transactions.unit_of_work import writing

pytestmark = pytest.mark.own_app

PEOPLE = 6
SHIPMENTS = 15
UNITS = 10


def orders_of(app: Flask) -> list[Order]:
    make_product("LJUS-12", stock=None)
    return [make_order(("LJUS-12", UNITS)) for _ in range(SHIPMENTS)]


def begin_all(database: str, folder: Path, numbers: list[str]) -> Any:
    def begin(person: int) -> list[str]:
        by = Actor(ActorKind.STAFF, f"Person {person}", user_id=person + 1)

        def begin_with(number: str) -> None:
            with writing():
                sessions.start(loading.load_order(number), 1, by=by)

        return [answer_to(lambda number=number: begin_with(number)) for number in numbers]  # type: ignore[misc]

    return all_at_once(database, folder, PEOPLE, begin)


def sessions_of_each() -> set[int]:
    db.session.rollback()
    return set(db.session.scalars(select(func.count()).select_from(PackingSession).group_by(PackingSession.order_id)))


def test_of_many_packers_one_gets_each_shipment(app: Flask, database: str, tmp_path: Path) -> None:
    numbers = [order.number for order in orders_of(app)]

    answers = begin_all(database, tmp_path, numbers)

    assert_only(answers, "done", "HeldByOther", attempts=PEOPLE * SHIPMENTS)
    assert answers["done"] == SHIPMENTS
    assert sessions_of_each() == {1}


def test_negative_control_without_the_index_several_pack_the_same(
    app: Flask, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [order.number for order in orders_of(app)]
    with writing():
        db.session.execute(text("drop index ix_packing_sessions_order_id_seq"))
    monkeypatch.setattr(sessions, "holder_of", lambda order_id, seq: None)  # as whoever looks a moment too early

    answers = begin_all(database, tmp_path, numbers)

    assert answers["done"] > SHIPMENTS
    assert sessions_of_each() != {1}


def test_scans_at_the_same_moment_tick_as_many_units_as_there_are(app: Flask, database: str, tmp_path: Path) -> None:
    order = orders_of(app)[0]
    with writing():
        session_id = sessions.start(loading.load_order(order.number), 1, by=LARS).session.id

    def scan_all(device: int) -> list[str]:
        def scan_one(turn: int) -> None:
            with writing():
                packing = sessions.lock(session_id, LARS)
                scanning.scan(packing, "LJUS-12", request_key=f"device-{device}-{turn}")

        return [answer_to(lambda turn=turn: scan_one(turn)) for turn in range(UNITS)]  # type: ignore[misc]

    answers = all_at_once(database, tmp_path, 3, scan_all)

    assert_only(answers, "done", "RuleViolation", attempts=3 * UNITS)
    assert answers["done"] == UNITS
    assert load(session_id).packed == UNITS
