"""Rule 34 under concurrency: goods come, orders are sold and collected at once, and none holds a part."""

import random
from functools import partial
from pathlib import Path

import pytest
from flask import Flask

from tests.concurrency.crowd import all_at_once, answer_to, assert_only, assert_stock_is_consistent, person
from tests.factories import make_order, make_product
from tests.operations.steps import ERP
from webshop_orders.db.extensions import db
from webshop_orders.models import Line, Order
from webshop_orders.operations.orders import loading, whole_delivery
from webshop_orders.operations.stock import backorders, incoming, reservations, whole_orders
from webshop_orders.transactions.unit_of_work import editing, writing

pytestmark = pytest.mark.own_app

PEOPLE = 16
TURNS = 4
SKUS = ["CANDLE", "WICK", "OIL"]


def test_rule_34_goods_come_orders_are_sold_and_collected_at_once(app: Flask, database: str, tmp_path: Path) -> None:
    play(database, tmp_path)

    assert parts_held() == []
    assert_stock_is_consistent()


def test_negative_control_covered_as_other_orders_a_collected_order_holds_a_part(
    app: Flask, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_orders, "settle_locked", cover_what_there_is)

    play(database, tmp_path)

    assert parts_held() != []


def cover_what_there_is(order: Order) -> list[Line]:
    lines = whole_orders.lines_of(order) if order.ships_whole else []
    return [covered for line in lines if line.product for covered in reservations.cover(line.product, [line])]


def play(database: str, folder: Path) -> None:
    """Sixteen people and programs at once: they receive, sell, collect, and cover as the worker does."""
    for sku in SKUS:
        make_product(sku, stock=4)
    make_product("LAMP", stock=1)
    make_order(("LAMP", 2), ("WICK", 1), ships_whole=True)  # of a product of which no more comes
    numbers = [make_order(*((sku, 2) for sku in SKUS), ships_whole=True).number for _ in range(4)]

    def take_part(who: int) -> list[str]:
        chance = random.Random(who)

        def receive(_turn: int) -> None:
            with writing():
                delivery = incoming.expect(chance.choice(SKUS), 3, None, by=ERP)
                db.session.flush()
                delivery_id, version = delivery.id, delivery.version
            with writing():
                incoming.receive(delivery_id, 3, version=version, by=ERP)

        def sell(turn: int) -> None:
            number = f"OWN-{who}-{turn}"
            rows = [(sku, chance.randint(1, 3)) for sku in chance.sample(SKUS, 2)]
            make_order(*rows, number=number, external_reference=number, ships_whole=chance.random() < 0.5)

        def collect(turn: int) -> None:
            with editing(chance.choice(numbers), None, person(who)) as order:
                whole_delivery.set_whole(order, not order.ships_whole, by=person(who))

        def work(_turn: int) -> None:
            order_id = backorders.find_next_to_cover()
            db.session.rollback()
            if order_id is not None:
                with writing():
                    backorders.cover_order(order_id)

        act = [receive, sell, collect, work][who % 4]
        return [answer_to(partial(act, turn)) for turn in range(TURNS)]

    answers = all_at_once(database, folder, PEOPLE, take_part)
    assert_only(answers, "done", "NoChange", attempts=PEOPLE * TURNS)


def parts_held() -> list[str]:
    """The numbers of orders that ship whole and hold a part of what they need."""
    db.session.rollback()
    db.session.expire_all()
    found = []
    for order in db.session.scalars(loading.COMPLETE_ORDERS.where(Order.ships_whole)).unique():
        lines: list[Line] = whole_orders.lines_of(order)
        held = sum(line.reserved for line in lines)
        if held not in (0, sum(line.quantity for line in lines)):
            found.append(order.number)
    return found
