"""The day on which what is backordered is expected: beside its line, and told to the customer."""

from datetime import timedelta

import pytest

from tests.factories import make_order, make_product
from tests.operations.steps import messages_of, read
from tests.web.conftest import Browser
from tests.web.orders.test_budgets import counting
from webshop_orders import shop_settings
from webshop_orders.models import Actor, MessageKind, Order
from webshop_orders.operations.stock import incoming
from webshop_orders.text.formatting import day
from webshop_orders.transactions.unit_of_work import writing

TABS = ("", "/shipping")
ASKED_AGAIN = "Kunden har redan fått veta de här dagarna."


@pytest.fixture
def waiting(app: object) -> Order:
    make_product("CANDLE", stock=1)
    return make_order(("CANDLE", 3))


def expect(by: Actor, days: int = 3) -> str:
    """Have more come in so many days; the day as pages show it."""
    on = shop_settings.today() + timedelta(days=days)
    with writing():
        incoming.expect("CANDLE", 2, on, by=by)
    return day(on, "sv", with_year=on.year != shop_settings.today().year)


def notices_of(order: Order) -> int:
    return [message.kind for message in messages_of(read(order))].count(MessageKind.BACKORDER_NOTICE)


@pytest.mark.parametrize("tab", TABS)
def test_a_line_shows_its_day_where_it_has_one(viewer: Browser, waiting: Order, anna: Actor, tab: str) -> None:
    assert "väntas" not in viewer.get(f"/orders/{waiting.number}{tab}").text.split("<main")[1]

    expected = expect(anna)

    assert f"väntas {expected}" in viewer.get(f"/orders/{waiting.number}{tab}").text


@pytest.mark.parametrize("tab", TABS)
def test_the_day_costs_one_statement_and_only_where_something_is_expected(
    staff: Browser, waiting: Order, anna: Actor, tab: str
) -> None:
    path = f"/orders/{waiting.number}{tab}"
    staff.get(path)
    with counting() as before:
        staff.get(path)

    expect(anna)
    with counting() as after:
        staff.get(path)

    assert len(after) == len(before) + 1


def test_the_form_that_tells_the_customer_is_there_only_where_a_day_is_known(
    staff: Browser, viewer: Browser, waiting: Order, anna: Actor
) -> None:
    path = f"/orders/{waiting.number}/messages"
    assert "Skicka restbesked" not in staff.get(path).text

    expect(anna)

    assert "Skicka restbesked" in staff.get(path).text
    assert "Skicka restbesked" not in viewer.get(path).text


def test_the_same_days_are_told_again_only_once_the_user_agrees(staff: Browser, waiting: Order, anna: Actor) -> None:
    expect(anna)
    page, action = f"/orders/{waiting.number}/messages", f"/orders/{waiting.number}/backorder-notice"
    assert staff.send(page, action).status_code == 303
    assert notices_of(waiting) == 1

    refused = staff.send(page, action)
    assert ASKED_AGAIN in refused.text
    assert "Skicka ändå" in refused.text
    assert notices_of(waiting) == 1

    staff.send(page, action, agreed="told")
    assert notices_of(waiting) == 2


def test_a_viewer_tells_nobody(viewer: Browser, waiting: Order, anna: Actor) -> None:
    expect(anna)

    values = {"csrf_token": viewer.token()}
    assert viewer.post(f"/orders/{waiting.number}/backorder-notice", values).status_code == 403
    assert notices_of(waiting) == 0
