"""Rule 23 on the pages: Ångra and Gör om in the toast, in the header, and down to a step in Historik."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.web.conftest import Browser, SignIn, fresh, on_sqlite
from tests.web.orders.test_budgets import MAX_FRAGMENT_BYTES, counting
from tests.web.pages import Page
from webshop_orders.models import Order, Role

MAX_STATEMENTS_OF_UNDO = 14


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("A", stock=20, price=10_000)
    make_product("B", stock=5)
    return make_order(("A", 5), ("B", 2), number="U-1", send_confirmation=False)


def line_id(order: Order, sku: str = "A") -> int:
    return next(line.id for line in fresh(order).lines if line.sku == sku)


def quantities(order: Order) -> list[int]:
    return [line.quantity for line in fresh(order).lines]


def set_quantity(browser: Browser, order: Order, quantity: int, *, htmx: bool = False) -> Page:
    url = f"/orders/{order.number}/lines/{line_id(order)}"
    answer = browser.send(url, url, htmx=htmx, quantity=quantity)
    return Page(answer.text) if htmx else browser.page(f"/orders/{order.number}/shipping")


def undo_url(order: Order) -> str:
    return f"/orders/{order.number}/undo"


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_the_toast_after_a_change_takes_it_back_and_offers_to_carry_it_out_again(
    staff: Browser, order: Order, htmx: bool
) -> None:
    page = set_quantity(staff, order, 3, htmx=htmx)
    (button,) = page.select(".toast-actions [data-action=undo]")
    form = button.getparent()
    values = {field.get("name"): field.get("value") for field in form.cssselect("input")}

    answer = staff.post(form.get("action"), values, htmx=htmx)

    page = Page(answer.text) if htmx else staff.page(answer.location)
    assert quantities(order) == [5, 2]
    assert "Ångrat: Product A i U-1-1: från 5 till 3" in page.text
    assert page.select("#tab-shipping-content")
    (again,) = page.select(".toast-actions [data-action=redo]")
    values = {field.get("name"): field.get("value") for field in again.getparent().cssselect("input")}
    answer = staff.post(again.getparent().get("action"), values, htmx=htmx)
    assert quantities(order) == [3, 2]
    assert "Gjort om:" in (answer.text if htmx else staff.page(answer.location).text)


@on_sqlite
@pytest.mark.parametrize("tab", ["", "/shipping", "/customer", "/messages", "/history"])
def test_the_header_takes_back_several_steps_and_stays_on_its_tab(staff: Browser, order: Order, tab: str) -> None:
    for quantity in (4, 3):
        set_quantity(staff, order, quantity)
    url = f"/orders/{order.number}{tab}"

    for expected in (4, 5):
        answer = staff.send(url, undo_url(order))
        assert answer.location.removesuffix("/summary").endswith(url)
        assert quantities(order)[0] == expected
    page = staff.page(url)
    assert page.select("#undo[aria-disabled=true]")
    assert "inget av ditt att ångra" in page.select("#undo")[0].get("title")
    assert page.select("#redo")[0].get("formaction") == f"/orders/{order.number}/redo"
    staff.post(f"/orders/{order.number}/redo", page.form(undo_url(order)).values())
    assert quantities(order)[0] == 4


@on_sqlite
def test_history_lists_what_would_be_taken_back_before_it_is(staff: Browser, order: Order) -> None:
    for quantity in (4, 3, 2):
        set_quantity(staff, order, quantity)
    history = staff.page(f"/orders/{order.number}/history")
    links = [link.get("href") for link in history.select(".history a") if link.text == "Ångra hit"]
    assert len(links) == 3

    page = staff.page(links[1])  # the latest is first
    assert "Ångra de här 2 ändringarna?" in page.text
    assert len(page.select("#undo-plan li")) == 2
    assert quantities(order)[0] == 2
    form = next(form for form in page.forms if form.id == "undo-plan")
    staff.post(form.action, form.values())

    assert quantities(order)[0] == 4
    assert "Ångrat" in staff.page(f"/orders/{order.number}/history").text


@on_sqlite
def test_what_somebody_else_changed_since_is_refused_with_the_reason(
    staff: Browser, order: Order, sign_in: SignIn
) -> None:
    admin = sign_in(Role.ADMIN)
    set_quantity(staff, order, 3)
    values = staff.page(f"/orders/{order.number}").form(undo_url(order)).values()
    set_quantity(admin, order, 7)

    answer = staff.post(undo_url(order), values, htmx=True)
    assert answer.status_code == 409
    page = staff.page(f"/orders/{order.number}")
    (button,) = page.select("#undo[aria-disabled=true]")
    assert "har ändrat ordern efter det" in button.get("title")
    answer = staff.send(f"/orders/{order.number}", undo_url(order))
    assert answer.status_code == 422
    assert "har ändrat ordern efter det" in Page(answer.text).text
    assert quantities(order)[0] == 7


@on_sqlite
def test_a_button_takes_back_nothing_newer_of_ones_own(staff: Browser, order: Order) -> None:
    set_quantity(staff, order, 3)
    values = staff.page(f"/orders/{order.number}").form(undo_url(order)).values()
    set_quantity(staff, order, 2)

    assert staff.post(undo_url(order), values, htmx=True).status_code == 409
    assert quantities(order)[0] == 2


@on_sqlite
def test_a_second_click_takes_back_nothing_more(staff: Browser, order: Order) -> None:
    for quantity in (4, 3):
        set_quantity(staff, order, quantity)
    values = staff.page(f"/orders/{order.number}").form(undo_url(order)).values()

    staff.post(undo_url(order), values, htmx=True)
    answer = staff.post(undo_url(order), values, htmx=True)

    assert (answer.status_code, quantities(order)[0]) == (200, 4)
    assert "redan" in Page(answer.text).text


@on_sqlite
@pytest.mark.parametrize("to", ["x", "0", "999999", "-1", "٣", "1e9", "9" * 30])
def test_a_step_that_there_is_not_is_refused(staff: Browser, order: Order, to: str) -> None:
    set_quantity(staff, order, 3)

    answer = staff.send(f"/orders/{order.number}", undo_url(order), to=to)

    assert answer.status_code == 422
    assert "inget av ditt att ångra" in Page(answer.text).text
    assert staff.get(f"{undo_url(order)}?to={to}").status_code == 422
    assert quantities(order)[0] == 3


@on_sqlite
def test_an_unknown_tab_is_answered_with_the_history(staff: Browser, order: Order) -> None:
    set_quantity(staff, order, 3)
    answer = staff.send(f"/orders/{order.number}", undo_url(order), tab="nothing")
    assert answer.location.endswith("/history")


@on_sqlite
def test_who_only_looks_at_orders_takes_nothing_back(viewer: Browser, staff: Browser, order: Order) -> None:
    page = viewer.page(f"/orders/{order.number}")
    assert page.select("#undo") == []
    values = {**staff.page(f"/orders/{order.number}").form(undo_url(order)).values(), "csrf_token": viewer.token()}
    assert viewer.post(undo_url(order), values).status_code == 403


@on_sqlite
def test_units_that_went_elsewhere_come_back_backordered_and_the_toast_says_so(staff: Browser, order: Order) -> None:
    url = f"/orders/{order.number}"
    staff.send(f"{url}/shipping", f"{url}/lines/{line_id(order, 'B')}/removal")
    make_order(("B", 4), send_confirmation=False)

    answer = staff.send(f"{url}/shipping", undo_url(order), htmx=True)

    assert "1 st har gått till en annan order under tiden och väntar på lager." in Page(answer.text).text


@on_sqlite
def test_undo_stays_within_its_limits_of_statements_and_bytes(staff: Browser, order: Order) -> None:
    set_quantity(staff, order, 3)
    values = staff.page(f"/orders/{order.number}/shipping").form(undo_url(order)).values()
    with counting() as statements:
        answer = staff.post(undo_url(order), values, htmx=True)
    assert answer.status_code == 200
    assert len(statements) <= MAX_STATEMENTS_OF_UNDO, "\n".join(statements)
    assert len(answer.data) <= 4 * MAX_FRAGMENT_BYTES
