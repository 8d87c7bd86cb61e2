"""A change of what decides about the inbox has what is open computed anew, and another change has not."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from tests.factories import make_order
from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.models import Carrier, Order
from webshop_orders.models.dispatch_check import DispatchChecks
from webshop_orders.operations.settings import carriers, shop
from webshop_orders.transactions.unit_of_work import writing

OWN = Carrier("Egen", "https://tracking.example.com/{code}", demands_phone=True)


def first_carrier() -> Carrier:
    return shop_settings.for_update().carriers[0]


def demand_a_phone() -> None:
    carrier = first_carrier()
    carriers.save(replace(carrier, demands_phone=True), instead_of=carrier.name)


def rename_a_carrier() -> None:
    carriers.save(replace(first_carrier(), name="Annan"), instead_of=first_carrier().name)


DECIDING: dict[str, Callable[[], None]] = {
    "days that an order may be ready": lambda: shop.change({"ready_days": 9}),
    "checks before dispatch": lambda: shop.change({"dispatch_checks": DispatchChecks(house_number=True)}),
    "a carrier that demands a phone number from now on": demand_a_phone,
    "a new carrier that demands a phone number": lambda: carriers.save(OWN),
}
OTHERS: dict[str, Callable[[], None]] = {
    "the same days": lambda: shop.change({"ready_days": shop_settings.for_update().ready_days}),
    "the same checks": lambda: shop.change({"dispatch_checks": DispatchChecks()}),
    "the name of the shop": lambda: shop.change({"name": "Ljus & Linne"}),
    "a carrier that demands none": lambda: carriers.save(replace(OWN, demands_phone=False)),
    "the name of a carrier that demands none": rename_a_carrier,
    "a carrier that demanded none is gone": lambda: carriers.remove(first_carrier().name),
}


def is_to_be_computed(order: Order) -> bool:
    return db.session.get_one(Order, order.id, populate_existing=True).attention is None


@pytest.mark.parametrize("change", DECIDING.values(), ids=DECIDING)
def test_what_is_open_is_computed_anew(app: Flask, change: Callable[[], None]) -> None:
    order = make_order(("LJUS-12", 1))
    assert not is_to_be_computed(order)
    with writing():
        change()
    assert is_to_be_computed(order)


def test_a_carrier_that_demanded_a_phone_number_and_is_removed_has_it_computed_anew(app: Flask) -> None:
    with writing():
        carriers.save(OWN)
    order = make_order(("LJUS-12", 1))
    with writing():
        carriers.remove(OWN.name)
    assert is_to_be_computed(order)


@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS)
def test_what_decides_nothing_computes_nothing(app: Flask, change: Callable[[], None]) -> None:
    order = make_order(("LJUS-12", 1))
    with writing():
        change()
    assert not is_to_be_computed(order)
