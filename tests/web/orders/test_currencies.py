"""Amounts are read, shown, mailed and exported with the decimals of ISO 4217, whatever Babel's release says."""

import csv
import io
from decimal import Decimal

import babel.numbers
import pytest
from flask import Flask

from examples.fortnox import decimal_number
from tests.factories import make_order, reshape_shop
from tests.operations.steps import changing, messages_of, read
from tests.web.conftest import Browser, on_sqlite
from webshop_orders.connectors.parsing import Currency
from webshop_orders.documents.order import NewLine
from webshop_orders.models import Actor
from webshop_orders.operations.orders import confirmations
from webshop_orders.text.currencies import minor_digits

# https://www.six-group.com/en/products-services/financial-information/data-standards.html
EU_AND_NORDICS = {
    **dict.fromkeys(("BGN", "CZK", "DKK", "EUR", "HUF", "NOK", "PLN", "RON", "SEK"), 2),
    "ISK": 0,
}
# Those whose digits changed between Babel 2.18 and 2.19, and others that a shop meets.
OTHERS = {**dict.fromkeys(("CHF", "COP", "GBP", "IDR", "LBP", "RSD", "USD"), 2), "JPY": 0, "KWD": 3}
CURRENCIES = EU_AND_NORDICS | OTHERS
MINOR_UNITS = 1_234_567


@pytest.fixture(autouse=True)
def another_release_of_babel(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Babel that has other digits for each currency."""
    monkeypatch.setattr(babel.numbers, "get_currency_precision", lambda code: 5)


def as_decimal(currency: str) -> Decimal:
    return Decimal(MINOR_UNITS).scaleb(-CURRENCIES[currency])


@pytest.mark.parametrize("currency", CURRENCIES)
def test_amounts_are_read_and_handed_on_by_the_standard(currency: str) -> None:
    assert minor_digits(currency) == CURRENCIES[currency]
    assert Currency.from_code(currency).minor(str(as_decimal(currency))) == MINOR_UNITS
    assert decimal_number(MINOR_UNITS, currency) == float(as_decimal(currency))


@on_sqlite
@pytest.mark.parametrize("currency", CURRENCIES)
def test_amounts_are_shown_mailed_and_exported_by_the_standard(
    app: Flask, staff: Browser, anna: Actor, currency: str
) -> None:
    reshape_shop(rounds_to_whole_kronor=False)
    order = make_order(lines=[NewLine("X", "X", 1, MINOR_UNITS, 2500)], currency=currency)
    shown = f"{as_decimal(currency):,}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")

    assert f">{shown}</dd>" in staff.get(f"/orders/{order.number}").text.replace("&#160;", "\N{NO-BREAK SPACE}")
    assert shown in staff.get("/orders").text
    with changing(order, anna) as current:
        confirmations.send_order_confirmation(current, "asa@example.com", by=anna)
    read(order)
    assert shown in messages_of(order)[-1].text
    exported = staff.get("/orders.csv").data.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(exported), delimiter=";")
    assert (row["Summa"], row["Valuta"]) == (str(as_decimal(currency)).replace(".", ","), currency)
