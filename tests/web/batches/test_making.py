"""Batches are made of what is selected in the list, and nothing is lost where that cannot be done."""

import csv
import io
import re

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import make_order, make_product
from tests.web.conftest import Browser, on_sqlite
from tests.web.pages import Page
from webshop_orders.db.extensions import db
from webshop_orders.models import Batch, BatchOrder, Order, OrderStatus
from webshop_orders.operations.batches import selection

SHIP = "ship"


@pytest.fixture
def numbers(app: Flask) -> list[str]:
    """The numbers of three orders, the last of which waits for stock."""
    make_product("LJUS")
    make_product("SLUT", stock=0, backorderable=True)
    return [make_order((sku, 1), send_confirmation=False).number for sku in ("LJUS", "LJUS", "SLUT")]


def send(browser: Browser, *order: str, do: str | None = SHIP, htmx: bool = False, query: str = "", **more: object):  # type: ignore[no-untyped-def]
    page = browser.page(f"/orders{query}")
    form = next(form for form in page.forms if form.id == "selection")
    values = {**form.values(), "order": list(order) or None, "do": do, "all": None, **more}
    return browser.post(form.action, values, htmx=htmx)


def batches() -> list[list[str]]:
    """The numbers of the orders of each batch."""
    db.session.rollback()
    rows = select(BatchOrder.batch_id, Order.number).join(Order, Order.id == BatchOrder.order_id)
    found: dict[int, list[str]] = {}
    for batch_id, number in db.session.execute(rows.order_by(BatchOrder.batch_id, BatchOrder.position)):
        found.setdefault(batch_id, []).append(number)
    return list(found.values())


def refusal(answer) -> str:  # type: ignore[no-untyped-def]
    assert answer.status_code in {404, 422}, answer.status_code
    [alert] = Page(answer.text).select(".selection-error")
    return " ".join(alert.text_content().split())


def test_nothing_selected_is_said_at_the_bar(staff: Browser, numbers: list[str]) -> None:
    for htmx in (False, True):
        assert "minst en order" in refusal(send(staff, htmx=htmx))
    assert batches() == []


def test_what_to_do_has_to_be_one_of_the_buttons(staff: Browser, numbers: list[str]) -> None:
    for do in (None, "", "x", "undo"):
        answer = send(staff, numbers[0], do=do)
        assert "Välj vad" in refusal(answer)
        ticked = Page(answer.text).select("input[name=order][checked]")
        assert [box.get("value") for box in ticked] == [numbers[0]]
    assert batches() == []


def test_numbers_that_no_order_has_are_told_of_and_the_others_go_on(staff: Browser, numbers: list[str]) -> None:
    answer = send(staff, numbers[0], "WS-0", "x" * 90, "a\x00b", "\ud800".encode("utf-8", "surrogatepass"))  # type: ignore[arg-type]
    assert answer.status_code == 303
    assert batches() == [[numbers[0]]]
    assert "WS-0" in staff.page(answer.location).text
    assert "WS-0" in refusal(send(staff, "WS-0"))


def test_orders_of_other_pages_come_in_one_field_and_each_is_taken_once(staff: Browser, numbers: list[str]) -> None:
    send(staff, numbers[0], f"{numbers[1]}\r\n{numbers[0]}\n{numbers[2]}\n")
    assert batches() == [numbers]


def test_all_that_match_are_taken_whatever_is_ticked(staff: Browser, numbers: list[str]) -> None:
    send(staff, numbers[2], all="1", query="?status=ready")
    assert batches() == [numbers[1::-1]]


def test_all_are_taken_from_any_page_of_the_list(staff: Browser, numbers: list[str]) -> None:
    page = staff.page("/orders")
    form = next(form for form in page.forms if form.id == "selection")
    staff.post(f"{form.action}?after=20200101T000000.0~1", {**form.values(), "order": None, "do": SHIP, "all": "1"})
    assert batches() == [numbers[::-1]]


def test_a_filter_that_is_not_valid_takes_nothing(staff: Browser, numbers: list[str]) -> None:
    assert "2026-13-99" in refusal(send(staff, all="1", query="?from=2026-13-99"))
    assert batches() == []


@on_sqlite
def test_more_than_a_batch_may_have_is_refused(
    staff: Browser, numbers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "MAX_ORDERS", 2)
    assert "högst 2 ordrar" in refusal(send(staff, all="1"))
    assert "högst 2 ordrar" in refusal(send(staff, *numbers))


