"""Staff, stock and the ERP act in any sequence; rules 1-17, 21-23, 28-31 and 33-35 are checked each time."""

from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import Phase

from tests.operations.state_machine.shop import Shop, play, walk
from webshop_orders.db.extensions import db
from webshop_orders.models import MovementReason, ReturnKind

OFTEN = {
    "ship",
    "hold",
    "pay",
    "state",
    "collect",
    "put_first",
    "receive_goods",
    "count",
    "adjust",
}  # in a random run, whatever ids its database gives
ONE_OF_EACH: list[Callable[[Shop], object]] = [
    lambda shop: shop.put_first(0, "Bröllop"),
    lambda shop: shop.end_priority(0),
    lambda shop: shop.set_whole(0, True),
    lambda shop: shop.receive_goods(1, 2, 3),
    lambda shop: shop.adjust(1, -2, MovementReason.DAMAGED, ""),
    lambda shop: shop.count(1, 12, 2),
    lambda shop: shop.hold(0, None, True),
    lambda shop: shop.release(0, 0),
    lambda shop: shop.ship(0, 0),
    lambda shop: shop.register_a_payment(0, 5_000),
    lambda shop: shop.register_return(0, 1, 1, ReturnKind.RETURN, 0, True, False),
    lambda shop: shop.receive_return(0, 0, 1, 0),
    lambda shop: shop.refund(0, 1, 1, 0, False),
    lambda shop: shop.state_a_withdrawal(0),
    lambda shop: shop.carry_out_a_withdrawal(0, 0, 0, 1, "one"),
]


def test_rules_01_to_36_hold_whatever_staff_stock_and_erp_do(app: Flask) -> None:
    on_sqlite = db.engine.dialect.name == "sqlite"
    play(app, max_examples=60 if on_sqlite else 25, stateful_step_count=40, derandomize=True, phases=[Phase.generate])
    assert set(Shop.accepted) >= OFTEN, Shop.accepted


def test_each_kind_of_change_can_happen_and_keeps_the_rules(app: Flask) -> None:
    Shop.accepted.clear()

    walk(app, ONE_OF_EACH)

    assert set(Shop.accepted) == {
        "put_first",
        "end_priority",
        "collect",
        "receive_goods",
        "adjust",
        "count",
        "hold",
        "release",
        "ship",
        "register",
        "receive",
        "refund",
        "pay",
        "state",
        "withdraw",
    }


@pytest.mark.soak
def test_rules_01_to_36_hold_over_a_long_time(app: Flask) -> None:
    play(app, max_examples=500, stateful_step_count=60, print_blob=True)
