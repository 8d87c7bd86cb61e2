"""Telling the customer what was changed of their order."""

from dataclasses import replace

import pytest

from tests.factories import make_order
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.http.test_bad_input import first_line
from tests.web.pages import Page, text_of
from webshop_orders.models import Actor, Order
from webshop_orders.operations.orders import lines
from webshop_orders.transactions.unit_of_work import editing

pytestmark = pytest.mark.usefixtures("mail_server")


def change(order: Order, by: Actor, *quantities: int) -> None:
    """Set the quantities of an order's lines."""
    with editing(order.number, None, by) as edited:
        for line, quantity in zip(list(edited.lines), quantities, strict=False):
            lines.change(line, quantity=quantity, by=by)


def untold(page: Page) -> list[str]:
    return [text_of(note) for note in page.select("#untold")]


def test_the_tab_of_shipments_counts_what_the_customer_was_not_told(staff: Browser, order: Order, anna: Actor) -> None:
    page = f"/orders/{order.number}/shipping"
    assert untold(staff.page(page)) == []
    change(order, anna, 5)
    assert untold(staff.page(page)) == ["1 ändring sedan kunden senast fick besked Meddela kunden"]
    change(order, anna, 4, 1)
    assert untold(staff.page(page)) == ["2 ändringar sedan kunden senast fick besked Meddela kunden"]
    link = staff.page(page).select("#untold a")[0]
    assert link.get("href") == f"/orders/{order.number}/messages#order-changed"
    change(order, anna, 2, 3)
    assert untold(staff.page(page)) == []


def test_the_mail_of_the_changes_is_sent_with_just_these(staff: Browser, order: Order, anna: Actor) -> None:
    change(order, anna, 5)
    page = f"/orders/{order.number}/messages"
    shown = staff.page(page).select(".untold-changes li")
    assert [text_of(change) for change in shown] == ["Stearinljus, 12-pack 2 → blir 5"]
    assert staff.send(page, f"{page}/order-change", htmx=True).status_code == 200
    assert not staff.page(page).select(".untold-changes")
    assert "Inget har ändrats sedan kunden senast fick besked." in staff.page(page).text
    assert untold(staff.page(f"/orders/{order.number}/shipping")) == []


def test_added_removed_and_repriced_products_are_shown_as_the_mail_has_them(
    staff: Browser, order: Order, anna: Actor
) -> None:
    with editing(order.number, None, anna) as edited:
        first, second = edited.lines
        lines.change(first, unit_price=10_000, reason="Repad", by=anna)
        lines.remove(second, by=anna)
    shown = staff.page(f"/orders/{order.number}/messages").select(".untold-changes li")
    assert [text_of(change) for change in shown] == [
        "Stearinljus, 12-pack, à-pris 199,00 kr → blir 100,00 kr",
        "Ljusstake i mässing borttaget: 3",
    ]


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
@pytest.mark.parametrize("action", ["changed", "added", "removed"])
@on_sqlite
def test_the_toast_of_a_change_of_products_offers_to_tell_the_customer(
    staff: Browser, order: Order, action: str, htmx: bool
) -> None:
    url, line = f"/orders/{order.number}", first_line(order)
    page, address, typed = {
        "changed": (f"{url}/lines/{line}", f"{url}/lines/{line}", {"quantity": "1"}),
        "added": (f"{url}/shipping", f"{url}/lines", {"q": "KAN-02"}),
        "removed": (f"{url}/shipping", f"{url}/lines/{line}/removal", {}),
    }[action]
    answer = staff.send(page, address, htmx=htmx, **typed)
    shown = Page(answer.text) if htmx else staff.page(answer.location)
    assert [link.get("href") for link in shown.select(".toast-line [data-action=tell-customer]")] == [
        f"{url}/messages#order-changed"
    ]


@on_sqlite
def test_a_customer_who_cannot_be_mailed_is_not_offered(staff: Browser, order: Order, anna: Actor) -> None:
    test_order = make_order(("LJUS-12", 2), is_test=True)
    for silent in (test_order, without_address(order, anna)):
        change(silent, anna, 5)
        url = f"/orders/{silent.number}"
        assert untold(staff.page(f"{url}/shipping")) == []
        line = f"{url}/lines/{first_line(silent)}"
        assert "tell-customer" not in staff.send(line, line, htmx=True, quantity="7").text


def without_address(order: Order, by: Actor) -> Order:
    with editing(order.number, None, by) as edited:
        edited.customer = replace(edited.customer, email=None)
    return fresh(order)


@on_sqlite
def test_who_may_not_write_to_customers_is_not_offered(warehouse: Browser, order: Order, anna: Actor) -> None:
    change(order, anna, 5)
    assert untold(warehouse.page(f"/orders/{order.number}/shipping")) == []
