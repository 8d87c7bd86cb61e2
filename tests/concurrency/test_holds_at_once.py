"""Rule 28 with many at once: nothing leaves before it is released, and each hold ends once."""

from datetime import date
from pathlib import Path
from threading import Event

import pytest
import time_machine
from flask import Flask

from tests.concurrency.crowd import all_at_once, answer_to, person
from tests.factories import make_order, make_product
from tests.operations.steps import events_of, kinds_of, read, stock_of
from webshop_orders.models import EventKind, HoldReason, Order, Shipment
from webshop_orders.operations.orders import holds, shipments
from webshop_orders.outbox import worker
from webshop_orders.transactions.unit_of_work import editing

pytestmark = pytest.mark.own_app

PEOPLE = 16
WORKERS = 4
ADDRESS = HoldReason.WRONG_ADDRESS


def held_order(until: date | None = None, *, keeps_stock: bool = True) -> Order:
    order = make_order(("CANDLE", 3))
    with editing(order.number, None, person(0)) as current:
        holds.hold(current, ADDRESS, until=until, keeps_stock=keeps_stock, by=person(0))
    return order


def ship(number: str, who: int) -> None:
    with editing(number, None, person(who)) as order:
        shipments.ship(order.shipments[0], by=person(who))


def release(number: str, who: int) -> None:
    with editing(number, None, person(who)) as order:
        holds.release(order, 1, by=person(who))


def left_while_held(order: Order) -> bool:
    """Whether it was shipped before the hold was released, or without that."""
    kinds = kinds_of(order)
    if EventKind.SHIPMENT_SHIPPED not in kinds:
        return False
    released = kinds.index(EventKind.HOLD_RELEASED) if EventKind.HOLD_RELEASED in kinds else len(kinds)
    return kinds.index(EventKind.SHIPMENT_SHIPPED) < released


def test_rule_28_of_16_who_release_and_ship_at_once_none_ships_what_is_held(
    app: Flask, database: str, tmp_path: Path
) -> None:
    make_product("CANDLE", stock=10)
    order = held_order()
    number = order.number

    def act(who: int) -> list[str]:
        if who % 2:
            return [answer_to(lambda: release(number, who))]
        return [answer_to(lambda: ship(number, who)) for _try in range(3)]

    answers = all_at_once(database, tmp_path, PEOPLE, act)

    assert answers.keys() <= {"done", "Held", "NoChange"}
    kinds = kinds_of(order)
    assert kinds.count(EventKind.HOLD_RELEASED) == 1
    assert kinds.count(EventKind.SHIPMENT_SHIPPED) <= 1
    assert not left_while_held(order)
    assert answers["done"] == 1 + kinds.count(EventKind.SHIPMENT_SHIPPED)
    assert stock_of("CANDLE") == ((7, 0, 0) if read(order).shipments[0].is_shipped else (10, 3, 0))


def test_negative_control_without_the_check_it_leaves_while_it_is_held(
    app: Flask, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_product("CANDLE", stock=10)
    number = (order := held_order()).number
    monkeypatch.setattr(Shipment, "check_not_held", lambda shipment: None)

    all_at_once(database, tmp_path, PEOPLE, lambda who: [answer_to(lambda: ship(number, who))])

    assert left_while_held(order)


@time_machine.travel("2026-11-23T12:00:00Z", tick=True)
def test_rule_28_workers_at_once_end_each_hold_once(app: Flask, database: str, tmp_path: Path) -> None:
    make_product("CANDLE", stock=100)
    orders = [held_order(date(2026, 11, 24), keeps_stock=False) for _each in range(6)]

    with time_machine.travel("2026-11-24T12:00:00Z", tick=True):
        all_at_once(database, tmp_path, WORKERS, lambda _who: [answer_to(lambda: worker.end_holds(Event()))])
        worker.end_holds(Event())  # what one of them waited for too long

    assert [kinds_of(order).count(EventKind.HOLD_RELEASED) for order in orders] == [1] * 6
    assert not any(read(order).holds for order in orders)
    assert stock_of("CANDLE") == (100, 18, 0)
    assert all(events_of(order)[-1].kind is EventKind.HOLD_RELEASED for order in orders)
