"""Undo and redo of refunds and payments: what was recorded by hand comes back as it was, to the öre."""

from datetime import date
from typing import Any

import pytest
from flask import Flask

from tests.factories import make_order
from tests.operations.steps import ERP, changing, read
from tests.operations.undo.steps import document, make_user, redo, undo
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, Order, RefundState
from webshop_orders.operations.after_sales import payments, refunds
from webshop_orders.operations.after_sales.refunds import RequestedRefund

WANTED = RequestedRefund(shipping=4_900, reason="Sen")
ACTS: dict[str, Any] = {
    "request": lambda order, by: refunds.request(order, WANTED, by=by),
    "request of what has gone": lambda order, by: refunds.request(order, RequestedRefund(shipping=1, done=True), by=by),
    "finish": lambda order, by: refunds.finish(order, 1, reference="pi_17", by=by),
    "cancel": lambda order, by: refunds.cancel(order, 1, reason="Fel", by=by),
    "payment": lambda order, by: payments.register(order, 500, method="swish", paid_on=date(2026, 1, 2), by=by),
}


@pytest.fixture
def bo(app: Flask) -> Actor:
    return make_user("Bo")


@pytest.fixture
def order(app: Flask, bo: Actor) -> Order:
    """An order that is paid by card, a refund of which is requested."""
    order = make_order(("CANDLE", 1), paid=14_900, payment_method="card", shipping_price=4_900, shipping_vat_rate=2500)
    with changing(order, bo) as current:
        refunds.request(current, RequestedRefund(lines={next(iter(current.lines)).id: 1}), by=bo)
    return order


@pytest.mark.parametrize("name", ACTS)
def test_what_was_recorded_by_hand_is_taken_back_and_carried_out_again(order: Order, bo: Actor, name: str) -> None:
    before = document(order)
    with changing(order, bo) as current:
        ACTS[name](current, bo)
    after = document(order)
    assert before != after

    undo(order, bo)
    assert document(order) == before

    redo(order, bo)
    assert document(order) == after


def test_what_the_payment_system_reported_stays(order: Order, bo: Actor) -> None:
    with changing(order, ERP) as current:
        refunds.finish(current, 1, by=ERP)

    with pytest.raises(RuleViolation, match="ERP"):
        undo(order, bo)

    assert (read(order).refunds[0].state, read(order).paid) == (RefundState.DONE, 4_900)


def test_a_number_that_was_taken_back_is_never_given_again(order: Order, bo: Actor) -> None:
    undo(order, bo)

    with changing(order, bo) as current:
        assert refunds.request(current, WANTED, by=bo).id == 2
