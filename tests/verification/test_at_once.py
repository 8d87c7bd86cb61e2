"""`verify` while 16 sell and ship: it sees the database as it was at one moment, and stops nobody."""

from pathlib import Path
from threading import Event

import pytest
from flask import Flask

from tests.concurrency.crowd import all_at_once, answer_to, person
from tests.factories import make_order, make_product
from webshop_orders import verification
from webshop_orders.operations.orders import shipments
from webshop_orders.transactions.unit_of_work import editing

pytestmark = pytest.mark.own_app

PEOPLE = 16
TURNS = 2


def test_what_is_half_done_by_others_is_not_seen(app: Flask, database: str, tmp_path: Path) -> None:
    make_product("CANDLE", stock=60)
    sold = Event()
    found: list[list[str]] = []

    def sell(who: int, turn: int) -> None:
        number = f"OWN-{who}-{turn}"
        make_order(("CANDLE", 2), number=number, external_reference=number)
        with editing(number, None, person(who)) as order:
            shipments.ship(order.shipments[0], by=person(who))

    def verify() -> list[str]:
        while not sold.wait(0.1):
            found.append([violation.sentence for violation in verification.verify_all()])
        return []

    def trade(who: int) -> list[str]:
        if who == PEOPLE:
            return verify()
        try:
            return [answer_to(lambda turn=turn: sell(who, turn)) for turn in range(TURNS)]
        finally:
            done.append(who)
            if len(done) == PEOPLE:
                sold.set()

    done: list[int] = []
    answers = all_at_once(database, tmp_path, PEOPLE + 1, trade)
    assert set(answers) <= {"done", "Busy"}  # as everything is in one process
    assert answers["done"] > PEOPLE
    assert len(found) > 1
    assert not any(found)
    assert list(verification.verify_all()) == []
