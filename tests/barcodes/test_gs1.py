"""What scanners send of codes by the rules of GS1, and of others."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webshop_orders.barcodes import gs1
from webshop_orders.barcodes.gs1 import Scan

EAN, UPC_A, EAN_8, CARTON = "7350053850019", "0036000291452", "96385074", "17350053850016"
SSCC, WRONG_SSCC = "373500538500000010", "373500538500000019"


@pytest.mark.parametrize(
    ("scanned", "article"),
    [
        (EAN, EAN),
        (f"]E0{EAN}", EAN),
        (f"]E0{UPC_A}", UPC_A),  # thirteen digits with a zero in front
        ("036000291452", "036000291452"),
        (f"]E4{EAN_8}", EAN_8),
        (f"]I1{CARTON}", CARTON),  # ITF-14
        (f"]C1010{EAN}", f"0{EAN}"),
        (f"]d2010{EAN}21A7", f"0{EAN}"),
        (f"]Q3010{EAN}", f"0{EAN}"),
        (f"]e0010{EAN}", f"0{EAN}"),
        (f"010{EAN}", f"0{EAN}"),
        (f"]C1\x1d010{EAN}10LOT", f"0{EAN}"),
        (f"(01)0{EAN}", f"0{EAN}"),
        (f"]Q1https://id.gs1.org/01/0{EAN}/21/A7", f"0{EAN}"),
        (f"]C101{CARTON}15000000", CARTON),  # a date of zeros
        (f" {EAN}\r", EAN),
    ],
)
def test_articles(scanned: str, article: str) -> None:
    scan = gs1.read(scanned)

    assert (scan.gtin, scan.sscc, scan.has_wrong_check_digit) == (article, None, False)


@pytest.mark.parametrize(
    "scanned",
    [
        f"]C100{SSCC}",
        f"]C1\x1d00{SSCC}",
        f"00{SSCC}",
        SSCC,
        f"(00){SSCC}",
        "(00) 3 7350053 850000001 0",
        f"]d200{SSCC}\x1d420SE97231",
        f"00{SSCC}42097231",  # its length is fixed, so no separator is missing
    ],
)
def test_parcels(scanned: str) -> None:
    scan = gs1.read(scanned)

    assert (scan.sscc, scan.gtin, scan.has_wrong_check_digit) == (SSCC, None, False)


@pytest.mark.parametrize("scanned", [f"]C100{WRONG_SSCC}", f"(00){WRONG_SSCC}", WRONG_SSCC, f"00{WRONG_SSCC}"])
def test_a_parcel_with_a_wrong_check_digit_is_none(scanned: str) -> None:
    scan = gs1.read(scanned)

    assert scan.sscc is None
    assert scan.has_wrong_check_digit


@pytest.mark.parametrize("scanned", ["]E07350053850018", "7350053850018", "]C10107350053850018", "(01)07350053850018"])
def test_an_article_with_a_wrong_check_digit_is_none(scanned: str) -> None:
    scan = gs1.read(scanned)

    assert scan.gtin is None
    assert scan.has_wrong_check_digit


@pytest.mark.parametrize(
    ("scanned", "text"),
    [
        ("100234", "100234"),  # biip alone takes it for an article
        ("]C0100234", "100234"),
        ("999999", "999999"),
        ("1002340", "1002340"),
        ("]C0WS-100234-1", "WS-100234-1"),
        ("]Q1WS-100234-1", "WS-100234-1"),
        ("WS-100234", "WS-100234"),
        ("RR123456785SE", "RR123456785SE"),
        ("(2) ljus", "(2) ljus"),
        ("]", "]"),
        ("]C1", ""),
        ("]Yx", "]Yx"),
        ("", ""),
        ("735005385001٩", "735005385001٩"),
        ("https://desk.example.com/orders/WS-100234", "https://desk.example.com/orders/WS-100234"),
    ],
)
def test_codes_of_others_have_their_text_alone(scanned: str, text: str) -> None:
    assert gs1.read(scanned) == Scan(text)


@pytest.mark.parametrize("separator", ["\x1d", "<GS>", "{GS}", "\u241d"])
def test_a_separator_ends_an_element(separator: str) -> None:
    scan = gs1.read(f"]d2010{EAN}10L1{separator}21A7")

    assert (scan.gtin, scan.lot, scan.serial) == (f"0{EAN}", "L1", "A7")


def test_a_missing_separator_joins_two_elements() -> None:
    """Nothing can tell them apart, so scanners must send FNC1."""
    assert gs1.read(f"]d2010{EAN}10L121A7").elements == {"01": f"0{EAN}", "10": "L121A7"}


def test_printed_brackets_end_elements_and_those_within_a_value_stay() -> None:
    assert gs1.read(f"(01)0{EAN}(10)L(a)1(21)A7").elements == {"01": f"0{EAN}", "10": "L(a)1", "21": "A7"}


@settings(deadline=None)
@given(st.text() | st.from_regex(r"\]?[A-Za-z]?[0-9]?[0-9()\x1d]{0,30}", fullmatch=True))
def test_every_text_is_read(scanned: str) -> None:
    assert isinstance(gs1.read(scanned), Scan)


@settings(deadline=None)
@given(st.from_regex(r"(https?://|\]Q1http://)[!-~]{0,20}", fullmatch=True))
def test_every_link_is_read(scanned: str) -> None:
    assert isinstance(gs1.read(scanned), Scan)
