"""The figures of waiting orders above the list."""

from datetime import UTC, datetime, timedelta

import time_machine

from tests.factories import make_order, make_product
from tests.web.conftest import Browser, SignIn
from tests.web.orders.test_budgets import counting
from webshop_orders.models import Actor, Role
from webshop_orders.operations.orders import shipments
from webshop_orders.transactions.unit_of_work import editing

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MAX_STATEMENTS_OF_LIST = 4


def test_an_empty_shop_shows_no_figures(staff: Browser) -> None:
    assert "Att skicka" not in staff.page("/orders").text


def test_waiting_orders_are_counted_with_the_day_since_when_they_wait(sign_in: SignIn, anna: Actor) -> None:
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


def test_the_list_with_filters_and_figures_takes_four_statements(admin: Browser) -> None:
    for _ in range(3):
        make_order(("LJUS-12", 1))
    for url in ("/orders", "/orders?status=ready&payment=invoice", "/orders?q=oberg&status=ready"):
        admin.get(url, htmx=True)
        with counting() as statements:
            admin.get(url, htmx=True)
        assert len(statements) <= MAX_STATEMENTS_OF_LIST, "\n".join(statements)
