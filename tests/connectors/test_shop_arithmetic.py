"""Orders of random baskets, computed as WooCommerce and Shopify do: here they cost what the shop states, to the öre."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.connectors.arithmetic.money import CURRENCIES, WHOLE_KRONOR
from tests.connectors.arithmetic.shopify import shopify_orders
from tests.connectors.arithmetic.statement import Statement
from tests.connectors.arithmetic.woocommerce import woocommerce_orders
from tests.connectors.imports import placed, settings_of
from tests.web.conftest import on_sqlite
from webshop_orders.connectors.shopify import Shopify
from webshop_orders.connectors.source_settings import StatusMeaning
from webshop_orders.connectors.woocommerce import WooCommerce
from webshop_orders.errors import InvalidDocument
from webshop_orders.money.totals import compute_totals


def check(adapter: Any, stated: Statement) -> None:
    is_cancelled = adapter.meaning(stated.payload, settings_of(adapter)) is StatusMeaning.CANCELLED
    with placed(adapter, stated.payload) as order:
        assert sum(line.quantity for line in order.lines) == stated.units
        assert not order.shop_differences
        if is_cancelled:  # it is wholly refunded, or returned: it is cancelled here, which asks for nothing
            return
        totals = compute_totals(order)
        assert (totals.total, totals.paid, totals.balance) == (stated.total, stated.paid, stated.balance)
        check_vat(totals.vat, stated)


def check_vat(vat: dict[int, int], stated: Statement) -> None:
    here = {rate: amount for rate, amount in vat.items() if amount}
    there = {rate: amount for rate, amount in stated.vat_by_rate.items() if amount}
    if stated.rounds_to > 1 or any(amount < 0 for amount in there.values()):  # the shop states none to the öre
        differences = [here.get(rate, 0) - there.get(rate, 0) for rate in {**here, **there}]
        assert all(abs(difference) <= stated.rounds_to * stated.rows for difference in differences)
    elif sum(there.values()) == stated.vat:
        assert here == there
    else:  # the shop rounds its VAT in all otherwise than that of each rate
        assert here == there or sum(here.values()) == stated.vat


def place_all(adapter: Any, orders: st.SearchStrategy[Statement], examples: int) -> None:
    @profile(examples)
    @given(orders)
    def check_one(stated: Statement) -> None:
        check(adapter, stated)

    check_one()


def profile(examples: int) -> settings:
    checks = list(HealthCheck)
    return settings(max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=checks)


def examples_on(database: str) -> int:
    return 120 if database.startswith("sqlite") else 25


def test_an_order_of_woocommerce_costs_what_it_states(app: Flask, database: str) -> None:
    place_all(WooCommerce, woocommerce_orders(), examples_on(database))


def test_an_order_of_a_woocommerce_shop_without_decimals_costs_what_it_states(app: Flask, database: str) -> None:
    place_all(WooCommerce, woocommerce_orders((WHOLE_KRONOR,)), examples_on(database))


def test_an_order_of_shopify_costs_what_it_states(app: Flask, database: str) -> None:
    place_all(Shopify, shopify_orders(), examples_on(database))


@on_sqlite
@pytest.mark.parametrize(
    ("adapter", "orders", "totals"),
    [
        (WooCommerce, woocommerce_orders(), ["total"]),
        (Shopify, shopify_orders(), ["total_price", "current_total_price"]),
    ],
    ids=["woocommerce", "shopify"],
)
def test_a_total_that_rounding_does_not_explain_is_refused(
    app: Flask, adapter: Any, orders: st.SearchStrategy[Statement], totals: list[str]
) -> None:
    @profile(30)
    @given(orders, st.integers(100, 10_000))
    def check_one(stated: Statement, more: int) -> None:
        changed = {name: str(Decimal(stated.payload[name]) + more) for name in totals}
        with pytest.raises(InvalidDocument), placed(adapter, stated.payload | changed):
            pass

    check_one()


@pytest.mark.soak
@pytest.mark.parametrize(
    ("adapter", "orders"),
    [(WooCommerce, woocommerce_orders((*CURRENCIES, WHOLE_KRONOR))), (Shopify, shopify_orders())],
    ids=["woocommerce", "shopify"],
)
def test_thousands_of_orders_cost_what_their_shops_state(
    app: Flask, adapter: Any, orders: st.SearchStrategy[Statement]
) -> None:
    place_all(adapter, orders, 3_000)
