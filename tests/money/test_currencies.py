"""Amounts have the decimals that ISO 4217 gives their currency, whatever people write on price tags."""

import pytest

from webshop_orders.text.currencies import minor_digits
from webshop_orders.text.formatting import amount, money


@pytest.mark.parametrize(
    ("currency", "digits", "written"),
    [
        ("SEK", 2, "1\xa0234,56"),
        ("HUF", 2, "1\xa0234,56"),
        ("RSD", 2, "1\xa0234,56"),
        ("JPY", 0, "123\xa0456"),
        ("KWD", 3, "123,456"),
        ("CLF", 4, "12,3456"),
    ],
)
def test_the_decimals_of_a_currency_are_those_of_the_standard(currency: str, digits: int, written: str) -> None:
    assert minor_digits(currency) == digits
    assert amount(123456, currency, "sv") == written
    assert money(-123456, currency, "en").endswith(amount(123456, currency, "en"))
    assert money(-123456, currency, "sv").startswith("\N{MINUS SIGN}" + written)
