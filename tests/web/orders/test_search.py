"""What the search finds, and that its pages have no gap or repeat."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from tests.factories import LULEA, make_order
from tests.web.conftest import Browser, on_sqlite
from tests.web.pages import Page
from webshop_orders.models import Actor, Customer, Order
from webshop_orders.operations.orders import splits, tracking
from webshop_orders.transactions.unit_of_work import editing

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def search(browser: Browser, words: str) -> list[str]:
    """The numbers of the orders that are found."""
    response = browser.get("/orders", query_string={"q": words})
    assert response.status_code == 200
    return order_numbers(Page(response.text))


def order_numbers(page: Page) -> list[str]:
    return [link.split("/")[2] for link in page.links if link.startswith("/orders/") and link.count("/") == 2]


def make_order_of(name: str, **values: object) -> Order:
    address = replace(LULEA, name="Lagret")
    return make_order(("X-1", 1), customer=Customer(name, **values), shipping_address=address)  # type: ignore[arg-type]


NAMES = [
    ("Åsa Öberg", "asa"),
    ("Åsa Öberg", "ÅSA"),
    ("Åsa Öberg", "öberg åsa"),
    ("Anna Ahl", "ÅHL"),
    ("Mårten Ärlig", "marten arlig"),
    ("José Núñez", "jose nunez"),
    ("Straße Müller", "strasse muller"),
    ("O'Brien", "o'brien"),
    ('Kal "Kalle" Ek', '"kalle"'),
    ("Ek & Ek <b>", "ek <b>"),
    ("100% Ull", "100%"),
    ("a_b Ek", "a_b"),
    ("c:\\temp Ek", "c:\\temp"),
    ("李小龙", "小龙"),
]


@on_sqlite
@pytest.mark.parametrize(
    "typed",
    [
        "0701234567",
        "070-123 45 67",
        "1234567",
        "+46701234567",
        "+46 70 123 45 67",
        "0046701234567",
    ],
)
def test_a_phone_number_is_found_in_any_notation(staff: Browser, typed: str) -> None:
    phones = ["070-123 45 67", "+46 70 123 45 67", "+46701234567", "0701234567", "(070) 1234567"]
    expected = {make_order_of("Per Ek", phone=phone).number for phone in phones}
    make_order_of("Eva Alm", phone="070-999 99 99")
    assert set(search(staff, typed)) == expected


def test_a_name_is_found_without_accents_and_special_characters_are_literal(staff: Browser) -> None:
    numbers = {name: make_order_of(name).number for name in dict(NAMES)}
    for other in ("1000 Ull", "acb Ek", "Per Alm"):
        make_order_of(other)
    for name, typed in NAMES:
        assert search(staff, typed) == [numbers[name]], typed


def test_an_order_has_to_have_every_word(staff: Browser) -> None:
    both = make_order_of("Åsa Öberg", company="Sjöboden AB", email="asa@sjoboden.se")
    make_order_of("Åsa Ek")
    assert search(staff, "asa oberg sjoboden") == [both.number]
    assert search(staff, "asa oberg ek") == []
    assert search(staff, "asa@sjoboden.se") == [both.number]
    assert len(search(staff, "   ")) == 2


def test_codes_and_products_are_found_in_every_shipment(staff: Browser, anna: Actor) -> None:
    order = make_order(("LJUS-12", 2), ("DUK-7", 1))
    make_order(("KAN-02", 1))
    with editing(order.number, None, anna) as present:
        target = splits.split(next(present.lines), 1, to=None, by=anna)
        tracking.add(target, "00370712345678901234", "PostNord", None, by=anna)
    assert (
        search(staff, "00370712345678901234") == search(staff, "duk-7") == search(staff, "5678901234") == [order.number]
    )
    with editing(order.number, None, anna) as present:
        tracking.remove(present.shipments[1], present.shipments[1].tracking_codes[0].id, by=anna)
    assert search(staff, "00370712345678901234") == []


def test_orders_whose_number_begins_so_come_first_and_a_link_searches_everywhere(staff: Browser) -> None:
    by_number = make_order_of("Per Ek")
    by_product = make_order((by_number.number.removeprefix("WS-"), 1))

    page = staff.page(f"/orders?q={by_number.number.removeprefix('WS-')}")

    assert order_numbers(page) == [by_number.number]
    assert "Sök överallt" in page.text
    (everywhere,) = [link for link in page.links if "anywhere=1" in link]
    assert order_numbers(staff.page(everywhere)) == [by_product.number, by_number.number]


def test_words_of_one_or_two_characters_are_found_too(staff: Browser) -> None:
    order = make_order_of("Bo Ek & Co <o>")
    make_order_of("Per Alm")

    for typed in ("bo", "ek", "&", "<o>", "bo <o> &"):
        assert search(staff, typed) == [order.number], typed


def test_a_search_has_pages_there_and_back(staff: Browser) -> None:
    for index in range(60):
        make_order_of(f"Bo Ek {index:02}") if index % 2 else make_order_of("Per Alm")
    assert len(order_numbers(staff.page("/orders?q=bo+ek&status=ready"))) == 25  # from the index of statuses
    first = staff.page("/orders?q=bo+ek")  # from the index of words
    second = staff.page(next(link for link in first.links if "after=" in link))
    assert len(order_numbers(second)) == 5
    assert not set(order_numbers(first)) & set(order_numbers(second))
    back = staff.page(next(link for link in second.links if "before=" in link))
    assert order_numbers(back) == order_numbers(first)
    assert (
        order_numbers(staff.page("/orders?q=bo+ek&sort=placed"))
        == sorted(order_numbers(first) + order_numbers(second))[:25]
    )


def test_the_typed_words_stay_in_the_search_box(staff: Browser) -> None:
    for typed in ('<b>"fet"</b>', "a" * 200, "100%"):
        page = Page(staff.get("/orders", query_string={"q": typed}).text)
        assert page.form("/orders").values()["q"] == typed


@pytest.mark.parametrize("sort", ["", "placed"])
def test_pages_have_no_gap_or_repeat_while_orders_come_in(staff: Browser, sort: str) -> None:
    for index in range(53):  # several at the same time, across the boundary of a page
        make_order(("X-1", 1), placed_at=NOON + timedelta(minutes=index // 4))
    seen: list[str] = []
    url = f"/orders?sort={sort}"
    pages = 0
    while url:
        page = staff.page(url)
        seen += order_numbers(page)
        pages += 1
        make_order(("X-1", 1), placed_at=NOON + timedelta(days=-1 if sort else 1))
        url = next((link for link in page.links if "after=" in link), "")
    expected = [f"WS-1000{number:02}" for number in range(1, 54)]
    assert pages == 3
    assert seen == (expected if sort else expected[::-1])


@on_sqlite
def test_a_full_last_page_has_no_next_page(staff: Browser) -> None:
    for minute in range(25):
        make_order(("X-1", 1), placed_at=NOON + timedelta(minutes=minute))
    assert not [link for link in staff.page("/orders").links if "after=" in link]
    make_order(("X-1", 1))
    (older,) = [link for link in staff.page("/orders").links if "after=" in link]
    page = staff.page(older)
    assert len(order_numbers(page)) == 1
    assert "Till första sidan" in page.buttons


@on_sqlite
def test_days_are_those_of_the_time_zone_of_the_shop(staff: Browser) -> None:
    order = make_order(("X-1", 1), placed_at=datetime(2026, 11, 2, 23, 30, tzinfo=UTC))  # half past midnight in Sweden
    assert order_numbers(staff.page("/orders?from=2026-11-03&to=2026-11-03")) == [order.number]
    assert order_numbers(staff.page("/orders?to=2026-11-02")) == []
    assert order_numbers(staff.page("/orders?from=2026-11-04")) == []


@on_sqlite
def test_a_request_of_htmx_gets_the_region_alone(staff: Browser) -> None:
    make_order(("X-1", 1))
    response = staff.get("/orders?q=x", htmx=True)
    assert "<html" not in response.text
    assert '<section id="orders"' in response.text


@on_sqlite
def test_an_empty_shop_says_so(staff: Browser) -> None:
    assert "Inga ordrar än." in staff.page("/orders").text
    assert "Inga ordrar stämmer" in staff.page("/orders?status=shipped").text


@on_sqlite
@pytest.mark.parametrize(
    ("shop_number", "typed"),
    [
        ("#1042", "#1042"),
        ("#1042", "1042"),
        ("1042", "#1042"),
        ("1042", "1042"),
        ("SE-2026-0042", "SE-2026-0042"),
        ("SE-2026-0042", "se-2026-0042"),
        ("SE-2026-0042", "2026-0042"),
    ],
)
def test_an_order_is_found_by_its_number_in_the_shop(staff: Browser, shop_number: str, typed: str) -> None:
    order = make_order(("X-1", 1), shop_number=shop_number)
    make_order(("X-1", 1), shop_number="#2042")

    page = staff.page("/orders?" + urlencode({"q": typed}))

    assert order_numbers(page) == [order.number]
    assert shop_number in page.text


@on_sqlite
def test_our_number_and_the_same_number_of_the_shop_are_both_found(staff: Browser) -> None:
    ours = make_order(("X-1", 1), number="WS-100301", customer=Customer("Vera Vik"))
    of_shop = make_order(("X-1", 1), number="WS-100777", shop_number="100301", customer=Customer("Bo Ek"))
    make_order(("X-1", 1), number="WS-100778", shop_number="#2100301")

    for typed in ("100301", "#100301"):
        assert set(search(staff, typed)) >= {of_shop.number}
    assert set(search(staff, "100301")) == {ours.number, of_shop.number}


@on_sqlite
@pytest.mark.parametrize("typed", ["556677-8899", "5566778899"])
@pytest.mark.parametrize("stored", ["556677-8899", "5566778899", "SE556677889901"])
def test_a_company_is_found_by_its_organisation_number(staff: Browser, stored: str, typed: str) -> None:
    order = make_order_of("Bo Ek", organisation_number=stored)

    assert search(staff, typed) == [order.number]
