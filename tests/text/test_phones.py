"""Which number a phone dials, given what people wrote."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webshop_orders.text.phones import dialled

LOCAL = {"08-123 45 67": "081234567", "070 123 45 67": "0701234567", "+46 70-123 45 67": "+46701234567"}
EXTENSIONS = (
    " ankn 12",
    " anknytning 1234",
    " ankn. 12",
    ", ankn: 12",
    " ext 12",
    " ext. 12",
    " x12",
    "x12",
    ",12",
    ", 12",
    ";12",
    ";ext=12",
    "#12",
    " (12)",
    " (ankn. 12)",
    " växel 12345",
    " lok. 3",
    " vxl 08-999 99 99",
    " / 070-999 99 99",
    " eller 070-999 99 99",
    "p12",
)


@pytest.mark.parametrize("extension", EXTENSIONS)
@pytest.mark.parametrize("number", LOCAL)
def test_an_extension_or_a_second_number_is_not_dialled(number: str, extension: str) -> None:
    assert dialled(number + extension) == LOCAL[number]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+46 (0)70-123 45 67", "+46701234567"),
        ("+46(0)701234567", "+46701234567"),
        ("(+46) 70 123 45 67", "+46701234567"),
        ("0046 70 123 45 67", "+46701234567"),
        ("00 46 (0)70 123 45 67", "+46701234567"),
        ("(08) 123 45 67", "081234567"),
        ("+1 (555) 123-4567", "+15551234567"),
        ("0920/123 45", "092012345"),
        ("08.123.45.67", "081234567"),
        ("08 \u2013 123\u00a045\u202f67", "081234567"),
        ("Tel: 08-123 45 67", "081234567"),
        ("Ring efter kl 15: 070-123 45 67", "0701234567"),
        ("\u0660\u0667\u0660-\u0661\u0662\u0663\u0664\u0665\u0666\u0667", "0701234567"),
        ("112", "112"),
        ("1177", "1177"),
    ],
)
def test_a_number_is_dialled_however_it_is_written(text: str, number: str) -> None:
    assert dialled(text) == number


@pytest.mark.parametrize("text", ["", "saknas", "0800-FLOWERS", "kl 15", "1", "5" * 30, "se mejl 2026"])
def test_what_is_no_number_is_not_dialled(text: str) -> None:
    assert dialled(text) is None


@given(st.text(max_size=60) | st.text("0123456789 +-()/.x#,", max_size=60))
def test_whatever_is_written_gives_a_number_or_none(text: str) -> None:
    number = dialled(text)

    assert number is None or re.fullmatch(r"\+?[0-9]{3,15}", number)