def test_a_form_sent_twice_makes_one_batch_and_another_selection_another(staff: Browser, numbers: list[str]) -> None:
    page = staff.page("/orders")
    values = {**next(form for form in page.forms if form.id == "selection").values(), "do": SHIP, "all": None}
    first = staff.post("/batches", {**values, "order": numbers[:2]})
    assert staff.post("/batches", {**values, "order": numbers[:2]}).location == first.location
    assert (
        staff.post("/batches", {**values, "order": numbers[:1]}).location != first.location
    )  # went back, and chose anew
    assert batches() == [numbers[:2], numbers[:1]]


def test_the_button_leads_to_where_it_is_done(staff: Browser, numbers: list[str]) -> None:
    assert re.fullmatch(r"/batches/[0-9]+\?do=ship", send(staff, numbers[0]).location)
    assert re.fullmatch(r"/batches/[0-9]+", send(staff, numbers[0], do="list").location)
    for do, place in (
        ("pick_list", "/pick-lists/%"),
        ("packing_slips", "/packing-slips/%"),
        ("labels", "/packing-slips/%/labels"),
    ):
        location = send(staff, numbers[0], do=do).location
        assert re.fullmatch(place.replace("%", "[0-9]+"), location)
        assert staff.get(location).status_code == 200
    assert re.fullmatch(r"/batches/[0-9]+\?do=ship", send(staff, numbers[0], htmx=True).headers["HX-Redirect"])


def test_a_viewer_selects_nothing(viewer: Browser, numbers: list[str]) -> None:
    page = viewer.page("/orders")
    assert not page.select("input[type=checkbox][name=order]")
    assert not page.select("#selection")
    assert viewer.post("/batches", {"csrf_token": viewer.token(), "order": numbers, "do": SHIP}).status_code == 403


def test_the_warehouse_ships_and_prints_but_does_not_cancel_or_mail(warehouse: Browser, numbers: list[str]) -> None:
    offered = {button.get("value") for button in warehouse.page("/orders").select("#selection button[name=do]")}
    assert offered == {"ship", "pick_list", "packing_slips", "labels", "status", "list"}
    for do in ("cancel", "confirmation"):
        assert send(warehouse, numbers[0], do=do).status_code == 403
    assert batches() == []
    assert send(warehouse, numbers[0]).status_code == 303


def test_the_selected_orders_are_exported_and_no_others(staff: Browser, viewer: Browser, numbers: list[str]) -> None:
    def exported(**values: object) -> list[str]:
        answer = staff.post("/orders.csv?status=ready", {"csrf_token": staff.token(), **values})
        assert answer.status_code == 200
        rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
        return [row[0] for row in rows[1:]]

    assert exported(order=f"{numbers[2]}\n{numbers[0]}\nWS-0\na\x00") == [numbers[0], numbers[2]]
    assert exported(all="1", order=numbers[2]) == numbers[1::-1]
    assert staff.post("/orders.csv", {"csrf_token": staff.token()}).status_code == 422
    assert viewer.post("/orders.csv", {"csrf_token": viewer.token(), "order": numbers}).status_code == 403


@on_sqlite
def test_the_list_says_how_many_match_where_it_knows(staff: Browser, numbers: list[str]) -> None:
    assert staff.page("/orders").select("#orders")[0].get("data-matching") == "3"
    assert staff.page(f"/orders?status={OrderStatus.READY.value}").select("#orders")[0].get("data-matching") == "2"
    assert staff.page("/orders?q=%C3%85sa").select("#orders")[0].get("data-matching") == ""


@on_sqlite
def test_a_swap_of_the_list_leaves_the_bar_where_it_is(staff: Browser, numbers: list[str]) -> None:
    headers = {"HX-Request-Type": "partial", "HX-Target": "section#orders"}
    alone = staff.client.get("/orders", headers=headers).text
    assert 'name="order"' in alone
    assert 'id="selection"' not in alone
    assert 'id="selection"' in staff.client.get("/orders", headers={"HX-Request-Type": "partial"}).text


def test_batches_are_kept_when_they_are_made(staff: Browser, numbers: list[str]) -> None:
    send(staff, *numbers[:2], do="list")
    [batch] = db.session.scalars(select(Batch)).all()
    assert batch.actor_name == "Staff Berg"
    assert batch.name in staff.page("/batches").text
