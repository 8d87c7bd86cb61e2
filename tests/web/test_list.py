"""The list: searched, filtered and paged."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import LULEA, make_order, make_product
from tests.web.conftest import Browser
from tests.web.pages import Page
from webshop_orders.models import Actor, Customer
from webshop_orders.operations import orders, shipments, tracking
from webshop_orders.unit_of_work import editing

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


def shown(browser: Browser, address: str = "/orders") -> list[str]:
    return numbers(browser.page(address))


def numbers(page: Page) -> list[str]:
    return [link.split("/")[2] for link in page.links if link.startswith("/orders/") and link.count("/") == 2]


@pytest.mark.parametrize("words", SEARCHES)
def test_an_order_is_found_by_whatever_one_knows_of_it(staff: Browser, anna: Actor, words: str) -> None:
    make_product("LJUS-12")
    customer = Customer("Åsa Öberg", "Restaurang Sjöboden", "asa.oberg@example.com", "+46 70 174 06 05")
    wanted = make_order(("LJUS-12", 1), customer=customer, external_reference="butik-77 100%_bra")
    per = replace(LULEA, name="Per Ek")
    make_order(
        ("KAN-02", 1),
        customer=Customer("Per Ek", email="per@example.com"),
        billing_address=per,
        shipping_address=per,
        external_reference="1000 xbra",
    )
    with editing(wanted.number, None, anna) as order:
        tracking.add(order.shipments[0], "ABC123SE", None, None, by=anna)
    answer = staff.get("/orders", query_string={"q": words})
    assert "WS-100001" in answer.text
    assert "WS-100002" not in answer.text


def test_words_that_nothing_has_show_nothing_and_the_way_back(staff: Browser) -> None:
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
        orders.cancel(order, by=anna)
    assert shown(staff, "/orders?status=ready") == [ready.number]
    assert shown(staff, "/orders?status=backordered") == ["WS-100002"]
    assert shown(staff, "/orders?status=shipped") == [shipped.number]
    assert shown(staff, "/orders?status=cancelled") == [cancelled.number]
    assert shown(staff, "/orders?from=2026-11-03&to=2026-11-04") == [shipped.number, "WS-100002"]
    assert len(shown(staff, "/orders?status=nonsense&from=2026-13-99&after=nonsense")) == 4


def test_pages_follow_each_other_without_gap_or_repeat(staff: Browser) -> None:
    for minute in range(60):
        make_order(("LJUS-12", 1), placed_at=NOON + timedelta(minutes=minute // 2))
    seen: list[str] = []
    address = "/orders"
    for _ in range(3):
        page = staff.page(address)
        seen += numbers(page)
        make_order(("LJUS-12", 1), placed_at=NOON + timedelta(days=1))  # comes in meanwhile
        address = next((link for link in page.links if "after=" in link), "")
    assert address == ""
    assert seen == [f"WS-1000{number:02}" for number in range(60, 0, -1)]


def test_the_oldest_can_come_first(staff: Browser) -> None:
    for day in range(3):
        make_order(("LJUS-12", 1), placed_at=NOON + timedelta(days=day))
    assert shown(staff, "/orders?sort=placed") == ["WS-100001", "WS-100002", "WS-100003"]
