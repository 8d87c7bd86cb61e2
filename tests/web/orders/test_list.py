"""The list: search, filters, sorting and pages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import LULEA, make_order, make_product
from tests.web.conftest import Browser
from tests.web.pages import Page
from webshop_orders.models import Actor, Customer
from webshop_orders.operations.orders import cancellation, shipments, splits, tracking
from webshop_orders.transactions.unit_of_work import editing

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
SEARCHES = [
    "WS-100001",
    "ws-100001",
    "100001",
    "butik-77",
    "Öberg",
    "oberg",
    "asa OBERG",
    "Sjöboden",
    "asa.oberg@example.com",
    "+46701740605",
    "070-174 06 05",
    "0701740605",
    "LJUS-12",
    "ljus-12",
    "ABC123SE",
    "100%_bra",
]


def listed_numbers(browser: Browser, url: str = "/orders") -> list[str]:
    return order_numbers(browser.page(url))


def order_numbers(page: Page) -> list[str]:
    return [link.split("/")[2] for link in page.links if link.startswith("/orders/") and link.count("/") == 2]


@pytest.mark.parametrize("words", SEARCHES)
def test_an_order_is_found_by_its_numbers_customer_products_and_codes(staff: Browser, anna: Actor, words: str) -> None:
    make_product("LJUS-12")
    customer = Customer("Åsa Öberg", "Restaurang Sjöboden", "asa.oberg@example.com", "+46 70 174 06 05")
    matching = make_order(("LJUS-12", 1), customer=customer, external_reference="butik-77 100%_bra")
    per = replace(LULEA, name="Per Ek")
    make_order(
        ("KAN-02", 1),
        customer=Customer("Per Ek", email="per@example.com"),
        billing_address=per,
        shipping_address=per,
        external_reference="1000 xbra",
    )
    with editing(matching.number, None, anna) as order:
        tracking.add(order.shipments[0], "ABC123SE", None, None, by=anna)
    response = staff.get("/orders", query_string={"q": words})
    assert "WS-100001" in response.text
    assert "WS-100002" not in response.text


def test_words_that_no_order_has_show_an_empty_list(staff: Browser) -> None:
    make_order(("LJUS-12", 1))
    assert "Inga ordrar stämmer" in staff.page("/orders?q=finns+inte").text
    assert "Inga ordrar stämmer" in staff.page("/orders?q=%25").text


def test_orders_are_filtered_by_status_and_day(staff: Browser, anna: Actor) -> None:
    make_product("KAN-02", stock=0)
    ready = make_order(("LJUS-12", 1), placed_at=NOON)
    make_order(("KAN-02", 1), placed_at=NOON + timedelta(days=1))
    shipped = make_order(("LJUS-12", 1), placed_at=NOON + timedelta(days=2))
    with editing(shipped.number, None, anna) as order:
        shipments.ship(order.shipments[0], by=anna)
    cancelled = make_order(("LJUS-12", 1), placed_at=NOON + timedelta(days=3))
    with editing(cancelled.number, None, anna) as order:
        cancellation.cancel(order, by=anna)
    assert listed_numbers(staff, "/orders?status=ready") == [ready.number]
    assert listed_numbers(staff, "/orders?status=backordered") == ["WS-100002"]
    assert listed_numbers(staff, "/orders?status=shipped") == [shipped.number]
    assert listed_numbers(staff, "/orders?status=cancelled") == [cancelled.number]
    assert listed_numbers(staff, "/orders?from=2026-11-03&to=2026-11-04") == [shipped.number, "WS-100002"]
    assert len(listed_numbers(staff, "/orders?status=nonsense&from=2026-13-99&after=nonsense")) == 4


def test_pages_have_no_gap_or_repeat(staff: Browser) -> None:
    for minute in range(60):
        make_order(("LJUS-12", 1), placed_at=NOON + timedelta(minutes=minute // 2))
    seen: list[str] = []
    url = "/orders"
    for _ in range(3):
        page = staff.page(url)
        seen += order_numbers(page)
        make_order(("LJUS-12", 1), placed_at=NOON + timedelta(days=1))  # at the same time
        url = next((link for link in page.links if "after=" in link), "")
    assert url == ""
    assert seen == [f"WS-1000{number:02}" for number in range(60, 0, -1)]


def test_paging_back_shows_the_pages_that_were_read(staff: Browser) -> None:
    for minute in range(60):
        make_order(("LJUS-12", 1), placed_at=NOON + timedelta(minutes=minute // 2))
    first = listed_numbers(staff)
    second = staff.page(next(link for link in staff.page("/orders").links if "after=" in link))
    third = staff.page(next(link for link in second.links if "after=" in link))

    back = staff.page(next(link for link in third.links if "before=" in link))
    assert order_numbers(back) == order_numbers(second)
    make_order(("LJUS-12", 1), placed_at=NOON + timedelta(days=1))  # it is the first of the page before now
    again = staff.page(next(link for link in back.links if "before=" in link))
    assert order_numbers(again) == first
    assert order_numbers(staff.page(next(link for link in again.links if "before=" in link))) == [
        "WS-100061",
        *first[:24],
    ]


NAMES = ["Zara Ek", "Åsa Alm", "Örjan Alm", "anna ek", "Ärla Alm", "Émile Ek"]
SORTED = {
    "customer": ["anna ek", "Émile Ek", "Zara Ek", "Åsa Alm", "Ärla Alm", "Örjan Alm"],
    "number": ["Örjan Alm", "anna ek", "Ärla Alm", "Émile Ek", "Zara Ek", "Åsa Alm"],
    "total": ["Émile Ek", "Ärla Alm", "anna ek", "Örjan Alm", "Åsa Alm", "Zara Ek"],
}


@pytest.mark.parametrize("sort", SORTED)
def test_a_list_is_sorted_in_swedish_with_numbers_by_their_value(staff: Browser, sort: str) -> None:
    numbers = ["A-100", "A-1000", "A-9", "A-20", "A-30", "A-70"]
    number_of = {
        name: make_order(("X", 9 - index), customer=Customer(name), number=numbers[index]).number
        for index, name in enumerate(NAMES)
    }
    if sort == "number":
        expected = ["A-9", "A-20", "A-30", "A-70", "A-100", "A-1000"]
    else:
        expected = [number_of[name] for name in SORTED[sort]]
    assert listed_numbers(staff, f"/orders?sort={sort}") == expected
    assert listed_numbers(staff, f"/orders?sort=-{sort}&status=ready") == expected[::-1]


@pytest.mark.parametrize("sort", ["number", "-customer", "total"])
def test_pages_of_a_sorted_list_have_no_gap_or_repeat(staff: Browser, sort: str) -> None:
    for index in range(53):
        make_order(("X", index % 4 + 1), customer=Customer(f"Kund {index % 5}"))
    seen: list[str] = []
    url = f"/orders?sort={sort}"
    while url:
        page = staff.page(url)
        seen += order_numbers(page)
        url = next((link for link in page.links if "after=" in link), "")
    assert len(seen) == len(set(seen)) == 53


def test_orders_are_found_by_payment_carrier_and_product(staff: Browser, anna: Actor) -> None:
    both = make_order(("LJUS-12", 4), ("DUK-7", 1), payment_method="swish")
    other = make_order(("LJUS-12", 1), payment_method="card")
    for order, carrier in ((both, "PostNord"), (other, "DHL")):
        with editing(order.number, None, anna) as present:
            tracking.add(present.shipments[0], f"CODE{order.id}A", carrier, None, by=anna)
            tracking.add(present.shipments[0], f"CODE{order.id}B", carrier, None, by=anna)
    with editing(both.number, None, anna) as present:
        splits.split(next(present.lines), 2, to=None, by=anna)

    assert listed_numbers(staff, "/orders?payment=swish") == [both.number]
    assert listed_numbers(staff, "/orders?carrier=DHL") == [other.number]
    assert listed_numbers(staff, "/orders?product=LJUS-12") == [other.number, both.number]
    assert listed_numbers(staff, "/orders?product=LJUS-12&carrier=PostNord") == [both.number]
    assert listed_numbers(staff, "/orders?product=DUK-7&payment=card") == []
    assert listed_numbers(staff, "/orders?product=LJUS-12&q=oberg&status=ready&sort=placed") == [
        both.number,
        other.number,
    ]
    assert listed_numbers(staff, "/orders?carrier=Nobody&after=nonsense~&before=~1") == []


@pytest.mark.parametrize("sort", ["", "number", "customer", "total"])
@pytest.mark.parametrize(
    "cursor", ["nonsense", "~", "~1", f"{10**30}~1", f"1~{10**30}", "20261102T120000.000000~x", "99999999T~1", "%00~1"]
)
def test_a_cursor_that_is_not_valid_shows_a_list_all_the_same(staff: Browser, sort: str, cursor: str) -> None:
    make_order(("LJUS-12", 1))
    for argument in ("after", "before"):
        assert staff.get(f"/orders?sort={sort}&{argument}={cursor}").status_code == 200
        assert staff.get(f"/orders?q=oberg&{argument}={cursor}").status_code == 200


def test_a_filtered_list_offers_only_the_sorting_that_it_has(staff: Browser) -> None:
    make_order(("LJUS-12", 1))
    assert any("sort=-total" in link for link in staff.page("/orders?status=ready").links)
    for criterion in ("payment=invoice", "q=oberg", "product=LJUS-12", "from=2020-01-01"):
        links = staff.page(f"/orders?{criterion}&sort=total").links
        assert not [link for link in links if "sort=-total" in link or "sort=customer" in link], criterion


def test_the_filters_show_how_many_orders_there_are(staff: Browser) -> None:
    make_product("LJUS-12", stock=1)
    for _ in range(3):
        make_order(("LJUS-12", 1))
    page = staff.page("/orders")
    assert "Redo 1" in page.text
    assert "Restnoterade 2" in page.text


def test_the_oldest_can_come_first(staff: Browser) -> None:
    for day in range(3):
        make_order(("LJUS-12", 1), placed_at=NOON + timedelta(days=day))
    assert listed_numbers(staff, "/orders?sort=placed") == ["WS-100001", "WS-100002", "WS-100003"]
