"""Rule 4 under concurrency: orders that compete for the same units, and stock that changes meanwhile."""

import random
from functools import partial
from pathlib import Path

import pytest
from flask import Flask

from tests.concurrency.crowd import all_at_once, answer_to, assert_only, assert_stock_is_consistent, person
from tests.factories import make_order, make_product
from tests.operations.steps import ERP, line_of, read_product, set_stock
from webshop_orders.documents.order import NewLine
from webshop_orders.operations.orders import cancellation, lines, shipments
from webshop_orders.transactions.unit_of_work import editing

pytestmark = pytest.mark.own_app

PEOPLE = 12
TURNS = 5


def test_rule_04_two_orders_that_fight_for_the_last_units_never_hold_more_than_there_are(
    app: Flask, database: str, tmp_path: Path
) -> None:
    make_product("CANDLE", stock=10)
    numbers = [make_order(("CANDLE", 3)).number for _ in range(2)]

    def fight(who: int) -> list[str]:
        chance = random.Random(who)

        def change_quantity() -> None:
            with editing(numbers[who % 2], None, person(who)) as order:
                lines.change(line_of(order, "CANDLE"), quantity=chance.randint(1, 12), by=person(who))
            candle = read_product("CANDLE")
            assert candle.stock is not None
            assert candle.reserved <= candle.stock

        return [answer_to(change_quantity) for _ in range(TURNS)]

    answers = all_at_once(database, tmp_path, PEOPLE, fight)

    assert_only(answers, "done", "NoChange", attempts=PEOPLE * TURNS)
    assert_stock_is_consistent()


def test_rule_04_orders_placed_and_changed_at_once_never_deadlock(app: Flask, database: str, tmp_path: Path) -> None:
    for sku in ("CANDLE", "WICK", "OIL"):
        make_product(sku, stock=1_000)
    numbers = [make_order(("CANDLE", 1), ("WICK", 1), ("OIL", 1)).number for _ in range(4)]

    def place_or_ship(who: int) -> list[str]:
        chance = random.Random(who)

        def place(turn: int) -> None:
            skus = chance.sample(["CANDLE", "WICK", "OIL"], 3)
            rows = [NewLine(sku, sku, chance.randint(1, 5), 1_000, 2500) for sku in skus]
            make_order(lines=rows, number=f"OWN-{who}-{turn}", external_reference=f"own-{who}-{turn}")

        def ship_and_reopen(turn: int) -> None:
            with editing(numbers[who % 4], None, person(who)) as order:
                shipment = order.shipments[0]
                (shipments.reopen if shipment.is_shipped else shipments.ship)(shipment, by=person(who))

        act = place if who % 2 else ship_and_reopen
        return [answer_to(partial(act, turn)) for turn in range(TURNS)]

    answers = all_at_once(database, tmp_path, PEOPLE, place_or_ship)

    assert_only(answers, "done", attempts=PEOPLE * TURNS)
    assert_stock_is_consistent()


@pytest.mark.parametrize("levels", [(0, 30, 7, 60), (None, 5, None, 12)], ids=["tracked", "now and then untracked"])
def test_rule_04_stock_that_the_erp_sets_while_orders_come_and_go_stays_true(
    app: Flask, database: str, tmp_path: Path, levels: tuple[int | None, ...]
) -> None:
    make_product("CANDLE", stock=30)

    def trade(who: int) -> list[str]:
        chance = random.Random(who)

        def set_level(turn: int) -> None:
            set_stock("CANDLE", levels[turn % len(levels)], by=ERP)

        def place_and_cancel(turn: int) -> None:
            number = f"OWN-{who}-{turn}"
            make_order(("CANDLE", chance.randint(1, 4)), number=number, external_reference=number)
            if chance.random() < 0.3:
                with editing(number, None, person(who)) as order:
                    cancellation.cancel(order, by=person(who))

        act = set_level if who < 2 else place_and_cancel
        return [answer_to(partial(act, turn)) for turn in range(TURNS)]

    answers = all_at_once(database, tmp_path, PEOPLE, trade)

    assert_only(answers, "done", attempts=PEOPLE * TURNS)
    assert_stock_is_consistent()
