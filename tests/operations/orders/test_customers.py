"""Customer and addresses: part of rules 21 and 22."""

from dataclasses import asdict, replace

import pytest
from flask import Flask

from tests.factories import ASA, LULEA, make_order
from tests.operations.steps import changing, kinds_of, last_event, read
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, EventKind, Order
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.orders import cancellation, customers

PITEA = replace(LULEA, street="Hamngatan 4", postal_code="941 31", city="Piteå")


def test_saving_an_unchanged_customer_is_no_change(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1))

    with pytest.raises(NoChange), changing(order, anna) as current:
        customers.change(current, replace(ASA), replace(LULEA), replace(LULEA), by=anna)

    assert kinds_of(order) == [EventKind.ORDER_PLACED]
    assert read(order).version == 1


def test_the_customer_of_a_cancelled_order_cannot_be_changed(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1))
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)

    with pytest.raises(RuleViolation, match=order.number), changing(order, anna) as current:
        customers.change(current, replace(ASA, name="Bo"), LULEA, LULEA, by=anna)

    assert read(order).customer == ASA


def test_rule_21_a_changed_address_is_one_event_and_one_new_version(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1))

    with changing(order, anna) as current:
        customers.change(current, ASA, LULEA, PITEA, by=anna)

    changed = read(order)
    assert (changed.billing_address, changed.shipping_address) == (LULEA, PITEA)
    assert changed.version == 2
    event = last_event(order)
    assert (event.kind, event.actor_name, event.version) == (EventKind.CUSTOMER_CHANGED, anna.name, 2)
    assert event.facts == {"shipping_address": {"before": asdict(LULEA), "after": asdict(PITEA)}}


def test_search_finds_the_customer_by_the_new_name(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1))

    with changing(order, anna) as current:
        customers.change(current, replace(ASA, name="Björn Ek", email=None), LULEA, LULEA, by=anna)

    assert "bjorn ek" in read(order).search_text
    assert "asa@example.com" not in read(order).search_text
    assert set(last_event(order).facts) == {"customer"}


def go_to(order: Order, country: str, by: Actor) -> Order:
    with changing(order, by) as current:
        customers.change(current, ASA, LULEA, replace(current.shipping_address, country=country), by=by)
    return read(order)


def test_vat_that_may_differ_in_the_new_country_is_remembered_until_it_cannot(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1))

    assert go_to(order, "NO", anna).vat_country == "SE"
    assert last_event(order).facts["vat_country"] == "SE"
    assert go_to(order, "CH", anna).vat_country == "SE"
    with changing(order, anna) as current:
        customers.change(current, replace(ASA, name="Bo"), LULEA, current.shipping_address, by=anna)
    assert "vat_country" not in last_event(order).facts
    assert go_to(order, "SE", anna).vat_country is None
    assert "vat_country" not in last_event(order).facts
    assert (read(order).total, order_totals(order)) == (10_000, {2500: 2_000})


def test_another_billing_country_leaves_the_vat(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1))

    with changing(order, anna) as current:
        customers.change(current, ASA, replace(LULEA, country="NO"), LULEA, by=anna)

    assert read(order).vat_country is None


def order_totals(order: Order) -> dict[int, int]:
    return compute_totals(read(order)).vat
