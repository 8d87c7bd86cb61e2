"""Search finds what is meant: the same name, number or code in any of its spellings, on both databases alike."""

from dataclasses import replace

import pytest
from flask import Flask

from tests.factories import ASA, LULEA, make_order, make_product
from tests.web.conftest import on_sqlite
from webshop_orders.models import Actor, Customer
from webshop_orders.operations.order_list import pages
from webshop_orders.operations.order_list.filters import OrderFilter
from webshop_orders.operations.orders import tracking
from webshop_orders.operations.stock import products
from webshop_orders.transactions.unit_of_work import editing

LAGER = replace(LULEA, name="Lagret")
# Each spelling of a group finds orders of all spellings of it.
SPELLINGS = [
    ["Kåre Sørensen", "Kåre Sörensen", "Kare Sorensen", "Kaare Soerensen"],
    ["Æsa Næss", "Äsa Näss", "Aesa Naess", "ÆSA NÆSS", "Asa Nass"],
    ["Bodil Kjærgård", "Bodil Kjaergaard", "Bodil Kjærgaard", "Bodil Kjargard", "bodil kjaergard"],
    ["Łukasz Wałęsa", "Lukasz Walesa"],
    ["Þóra Guðmundsdóttir", "Thora Gudmundsdottir"],
    ["Đorđe Đukić", "Dorde Dukic"],
    ["Jürgen Müller", "Jurgen Muller", "Juergen Mueller"],
    ["Groß & Söhne", "Gross & Sohne"],
    ["Işıl Yıldız", "Isil Yildiz"],
    ["Siobhán O'Brien", "Siobhan O’Brien", "Siobhan OBrien", "Siobhan O´Brien", "siobhan o`brien"],
    ["Anna-Karin Ek", "Anna Karin Ek", "Anna‑Karin Ek", "Anna–Karin Ek", "Ek Anna-Karin"],
    ["Sørensen-Næss AB", "Sörensen-Näss AB", "Sorensen Naess AB", "Sørensen Næss AB"],
    ["Müller\u00adGroß KG", "Müller\u200bGross KG", "MullerGross KG"],
]
NUMBERS = [
    # A phone number with +, 0046 and (0), spaced and not.
    ("phone", ["+46701740605", "0046701740605", "+46 (0)70-174 06 05", "0046 (0) 70 174 06 05", "070-174 06 05",
               "(070) 1740605", "070.174.06.05", "+46\u00a070\u00a0174\u00a006\u00a005", "+460701740605"]),
    ("phone", ["+47 912 34 567", "004791234567", "912 34 567", "91234567"]),
    ("phone", ["+358 40 123 4567", "040 1234567", "00358 (0)40 123 4567", "0401234567"]),
    ("organisation_number", ["556677-8899", "5566778899", "556677 8899", "556677–8899", "SE556677889901",
                             "SE 556677-8899 01", "16556677-8899"]),
    ("organisation_number", ["NO 923 609 016 MVA", "923609016", "923 609 016", "NO923609016MVA"]),
    ("organisation_number", ["1234567-8", "12345678", "FI 12345678", "FI12345678"]),
]  # fmt: skip


def found(words: str) -> set[str]:
    return {order.number for order in pages.page(OrderFilter(words=words)).orders}


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> object:
    with app.test_request_context():
        yield


@pytest.fixture
def other() -> str:
    """The number of an order that is found by none of these."""
    return make_order(("OTHER", 1), customer=Customer("Per Alm"), shipping_address=LAGER).number


@pytest.mark.parametrize("spellings", SPELLINGS, ids=lambda names: names[0])
def test_each_spelling_of_a_name_finds_all_of_them(spellings: list[str], other: str) -> None:
    numbers = {make_order(("X", 1), customer=Customer(name), shipping_address=LAGER).number for name in spellings}
    assert {typed: found(typed) for typed in spellings} == dict.fromkeys(spellings, numbers)


@pytest.mark.parametrize("spellings", SPELLINGS, ids=lambda names: names[0])
def test_each_spelling_of_a_product_finds_it_in_orders_and_in_the_catalogue(spellings: list[str], other: str) -> None:
    skus = [f"P-{index}" for index in range(len(spellings))]
    for sku, name in zip(skus, spellings, strict=True):
        make_product(sku, name=name)
    number = make_order(*((sku, 1) for sku in skus), shipping_address=LAGER).number
    for typed in spellings:
        assert found(typed) == {number}, typed
        assert sorted(result.sku for result in products.search(typed, "SEK")) == sorted(skus), typed


@pytest.mark.parametrize(("field", "spellings"), NUMBERS, ids=lambda value: str(value[0]))
def test_each_spelling_of_a_number_finds_all_of_them(field: str, spellings: list[str], other: str) -> None:
    numbers = {
        make_order(("X", 1), customer=Customer("Bo Ek", **{field: stored}), shipping_address=LAGER).number
        for stored in spellings
    }
    assert {typed: found(typed) for typed in spellings} == dict.fromkeys(spellings, numbers)


@pytest.mark.parametrize(
    "typed",
    ["Räksmörgåsgatan 7", "raksmorgasgatan", "7312 NB", "7312nb", "Ængelholm", "Engelbrekt plan", "Ljusstake",
     "stake grön", "ängelholm ljus", "Källargränd", "972 31", "97231", "Boden"],
)  # fmt: skip
def test_an_order_is_found_by_its_products_streets_postal_codes_and_cities(typed: str, other: str) -> None:
    shipping = replace(
        LAGER, street="Räksmörgåsgatan 7", postal_code="7312 NB", city="Ängelholm", street2="Engelbrekt plan 2"
    )
    billing = replace(LULEA, street="Källargränd 1", city="Boden")
    make_product("LJ-1", name="Ljusstake, grön")
    number = make_order(("LJ-1", 1), shipping_address=shipping, billing_address=billing).number
    expected = {number, other} if typed in {"972 31", "97231"} else {number}
    assert found(typed) == expected


@pytest.mark.parametrize("typed", ["RR 123 456 785 SE", "RR123456785SE", "rr123456785se", "123 456 785", "123456785"])
@pytest.mark.parametrize("stored", ["RR 123 456 785 SE", "RR123456785SE"])
def test_a_tracking_code_is_found_however_it_is_spaced(stored: str, typed: str, anna: Actor, other: str) -> None:
    number = make_order(("X", 1)).number
    with editing(number, None, anna) as order:
        tracking.add(order.shipments[0], stored, None, None, by=anna)
    assert found(typed) == {number}


@on_sqlite
@pytest.mark.parametrize("typed", ["'", "’", "\u200b", "-", "a", "ae", "''", "%", "_", '"', "\\", "(", "AND", "NEAR("])
def test_any_text_may_be_searched_for(typed: str, other: str) -> None:
    assert found(typed) <= {other}


def test_words_have_to_be_there_and_what_is_only_alike_is_not_found() -> None:
    make_order(("X", 1), customer=replace(ASA, name="Samuel Ek"), shipping_address=LAGER)
    assert found("Sorensen") == found("Ek Sorensen") == found("0701740605") == set()
