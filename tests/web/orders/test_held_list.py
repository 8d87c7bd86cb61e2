"""The list of orders says what is paused and why, has it alone or leaves it out, and never hides it."""

import pytest

from tests.factories import make_order, make_product
from tests.operations.steps import hold, read
from tests.web.conftest import Browser, on_sqlite
from tests.web.orders.test_budgets import counting
from tests.web.pages import Page, text_of
from webshop_orders.models import Actor, HoldReason, Order
from webshop_orders.operations.orders import shipments
from webshop_orders.transactions.unit_of_work import editing

pytestmark = on_sqlite


@pytest.fixture
def orders(anna: Actor) -> list[Order]:
    """Three that can be shipped, of which the second is paused, and one that waits for stock and is paused."""
    make_product("CANDLE")
    make_product("SCARCE", stock=0)
    made = [make_order(("CANDLE", 1)) for _ in range(3)] + [make_order(("SCARCE", 1))]
    hold(made[1], anna, HoldReason.WRONG_ADDRESS, note="Portkod saknas")
    hold(made[1], anna, HoldReason.SUSPECTED_FRAUD)
    hold(made[3], anna, HoldReason.CUSTOMER_ASKED)
    return made


def numbers(page: Page) -> list[str]:
    return [text_of(link) for link in page.select("#orders td.name a")]


def figures(page: Page) -> dict[str, str]:
    """The links above the list, by their words and numbers."""
    return {" ".join(text_of(link).split()): str(link.get("href")) for link in page.select(".figures a")}


@pytest.mark.parametrize("value", ["2", "yes", "٣", "-1", "1 OR 1=1"])
def test_another_value_filters_nothing_and_is_said(staff: Browser, orders: list[Order], value: str) -> None:
    page = staff.page(f"/orders?held={value}")
    assert f"«{value}» säger varken pausad eller inte pausad." in page.text
    assert len(numbers(page)) == len(orders)
    assert staff.get(f"/orders.csv?held={value}").status_code == 422


def test_a_paused_order_stays_in_the_list_and_says_why(staff: Browser, orders: list[Order]) -> None:
    page = staff.page("/orders?status=ready")
    assert orders[1].number in numbers(page)
    (badge,) = page.select(f"#order-{orders[1].id} .badge-status.held")
    assert text_of(badge).startswith("Pausad: fel adress, misstänkt bedrägeri")
    assert f"{orders[1].number}: fel adress, «Portkod saknas», tills den hävs, av Anna Lind i dag" in str(
        badge.get("title")
    )
    assert not page.select(f"#order-{orders[0].id} .badge-status.held")


def test_a_hold_of_a_shipment_that_has_left_says_nothing(staff: Browser, orders: list[Order], anna: Actor) -> None:
    holds = read(orders[1]).holds
    with editing(orders[0].number, None, anna) as order:
        shipments.ship(order.shipments[0], by=anna)
        order.holds = holds
    assert not staff.page("/orders").select(f"#order-{orders[0].id} .badge-status.held")


def test_paused_orders_are_listed_alone_and_together_with_a_status(staff: Browser, orders: list[Order]) -> None:
    page = staff.page("/orders?held=1")
    assert numbers(page) == [orders[3].number, orders[1].number]
    assert "Pausade" in text_of(page.select(".active-filters")[0])
    assert page.select("#held option[selected]")[0].get("value") == "1"
    assert page.select("#orders")[0].get("data-matching") == "2"
    both = staff.page("/orders?held=1&status=backordered")
    assert numbers(both) == [orders[3].number]
    assert both.select("#orders")[0].get("data-matching") == "1"


def test_what_waits_is_to_ship_backordered_or_paused_and_each_order_once(staff: Browser, orders: list[Order]) -> None:
    shown = figures(staff.page("/orders"))
    assert list(shown) == ["Att skicka 2", "Restnoterade 0", "Pausade 2"]
    assert numbers(staff.page(shown["Att skicka 2"])) == [orders[2].number, orders[0].number]
    assert numbers(staff.page(shown["Restnoterade 0"])) == []
    assert numbers(staff.page(shown["Pausade 2"])) == [orders[3].number, orders[1].number]


def test_without_paused_orders_nothing_is_said_of_them(staff: Browser) -> None:
    make_product("CANDLE")
    make_order(("CANDLE", 1))
    shown = figures(staff.page("/orders"))
    assert shown == {"Att skicka 1": "/orders?status=ready", "Restnoterade 0": "/orders?status=backordered"}


@pytest.mark.parametrize("query", ["held=1", "status=ready&held=0", "held=0&sort=customer"])
def test_the_list_stays_within_three_statements(admin: Browser, orders: list[Order], query: str) -> None:
    admin.page(f"/orders?{query}")
    with counting() as statements:
        admin.page(f"/orders?{query}")
    assert len(statements) <= 3


def test_the_filter_is_kept_in_links_of_the_list_and_back_to_it(staff: Browser, orders: list[Order]) -> None:
    page = staff.page("/orders?held=0")
    assert all("held=0" in str(link.get("href")) for link in page.select("#orders th a.sort"))
    assert page.select("#orders th a.sort"), "what is not paused can be sorted"
    assert not staff.page("/orders?held=1").select("#orders th a.sort[href*='sort=customer']")
    order = staff.page(f"/orders/{orders[1].number}")
    assert "held=1" in str(order.select(".order-list-links .back")[0].get("href"))
    assert "held=1" in str(order.select("#next-order")[0].get("href"))
    response = staff.get(str(order.select("#previous-order")[0].get("href")))
    assert orders[3].number in response.location


def test_a_view_of_paused_orders_is_saved_pinned_and_counted(staff: Browser, orders: list[Order]) -> None:
    staff.send("/orders?held=1", "/views?held=1", name="Väntar")
    page = staff.page("/orders")
    (link,) = [link for link in page.select(".saved-views a") if text_of(link) == "Väntar"]
    assert link.get("href") == "/orders?held=1"
    pin = page.select(".saved-views form.pin")[0].get("action")
    staff.send("/orders", str(pin))
    assert list(staff.get("/views/counts").get_json().values()) == ["2"]


def test_a_batch_of_all_that_match_has_the_paused_orders_alone(staff: Browser, orders: list[Order]) -> None:
    response = staff.send("/orders?held=1", "/batches?held=1", all="1", do="list")
    batch = staff.page(response.location)
    assert [number for order in orders if (number := order.number) in batch.text] == [
        orders[1].number,
        orders[3].number,
    ]
