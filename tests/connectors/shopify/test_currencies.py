"""Shopify's orders in other currencies: the decimals of ISO 4217, and the currency of the shop."""

import pytest
from flask import Flask

from tests.connectors.shopify.payloads import order, shop_money
from tests.connectors.shopify.placing import read, totals_of
from tests.web.conftest import on_sqlite

pytestmark = on_sqlite


def item(price: str, tax: str, rate: float, quantity: int = 1) -> dict[str, object]:
    return {
        "id": 1,
        "sku": "X",
        "name": "X",
        "quantity": quantity,
        "current_quantity": quantity,
        "price": price,
        "discount_allocations": [],
        "tax_lines": [{"title": "Tax", "price": tax, "rate": rate}],
    }


@pytest.mark.parametrize(
    ("currency", "price", "tax", "rate", "total", "vat"),
    [
        ("JPY", "1100", "100", 0.1, 1_100, {1_000: 100}),
        ("KWD", "12.345", "0.588", 0.05, 12_345, {500: 588}),
        ("HUF", "1270.00", "270.00", 0.27, 127_000, {2_700: 27_000}),
        ("EUR", "9.90", "1.58", 0.19, 990, {1_900: 158}),
    ],
)
def test_amounts_are_in_the_minor_unit_of_their_currency(
    app: Flask, currency: str, price: str, tax: str, rate: float, total: int, vat: dict[int, int]
) -> None:
    totals = totals_of(order(item(price, tax, rate), currency=currency))
    assert (totals.total, totals.paid, totals.vat) == (total, total, vat)


def test_an_order_is_in_the_currency_of_the_shop(app: Flask) -> None:
    payload = order(
        item("250.00", "50.00", 0.25),
        presentment_currency="EUR",
        total_price_set=shop_money("250.00", "22.40"),
        current_total_duties_set=shop_money("0.00", "0.00"),
    )
    assert (read(payload).currency, totals_of(payload).total) == ("SEK", 25_000)
