"""The shipping method and fee that staff change."""

from typing import Any

import pytest
from flask import Flask

from tests.factories import make_order
from tests.operations.steps import changing, kinds_of, last_event, read
from webshop_orders.documents.fields import MAX_AMOUNT
from webshop_orders.documents.order import NewLine
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, EventKind, Order
from webshop_orders.models.event_facts import BeforeAfter, ShippingChanged
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.orders import cancellation, shipments, shipping_fee

VASE, BOOK = NewLine("VASE", "Vas", 1, 10_000, 2500), NewLine("BOOK", "Bok", 1, 10_000, 600)
POST = {"shipping_method": "PostNord", "shipping_price": 4_900, "shipping_vat_rate": 2500}


def change(order: Order, by: Actor, method: str | None, price: int, **values: Any) -> None:
    with changing(order, by) as current:
        shipping_fee.change(current, method, price, by=by, **values)


def test_another_fee_is_one_event_and_total_and_vat_follow_to_the_ore(app: Flask, anna: Actor) -> None:
    order = make_order(lines=[VASE, BOOK], **POST)

    change(order, anna, "DHL", 2_901)

    after = read(order)
    assert (after.shipping_method, after.shipping_price, after.shipping_vat_rate) == ("DHL", 2_901, 2500)
    totals = compute_totals(after)
    assert totals.vat == {600: 566, 2500: 2_580}  # 10 000 × 6 / 106, and 12 901 × 25 / 125
    assert after.total == totals.total == 22_900  # 22 901, rounded to whole kronor
    assert kinds_of(order) == [EventKind.ORDER_PLACED, EventKind.SHIPPING_CHANGED]
    facts = last_event(order).read_facts()
    assert isinstance(facts, ShippingChanged)
    assert (facts.method, facts.price) == (BeforeAfter("PostNord", "DHL"), BeforeAfter(4_900, 2_901))
    assert (facts.total, facts.vat_rate) == (BeforeAfter(24_900, 22_900), None)


@pytest.mark.parametrize(("lines", "rate"), [([VASE, BOOK], 2500), ([BOOK], 600)])
def test_shipping_that_was_free_and_without_a_rate_gets_the_highest_of_the_lines(
    app: Flask, anna: Actor, lines: list[NewLine], rate: int
) -> None:
    order = make_order(lines=lines)

    change(order, anna, "DHL", 4_900)

    assert read(order).shipping_vat_rate == rate


def test_the_rate_of_shipping_that_becomes_free_stays_for_when_it_is_not(app: Flask, anna: Actor) -> None:
    order = make_order(lines=[BOOK], **POST)

    change(order, anna, "PostNord", 0)
    change(order, anna, "PostNord", 4_900)

    assert read(order).shipping_vat_rate == 2500


@pytest.mark.parametrize("price", [-1, MAX_AMOUNT + 1])
def test_a_fee_that_cannot_be_is_refused_at_its_field(app: Flask, anna: Actor, price: int) -> None:
    order = make_order(lines=[VASE], **POST)

    with pytest.raises(RuleViolation) as refusal:
        change(order, anna, "PostNord", price)

    assert refusal.value.field == "price"
    assert read(order).shipping_price == 4_900


def test_shipping_that_is_so_already_changes_nothing(app: Flask, anna: Actor) -> None:
    order = make_order(lines=[VASE], **POST)

    with pytest.raises(NoChange):
        change(order, anna, "PostNord", 4_900)

    assert kinds_of(order) == [EventKind.ORDER_PLACED]


def test_rule_17_klarna_allows_a_lower_fee_and_no_higher_one(app: Flask, anna: Actor) -> None:
    order = make_order(lines=[VASE], payment_method="klarna", **POST)

    change(order, anna, "PostNord", 2_900)
    with pytest.raises(RuleViolation):
        change(order, anna, "PostNord", 5_900)

    assert read(order).shipping_price == 2_900


def test_a_shipped_order_s_fee_can_be_credited_and_a_cancelled_one_s_cannot(app: Flask, anna: Actor) -> None:
    order, cancelled = (make_order(lines=[VASE], **POST) for _turn in range(2))
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    with changing(cancelled, anna) as current:
        cancellation.cancel(current, by=anna)

    change(order, anna, "PostNord", 0)
    with pytest.raises(RuleViolation):
        change(cancelled, anna, "PostNord", 0)

    assert (read(order).shipping_price, read(cancelled).shipping_price) == (0, 4_900)
