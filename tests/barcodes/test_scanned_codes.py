"""What scanners send of labels and slips, and what is no scan."""

import pytest

from webshop_orders.barcodes.scanned_codes import meanings

SSCC = "370712345678901234"


@pytest.mark.parametrize(
    "scanned",
    [
        f"00{SSCC}",
        f"]C100{SSCC}",  # GS1-128
        f"]d200{SSCC}\x1d420SE97231",  # a Data Matrix with the postal code after the SSCC
        f"]C1\x1d00{SSCC}",
        f"\x1d00{SSCC}",
        f"00{SSCC}42097231",  # of a scanner that leaves FNC1 out
        f"(00) {SSCC}",
        f"(00){SSCC}",
        "(00)3 7071234567890123 4",
        SSCC,
    ],
)
def test_an_sscc_is_meant_with_and_without_its_identifier(scanned: str) -> None:
    assert {f"00{SSCC}", SSCC} <= {scanned, *meanings(scanned)}


@pytest.mark.parametrize(
    ("scanned", "meant"),
    [
        ("]C0WS-100234-2", "WS-100234-2"),
        ("]Q3RR123456785SE", "RR123456785SE"),
        ("]C1401JJD0123456789\x1d42097231", "401JJD0123456789"),
        ("WS+100234+2", "WS-100234-2"),  # an American keyboard read as a Swedish one
        ("https://desk.example.com/orders/WS-100234/shipping?x=1", "WS-100234"),
        ("]Q1https://desk.example.com/orders/WS-100234", "WS-100234"),
        ("(401)JJD0123456789", "401JJD0123456789"),
        ("]C1999999\x1dABC", "999999"),  # of no identifier that GS1 knows
    ],
)
def test_other_codes_are_meant_without_what_the_scanner_adds(scanned: str, meant: str) -> None:
    assert meanings(scanned)[-1] == meant


@pytest.mark.parametrize("typed", ["", "åsa", "WS-100234", "+46701234567", "070-123 45 67", "a@b.se", "(2) ljus", "00"])
def test_typed_words_mean_nothing_else(typed: str) -> None:
    assert [meaning for meaning in meanings(typed) if meaning != typed] == []
