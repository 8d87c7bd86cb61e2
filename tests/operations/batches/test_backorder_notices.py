"""Telling all customers that wait for a product, by a batch: each once, and the others with the reason."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from tests.factories import ASA, make_order, make_product
from tests.jobs.batches import carry_out, make_batch
from tests.operations.batches.test_selection import ANNA
from tests.operations.steps import messages_of
from webshop_orders import shop_settings
from webshop_orders.models import BatchAction, MessageKind, Order
from webshop_orders.operations.batches import outcomes
from webshop_orders.operations.batches.outcomes import Outcome
from webshop_orders.operations.stock import incoming
from webshop_orders.transactions.unit_of_work import writing

NOTICE = BatchAction.SEND_BACKORDER_NOTICE


@pytest.fixture(autouse=True)
def product(app: Flask) -> None:
    make_product("CANDLE", stock=0)


def expect(quantity: int, days: int) -> None:
    with writing():
        incoming.expect("CANDLE", quantity, shop_settings.today() + timedelta(days=days), by=ANNA)


def tell(*orders: Order) -> dict[str, str]:
    """Carry the action out; the reason of each order that was refused, by its number."""
    numbers = {order.id: order.number for order in orders}
    found = carry_out(make_batch(list(orders), ANNA), NOTICE)
    return {numbers[row.order_id]: row.reason for row in found if row.reason}


def notices_of(order: Order) -> int:
    return [message.kind for message in messages_of(order)].count(MessageKind.BACKORDER_NOTICE)


def test_each_customer_that_waits_is_told_once_and_the_others_are_refused_with_the_reason() -> None:
    first, second, too_late = (make_order(("CANDLE", 1)) for _each in range(3))
    nobody = make_order(("CANDLE", 1), customer=replace(ASA, email=None))
    expect(2, 3)

    refused = tell(first, second, too_late, nobody)

    assert [notices_of(order) for order in (first, second, too_late, nobody)] == [1, 1, 0, 0]
    assert refused.keys() == {too_late.number, nobody.number}
    assert "inte känt" in refused[too_late.number]
    assert "e-post" in refused[nobody.number]


def test_those_who_were_told_the_same_days_are_left_as_they_are() -> None:
    first, second = make_order(("CANDLE", 1)), make_order(("CANDLE", 1))
    expect(1, 3)
    tell(first)
    expect(1, 5)

    refused = tell(first, second)

    assert [notices_of(order) for order in (first, second)] == [1, 1]
    assert list(refused) == [first.number]
    assert "redan fått veta" in refused[first.number]


def test_who_cannot_be_told_is_counted_before() -> None:
    make_product("MATCH")
    waiting = make_order(("CANDLE", 1))
    trial = make_order(("CANDLE", 1), is_test=True)
    nobody = make_order(("CANDLE", 1), customer=replace(ASA, email=None))
    whole = make_order(("MATCH", 1))

    batch = make_batch([waiting, trial, nobody, whole], ANNA)
    found = outcomes.forecast(batch.id, NOTICE, {})

    assert found.takes_part(set()) == 1
    for outcome in (Outcome.TEST, Outcome.NO_ADDRESS, Outcome.NOTHING_WAITS):
        assert found.count(outcome) == 1
