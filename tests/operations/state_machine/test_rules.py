"""Staff, stock and the ERP act in any sequence; rules 1-17, 21-23, 28-30 and 33 are checked each time."""

import pytest
from flask import Flask
from hypothesis import Phase

from tests.operations.state_machine.shop import Shop, play
from webshop_orders.db.extensions import db

MUST_HAPPEN = {"ship", "hold", "release", "register", "receive", "refund", "pay", "state", "withdraw"}


def test_rules_01_to_33_hold_whatever_staff_stock_and_erp_do(app: Flask) -> None:
    on_sqlite = db.engine.dialect.name == "sqlite"
    play(app, max_examples=40 if on_sqlite else 15, stateful_step_count=40, derandomize=True, phases=[Phase.generate])
    assert set(Shop.accepted) >= MUST_HAPPEN, Shop.accepted


@pytest.mark.soak
def test_rules_01_to_33_hold_over_a_long_time(app: Flask) -> None:
    play(app, max_examples=500, stateful_step_count=60, print_blob=True)
