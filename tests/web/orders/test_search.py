"""What the list finds, and that paging through it neither skips nor repeats."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import LULEA, make_order
from tests.web.conftest import Browser, on_sqlite
from tests.web.pages import Page
from webshop_orders.models import Actor, Customer, Order
from webshop_orders.operations.orders import splits, tracking
from webshop_orders.transactions.unit_of_work import editing

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def found(browser: Browser, words: str) -> list[str]:
    answer = browser.get("/orders", query_string={"q": words})
    assert answer.status_code == 200
    return listed(Page(answer.text))


def listed(page: Page) -> list[str]:
    return [link.split("/")[2] for link in page.links if link.startswith("/orders/") and link.count("/") == 2]


def order_of(name: str, **values: object) -> Order:
    to = replace(LULEA, name="Lagret")
    return make_order(("X-1", 1), customer=Customer(name, **values), shipping_address=to)  # type: ignore[arg-type]


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
def test_a_phone_number_is_found_however_it_is_written(staff: Browser, typed: str) -> None:
    kept = ["070-123 45 67", "+46 70 123 45 67", "+46701234567", "0701234567", "(070) 1234567"]
    wanted = {order_of("Per Ek", phone=phone).number for phone in kept}
    order_of("Eva Alm", phone="070-999 99 99")
    assert set(found(staff, typed)) == wanted


def test_a_name_is_found_without_its_accents_and_signs_mean_themselves(staff: Browser) -> None:
    numbers = {name: order_of(name).number for name in dict(NAMES)}
    for other in ("1000 Ull", "acb Ek", "Per Alm"):
        order_of(other)
    for name, typed in NAMES:
        assert found(staff, typed) == [numbers[name]], typed


def test_every_word_has_to_be_there(staff: Browser) -> None:
    both = order_of("Åsa Öberg", company="Sjöboden AB", email="asa@sjoboden.se")
    order_of("Åsa Ek")
    assert found(staff, "asa oberg sjoboden") == [both.number]
    assert found(staff, "asa oberg ek") == []
    assert found(staff, "asa@sjoboden.se") == [both.number]
    assert len(found(staff, "   ")) == 2


def test_codes_and_products_are_found_in_whatever_shipment_they_are(staff: Browser, anna: Actor) -> None:
    order = make_order(("LJUS-12", 2), ("DUK-7", 1))
    make_order(("KAN-02", 1))
    with editing(order.number, None, anna) as present:
        target = splits.split(next(present.lines), 1, to=None, by=anna)
        tracking.add(target, "00370712345678901234", "PostNord", None, by=anna)
    assert found(staff, "00370712345678901234") == found(staff, "duk-7") == found(staff, "5678901234") == [order.number]
    with editing(order.number, None, anna) as present:
        tracking.remove(present.shipments[1], present.shipments[1].tracking_codes[0].id, by=anna)
    assert found(staff, "00370712345678901234") == []


def test_numbers_come_before_what_merely_has_them_and_that_is_a_click_away(staff: Browser) -> None:
    by_number = order_of("Per Ek")
    by_product = make_order((by_number.number.removeprefix("WS-"), 1))

    page = staff.page(f"/orders?q={by_number.number.removeprefix('WS-')}")

    assert listed(page) == [by_number.number]
    assert "Sök överallt" in page.text
    (everywhere,) = [link for link in page.links if "anywhere=1" in link]
    assert listed(staff.page(everywhere)) == [by_product.number, by_number.number]


def test_words_of_one_or_two_letters_and_signs_are_found_too(staff: Browser) -> None:
    order = order_of("Bo Ek & Co <o>")
    order_of("Per Alm")

    for typed in ("bo", "ek", "&", "<o>", "bo <o> &"):
        assert found(staff, typed) == [order.number], typed


def test_a_search_goes_on_from_page_to_page_and_back(staff: Browser) -> None:
    for turn in range(60):
        order_of(f"Bo Ek {turn:02}") if turn % 2 else order_of("Per Alm")
    assert len(listed(staff.page("/orders?q=bo+ek&status=ready"))) == 25  # along the status
    first = staff.page("/orders?q=bo+ek")  # along the words
    second = staff.page(next(link for link in first.links if "after=" in link))
    assert len(listed(second)) == 5
    assert not set(listed(first)) & set(listed(second))
    back = staff.page(next(link for link in second.links if "before=" in link))
    assert listed(back) == listed(first)
    assert listed(staff.page("/orders?q=bo+ek&sort=placed")) == sorted(listed(first) + listed(second))[:25]


def test_what_was_searched_for_stays_in_its_box(staff: Browser) -> None:
    for typed in ('<b>"fet"</b>', "a" * 200, "100%"):
        page = Page(staff.get("/orders", query_string={"q": typed}).text)
        assert page.form("/orders").values()["q"] == typed


@pytest.mark.parametrize("sort", ["", "placed"])
def test_paging_neither_skips_nor_repeats_while_orders_come_in(staff: Browser, sort: str) -> None:
    for turn in range(53):  # several at the same moment, across the edge of a page
        make_order(("X-1", 1), placed_at=NOON + timedelta(minutes=turn // 4))
    seen: list[str] = []
    address = f"/orders?sort={sort}"
    pages = 0
    while address:
        page = staff.page(address)
        seen += listed(page)
        pages += 1
        make_order(("X-1", 1), placed_at=NOON + timedelta(days=-1 if sort else 1))
        address = next((link for link in page.links if "after=" in link), "")
    expected = [f"WS-1000{number:02}" for number in range(1, 54)]
    assert pages == 3
    assert seen == (expected if sort else expected[::-1])


@on_sqlite
def test_a_full_last_page_leads_nowhere(staff: Browser) -> None:
    for turn in range(25):
        make_order(("X-1", 1), placed_at=NOON + timedelta(minutes=turn))
    assert not [link for link in staff.page("/orders").links if "after=" in link]
    make_order(("X-1", 1))
    (older,) = [link for link in staff.page("/orders").links if "after=" in link]
    page = staff.page(older)
    assert len(listed(page)) == 1
    assert "Till första sidan" in page.buttons


@on_sqlite
def test_days_begin_and_end_where_the_shop_is(staff: Browser) -> None:
    order = make_order(("X-1", 1), placed_at=datetime(2026, 11, 2, 23, 30, tzinfo=UTC))  # half past midnight in Sweden
    assert listed(staff.page("/orders?from=2026-11-03&to=2026-11-03")) == [order.number]
    assert listed(staff.page("/orders?to=2026-11-02")) == []
    assert listed(staff.page("/orders?from=2026-11-04")) == []


@on_sqlite
def test_the_list_by_htmx_is_its_region_alone(staff: Browser) -> None:
    make_order(("X-1", 1))
    answer = staff.get("/orders?q=x", htmx=True)
    assert "<html" not in answer.text
    assert '<section id="orders"' in answer.text


@on_sqlite
def test_an_empty_shop_says_so(staff: Browser) -> None:
    assert "Inga ordrar än." in staff.page("/orders").text
    assert "Inga ordrar stämmer" in staff.page("/orders?status=shipped").text
