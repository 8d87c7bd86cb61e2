"""Payments that are registered by hand or by an integration."""

from datetime import date
from typing import Any

import pytest
from flask import Flask

from tests.factories import make_order
from tests.operations.steps import changing, last_event, read
from webshop_orders.documents.fields import MAX_AMOUNT
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, Order, PaymentPart
from webshop_orders.models.event_facts import BeforeAfter, PaymentRegistered
from webshop_orders.models.registered_payment import MAX_PAYMENTS
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.after_sales import payments
from webshop_orders.operations.orders import cancellation

DAY = date(2026, 1, 2)


def register(order: Order, amount: int, by: Actor, *, method: str | None = "swish", **values: Any) -> None:
    with changing(order, by) as current:
        payments.register(current, amount, method=method, **{"paid_on": DAY, **values}, by=by)


def test_a_registered_payment_is_paid_and_recorded(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1))

    register(order, 4_000, anna, reference="bg 17")

    stored = read(order)
    assert (stored.paid, compute_totals(stored).balance) == (4_000, 6_000)
    (payment,) = stored.registered_payments
    assert (payment.id, payment.amount, payment.method, payment.paid_on) == (1, 4_000, "swish", "2026-01-02")
    assert (payment.by, payment.reference) == (anna.name, "bg 17")
    assert last_event(order).read_facts() == PaymentRegistered(4_000, BeforeAfter(0, 4_000), "swish")


def test_what_several_methods_paid_is_shown_apart(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1), payment_method="card", paid=3_000)

    for method, amount in (("swish", 4_000), (None, 1_000), ("swish", 500), ("card", 200)):
        register(order, amount, anna, method=method)

    assert read(order).payments == [PaymentPart("card", 3_200), PaymentPart("swish", 4_500)]
    assert read(order).paid == 8_700


def test_one_method_that_paid_twice_has_no_parts(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1), payment_method="card", paid=3_000)

    register(order, 4_000, anna, method="card")

    assert read(order).payments == []


def test_a_cancelled_order_can_be_paid_and_owes_it_back(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1))
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)

    register(order, 4_000, anna)

    assert compute_totals(read(order)).balance == -4_000


@pytest.mark.parametrize(
    ("amount", "paid_on", "field"),
    [
        (0, DAY, "amount"),
        (-1, DAY, "amount"),
        (MAX_AMOUNT + 1, DAY, "amount"),
        (1, date(9999, 12, 31), "paid_on"),
    ],
)
def test_what_nobody_can_have_paid_is_refused(app: Flask, anna: Actor, amount: int, paid_on: date, field: str) -> None:
    order = make_order(("CANDLE", 1))

    with pytest.raises(RuleViolation) as refusal:
        register(order, amount, anna, paid_on=paid_on)

    assert refusal.value.field == field
    assert read(order).paid == 0


def test_an_order_has_so_many_payments_and_no_more(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1))
    with changing(order, anna) as current:
        for _turn in range(MAX_PAYMENTS):
            payments.register(current, 1, method=None, paid_on=DAY, by=anna)

    with pytest.raises(RuleViolation, match=str(MAX_PAYMENTS)):
        register(order, 1, anna)
