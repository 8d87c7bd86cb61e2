"""Whose a code is: the only carrier's whose codes look so, or the preset one's of several."""

import pytest
from flask import Flask

from webshop_orders.documents.known_codes import Recognised, is_distinct, normalise, recognise
from webshop_orders.models import CARRIERS, Carrier

DSV = Carrier("DSV", "https://example.com/{code}", ["##########"])
OWN = Carrier("Cykelbudet", "https://example.com/{code}", ["CB ### ### ###"])


@pytest.mark.parametrize(
    ("code", "carriers", "is_wrong"),
    [
        ("RR123456785SE", ("PostNord",), False),
        ("rr 123 456 785 se", ("PostNord",), False),
        ("RR123456784SE", ("PostNord",), True),
        ("00370730254698741235", ("PostNord",), False),
        ("370730254698741239", ("PostNord",), True),
        ("370400000000000017", ("Bring",), False),
        ("1Z999AA10123456784", ("UPS",), False),
        ("1Z999AA10123456785", ("UPS",), True),
        ("JJD000390007000000001", ("DHL",), False),
        ("1806290829", ("DHL", "DB Schenker"), False),
        ("1806290828", ("DHL",), False),  # no waybill of Schenker's
        ("AB17", (), False),
        ("RR123456785JP", (), False),
        ("006141411234567890", (), False),  # a sender's own SSCC
    ],
)
def test_carriers_are_recognised_by_the_patterns_that_they_begin_with(
    app: Flask, code: str, carriers: tuple[str, ...], is_wrong: bool
) -> None:
    assert recognise(code, CARRIERS) == Recognised(carriers, is_wrong)


def test_a_code_of_several_is_nobodys_unless_one_of_them_is_preset() -> None:
    several = Recognised(("DHL", "DSV"))
    assert several.only() is None
    assert several.only("DSV") == "DSV"
    assert several.only("Bring") is None
    assert Recognised(("DHL",)).only("Bring") == "DHL"


def test_a_right_check_digit_tells_carriers_apart(app: Flask) -> None:
    schenker = Carrier("DB Schenker", "https://example.com/{code}", ["########## LUHN"])
    assert recognise("1806290828", [DSV, schenker]).only() == "DSV"
    assert recognise("1806290829", [DSV, schenker]).only() is None
    assert recognise("1806290828", [schenker]) == Recognised(("DB Schenker",), True)


def test_the_shops_own_patterns_say_which_spaces_are_of_groups(app: Flask) -> None:
    assert normalise("cb 123 456 789", [OWN]) == "cb123456789"
    assert normalise("cb 123 456 789", [DSV]) == "cb 123 456 789"


@pytest.mark.parametrize(
    ("code", "is_so"),
    [
        ("RR123456785SE", True),
        ("RR123456784SE", False),
        ("JJD000390007000000001", True),
        ("370730254698741235", True),
        ("1806290828", False),  # ten digits can be anything
        ("123456789012", False),
    ],
)
def test_a_distinct_code_is_hardly_another_number(app: Flask, code: str, is_so: bool) -> None:
    assert is_distinct(code) is is_so
