"""What waits, above the list."""

from datetime import UTC, datetime, timedelta

import time_machine

from tests.factories import make_order, make_product
from tests.web.conftest import Browser, SignIn
from tests.web.orders.test_budgets import counting
from webshop_orders.models import Actor, Role
from webshop_orders.operations.orders import shipments
from webshop_orders.transactions.unit_of_work import editing

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MOST_IN_LIST = 6


def test_an_empty_shop_is_told_no_figures(staff: Browser) -> None:
    assert "Att skicka" not in staff.page("/orders").text


def test_what_waits_is_counted_with_since_when_it_does(sign_in: SignIn, anna: Actor) -> None:
    make_product("KAN-02", stock=0)
    with time_machine.travel(NOON, tick=False):
        staff = sign_in(Role.STAFF)
        for days in (9, 3):
            make_order(("LJUS-12", 1), placed_at=NOON - timedelta(days=days))
        make_order(("KAN-02", 1), placed_at=NOON - timedelta(days=400))
        page = staff.page("/orders?status=shipped")
        assert "Att skicka 2 väntat sedan 14 nov. Restnoterade 1 väntat sedan 19 okt. 2025" in page.text
        assert {"/orders?status=ready", "/orders?status=backordered"} <= set(page.links)
        for number in ("WS-100001", "WS-100002"):
            with editing(number, None, anna) as order:
                shipments.ship(order.shipments[0], by=anna)
        make_order(("LJUS-12", 1), placed_at=NOON)
        assert "Att skicka 1 väntat sedan i dag" in staff.page("/orders").text
        with editing("WS-100004", None, anna) as order:
            shipments.ship(order.shipments[0], by=anna)
        assert "Att skicka 0 Restnoterade 1" in staff.page("/orders").text


def test_the_list_with_all_that_it_offers_takes_six_statements(admin: Browser) -> None:
    for _ in range(3):
        make_order(("LJUS-12", 1))
    for address in ("/orders", "/orders?status=ready&payment=invoice", "/orders?q=oberg&status=ready"):
        admin.get(address, htmx=True)
        with counting() as statements:
            admin.get(address, htmx=True)
        assert len(statements) <= MOST_IN_LIST, "\n".join(statements)
