"""The board on which units are shared out: its cells, what fills it, and how it refuses."""

import gzip
import re

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import last_event, shape
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.http.test_bad_input import state
from tests.web.orders.test_budgets import MAX_FRAGMENT_BYTES, counting
from tests.web.pages import Page
from webshop_orders.models import Actor, EventKind, Order
from webshop_orders.operations.orders import cancellation, plans, shipments, splits, tracking
from webshop_orders.operations.orders.plans import MAX_OPEN, Plan
from webshop_orders.transactions.unit_of_work import editing
from webshop_orders.web.orders.board import MAX_CELLS

# Of any number of lines: a plan may add, change and remove shipments and lines at once, a statement each.
MAX_STATEMENTS_OF_A_PLAN = 11
SUM = re.compile(r"(\S+) av (\d+)")


def url(order: Order) -> str:
    return f"/orders/{order.number}/plan"


def values_of(staff: Browser, order: Order, query: str = "") -> dict[str, str]:
    return staff.page(f"{url(order)}{query}").form(url(order)).values()


def cell(order: Order, sku: str, column: str) -> str:
    row = next(row for row in plans.rows(fresh(order)) if row.sku == sku)
    return f"u{row.id}-{column}"


def split_off(order: Order, quantity: int, by: Actor, code: str | None = None) -> None:
    """Put some of the first line into a new shipment, with a tracking code."""
    with editing(order.number, None, by) as current:
        target = splits.split(next(iter(current.lines)), quantity, to=None, by=by)
        if code:
            tracking.add(target, code, "PostNord", None, by=by.with_request_key(None))


def test_one_save_moves_everything(staff: Browser, order: Order) -> None:
    values = values_of(staff, order, "?new=2")
    typed = {
        cell(order, "LJUS-12", "1"): "1",
        cell(order, "LJUS-12", "new1"): "1",
        cell(order, "KAN-02", "1"): "1",
        cell(order, "KAN-02", "new2"): "2",
    }
    response = staff.post(url(order), {**values, **typed})
    assert (response.status_code, response.location) == (303, f"/orders/{order.number}/shipping")
    assert shape(order) == {1: [("LJUS-12", 1, 1), ("KAN-02", 1, 1)], 2: [("LJUS-12", 1, 1)], 3: [("KAN-02", 2, 0)]}
    assert last_event(order).kind is EventKind.UNITS_REARRANGED
    said = "Flyttat mellan försändelser: 1 × Stearinljus, 12-pack från WS-100001-1 till WS-100001-2"
    assert said in staff.page(response.location).text
    assert said in staff.page(f"/orders/{order.number}/history").text


@on_sqlite
def test_many_moves_are_said_in_short(staff: Browser, app: Flask) -> None:
    order = make_order(*((f"P-{index}", 2) for index in range(5)))
    values = values_of(staff, order)
    typed = {}
    for index in range(5):
        typed |= {cell(order, f"P-{index}", "1"): "1", cell(order, f"P-{index}", "new1"): "1"}
    response = staff.post(url(order), {**values, **typed}, htmx=True)
    assert "5 enheter flyttades till WS-100001-2." in Page(response.text).text


@on_sqlite
@pytest.mark.parametrize(
    "text", ["-1", "1e9", "1000000000", "٣", "två", "1,5", "1_0", "0x1", "+1", "100000", "01", "1 0", "1\0"]
)
def test_a_cell_that_is_no_number_is_refused_and_everything_typed_is_kept(
    staff: Browser, order: Order, text: str
) -> None:
    values, before = values_of(staff, order), state(order)
    wrong, right = cell(order, "LJUS-12", "new1"), cell(order, "KAN-02", "new1")
    for htmx in (True, False):
        response = staff.post(url(order), {**values, wrong: text, right: "2"}, htmx=htmx)
        assert response.status_code == 422
        page = Page(response.text)
        assert "Ange ett heltal från 0 till 99999." in page.text
        assert [field["name"] for field in page.inputs if field.get("aria-invalid")] == [wrong]
        kept = page.form(url(order)).values()
        assert (kept[wrong], kept[right]) == (text.replace("\0", "\ufffd"), "2")
    assert state(order) == before


@on_sqlite
@pytest.mark.parametrize("text", ["", " ", "0", "\u2066\u2069"])
def test_an_empty_cell_is_none(staff: Browser, order: Order, text: str) -> None:
    values = values_of(staff, order)
    typed = {cell(order, "LJUS-12", "1"): text, cell(order, "LJUS-12", "new1"): " 2 "}
    assert staff.post(url(order), {**values, **typed}).status_code == 303
    assert shape(order)[2] == [("LJUS-12", 2, 2)]


@on_sqlite
@pytest.mark.parametrize("typed", ["1", "3", "99999", ""])
def test_a_row_that_does_not_add_up_is_refused_with_the_number_it_has(staff: Browser, order: Order, typed: str) -> None:
    values, before, wrong = values_of(staff, order), state(order), cell(order, "LJUS-12", "1")
    response = staff.post(url(order), {**values, wrong: typed}, htmx=True)
    assert response.status_code == 422
    page = Page(response.text)
    sentence = f"Det finns 2 × Stearinljus, 12-pack att fördela, inte {typed or 0}."
    assert page.text.count(sentence) == 1
    assert [field["name"] for field in page.inputs if field.get("aria-invalid")] == [wrong]
    assert (typed or "0", "2") in SUM.findall(page.text)
    assert page.form(url(order)).values()[wrong] == typed
    assert state(order) == before


@on_sqlite
def test_a_cell_that_came_twice_is_refused(staff: Browser, order: Order) -> None:
    values, before = values_of(staff, order), state(order)
    response = staff.post(url(order), {**values, cell(order, "LJUS-12", "new1"): ["1", "2"]})
    assert (response.status_code, state(order)) == (422, before)


@on_sqlite
def test_a_line_or_shipment_of_another_order_is_not_found(staff: Browser, order: Order) -> None:
    other = make_order(("LJUS-12", 2))
    values, before = values_of(staff, order), (state(order), state(other))
    foreign = cell(other, "LJUS-12", "1")
    for typed in ({foreign: "1"}, {cell(order, "LJUS-12", "7"): "1"}, {"u999999-1": "1"}):
        response = staff.post(url(order), {**values, **typed})
        assert response.status_code == 404
        assert Page(response.text).form(url(order))
    assert (state(order), state(other)) == before


@on_sqlite
def test_a_shipped_target_is_refused(staff: Browser, order: Order, anna: Actor) -> None:
    split_off(order, 1, anna)
    values = values_of(staff, order)
    with editing(order.number, None, anna) as current:
        shipments.ship(shipments.get(current, 2), by=anna)
    before, version = state(order), str(fresh(order).version)
    response = staff.post(url(order), {**values, "version": version})
    assert response.status_code == 422
    assert "WS-100001-2 är skickad" in Page(response.text).text
    assert state(order) == before


@on_sqlite
def test_a_stale_board_shows_what_changed_and_keeps_what_was_typed(staff: Browser, order: Order, anna: Actor) -> None:
    values, typed = values_of(staff, order), cell(order, "KAN-02", "new1")
    with editing(order.number, None, anna) as current:
        splits.split(next(iter(current.lines)), 1, to=None, by=anna)
    before = state(order)
    for htmx in (True, False):
        response = staff.post(url(order), {**values, typed: "2"}, htmx=htmx)
        assert response.status_code == 409
        page = Page(response.text)
        assert "1 × Stearinljus, 12-pack flyttades från" in page.text
        assert page.form(url(order)).values()[typed] == "2"
    assert state(order) == before


@on_sqlite
def test_a_code_that_somebody_adds_makes_no_board_stale(staff: Browser, order: Order, anna: Actor) -> None:
    values = values_of(staff, order, "?fill=backordered")
    with editing(order.number, None, anna) as current:
        tracking.add(current.shipments[0], "RR123", None, None, by=anna)
    assert staff.post(url(order), values).status_code == 303
    assert shape(order)[2] == [("KAN-02", 2, 0)]


@on_sqlite
def test_a_form_without_cells_changes_nothing(staff: Browser, order: Order) -> None:
    values, before = values_of(staff, order), state(order)
    bare = {name: value for name, value in values.items() if not name.startswith("u")}
    for sent in (bare, values):
        page = staff.page(staff.post(url(order), sent).location)
        assert "Allt ligger redan så." in page.text
    assert state(order) == before


@on_sqlite
@pytest.mark.parametrize("role", ["viewer", "warehouse", "nobody"])
def test_only_staff_share_out(request: pytest.FixtureRequest, order: Order, role: str) -> None:
    browser: Browser = request.getfixturevalue(role)
    expected = {303, 401} if role == "nobody" else {403}
    for response in (browser.get(url(order)), browser.post(url(order), {}), browser.post(f"{url(order)}/statuses", {})):
        assert response.status_code in expected or response.status_code == 302
    if role != "nobody":
        assert url(order) not in browser.page(f"/orders/{order.number}/shipping").links


@on_sqlite
def test_an_order_that_cannot_be_shared_out_says_why_on_its_tab(staff: Browser, order: Order, anna: Actor) -> None:
    with editing(order.number, None, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    assert url(order) not in staff.page(f"/orders/{order.number}/shipping").links
    response = staff.get(url(order))
    assert response.status_code == 422
    assert "Allt i ordern är skickat" in Page(response.text).text
    with editing(order.number, None, anna) as current:
        shipments.reopen(current.shipments[0], by=anna)
    with editing(order.number, None, anna) as current:
        cancellation.cancel(current, by=anna)
    assert "är makulerad" in Page(staff.get(url(order)).text).text
    assert staff.get("/orders/WS-999999/plan").status_code == 404


@on_sqlite
def test_the_board_is_filled_in_three_ways(staff: Browser, order: Order) -> None:
    def filled(fill: str) -> dict[str, str]:
        values = values_of(staff, order, f"?fill={fill}")
        return {name.split("-")[1]: "" for name in values if name.startswith("u")} | {
            sku + name.removeprefix(cell(order, sku, "")): value
            for sku in ("LJUS-12", "KAN-02")
            for name, value in values.items()
            if name.startswith(cell(order, sku, ""))
        }

    assert filled("backordered")["LJUS-121"] == "2"
    assert (filled("backordered")["KAN-021"], filled("backordered")["KAN-02new1"]) == ("1", "2")
    each = filled("each")
    assert [each[f"KAN-02{key}"] for key in ("1", "new1", "new2")] == ["1", "1", "1"]
    assert [each[f"LJUS-12{key}"] for key in ("1", "new1", "new2")] == ["1", "1", ""]
    assert filled("together")["KAN-021"] == "3"
    assert filled("nonsense") == filled("")


@on_sqlite
@pytest.mark.parametrize("new", ["0", "-1", "٣", "abc", "999", "9999999999", ""])
def test_a_number_of_new_shipments_that_cannot_be_is_none(staff: Browser, order: Order, new: str) -> None:
    columns = staff.page(f"{url(order)}?new={new}&page={new}").select("th [id^=to-]")
    assert len(columns) == (MAX_OPEN if new == "999" else 2)


def test_a_plan_asks_where_tracking_codes_go_and_loses_none(staff: Browser, order: Order, anna: Actor) -> None:
    split_off(order, 1, anna, code="RR123")
    values = values_of(staff, order, "?fill=together")
    before = state(order)
    response = staff.post(url(order), {**values, "codes-2": ""}, htmx=True)
    assert response.status_code == 422
    page = Page(response.text)
    assert "Inget blir kvar i WS-100001-2. Välj vilken försändelse som får spårningskoden RR123." in page.text
    assert page.select("#codes-2[aria-invalid=true]")
    assert page.form(url(order)).values()["codes-2"] == "1", "the only one that gets something is proposed"
    for wrong in ("2", "7", "new1", "x", "٣"):
        assert staff.post(url(order), {**values, "codes-2": wrong}).status_code == 422
    assert state(order) == before

    assert values["codes-2"] == "1"
    assert staff.post(url(order), values).status_code == 303
    assert [code.code for code in fresh(order).shipments[0].tracking_codes] == ["RR123"]
    assert (
        "Spårningskoderna för WS-100001-2 följde med till WS-100001-1."
        in staff.page(f"/orders/{order.number}/history").text
    )


def test_a_split_of_the_only_line_asks_where_tracking_codes_go(staff: Browser, order: Order, anna: Actor) -> None:
    split_off(order, 1, anna, code="RR123")
    line = fresh(order).shipments[1].lines[0].id
    page, before = f"/orders/{order.number}/lines/{line}/split", state(order)
    values = staff.page(page).form(page).values()
    assert values["codes_to"] == "with-units"

    response = staff.post(page, {**values, "quantity": "1", "target": "1", "codes_to": ""}, htmx=True)
    assert response.status_code == 422
    assert "Välj vilken försändelse som får spårningskoden RR123." in Page(response.text).text
    assert Page(response.text).select(f"#split-{line}-codes[aria-invalid=true]")
    for wrong in ("2", "7", "x"):
        assert staff.post(page, {**values, "target": "1", "codes_to": wrong}).status_code == 422
    assert state(order) == before

    assert staff.post(page, {**values, "target": "new"}).status_code == 303
    assert [[code.code for code in shipment.tracking_codes] for shipment in fresh(order).shipments] == [[], ["RR123"]]
    assert list(shape(order)) == [1, 3]


@on_sqlite
def test_a_split_that_leaves_something_asks_nothing_about_codes(staff: Browser, order: Order, anna: Actor) -> None:
    with editing(order.number, None, anna) as current:
        tracking.add(current.shipments[0], "RR123", "PostNord", None, by=anna)
    line = next(iter(fresh(order).lines)).id
    page = f"/orders/{order.number}/lines/{line}/split"
    assert "codes_to" not in staff.page(page).form(page).values()
    assert staff.send(page, page, quantity="2", target="new").status_code == 303
    assert [code.code for code in fresh(order).shipments[0].tracking_codes] == ["RR123"]


@on_sqlite
def test_the_statuses_are_those_that_saving_would_give(staff: Browser, order: Order) -> None:
    values, before = values_of(staff, order), state(order)
    typed = {cell(order, "KAN-02", "1"): "1", cell(order, "KAN-02", "new1"): "2"}
    with counting() as statements:
        response = staff.post(f"{url(order)}/statuses", {**values, **typed}, htmx=True)
    assert response.status_code == 200
    assert Page(response.text).badges == ["Redo", "Restnoterad"]
    assert len(statements) <= 4
    assert not any(text.startswith(("INSERT", "UPDATE", "DELETE")) for text in statements)
    assert state(order) == before


@on_sqlite
@pytest.mark.parametrize("text", ["-1", "1e9", "٣", "två", "99999", ""])
def test_the_statuses_of_what_is_half_typed_are_no_error(staff: Browser, order: Order, text: str) -> None:
    values, before = values_of(staff, order), state(order)
    for name in (cell(order, "LJUS-12", "1"), "u999999-1", cell(order, "LJUS-12", "9")):
        assert staff.post(f"{url(order)}/statuses", {**values, name: text}, htmx=True).status_code == 200
    assert staff.post("/orders/WS-999999/plan/statuses", values, htmx=True).status_code == 404
    assert state(order) == before


def large_order(lines: int, shipment_count: int, by: Actor) -> Order:
    """An order each of whose lines is in several shipments, with names that are not all alike."""
    names = ["Stearinljus i kartong", "Ljusstake av mässing", "Dricksglas, munblåst", "Linneduk med hålsöm"]
    for index in range(lines):
        name = f"{names[index % 4]} {index * 7919 % 1000} {['blå', 'grön', 'röd', 'vit', 'svart'][index % 5]}"
        make_product(f"{name[:3].upper()}-{index * 31 % 97}-{index}", name=name, stock=shipment_count - 1)
    skus = [f"{names[index % 4][:3].upper()}-{index * 31 % 97}-{index}" for index in range(lines)]
    order = make_order(*((sku, shipment_count) for sku in skus))
    with editing(order.number, None, by) as current:
        quantities = {row.id: [1] * shipment_count for row in plans.rows(current)}
        targets = [current.shipments[0], *[None] * (shipment_count - 1)]
        plans.rearrange(current, Plan(targets, quantities), by=by)
    return order


def test_60_lines_in_6_shipments_are_one_form_within_the_budgets(staff: Browser, anna: Actor) -> None:
    order = large_order(60, 6, anna)
    with counting() as statements:
        response = staff.get(url(order), htmx=True)
    assert len(statements) <= 2
    assert len(gzip.compress(response.data)) <= MAX_FRAGMENT_BYTES
    cells = [field for field in Page(response.text).inputs if field["name"].startswith("u")]
    assert len(cells) == 60 * 7
    values = values_of(staff, order, "?fill=together")
    with counting() as statements:
        response = staff.post(url(order), values, htmx=True)
    assert response.status_code == 200
    assert len(statements) <= MAX_STATEMENTS_OF_A_PLAN, "\n".join(statements)
    assert len(fresh(order).shipments) == 1


@on_sqlite
def test_more_cells_than_a_form_can_have_are_paged_and_each_page_saves_its_rows(staff: Browser, anna: Actor) -> None:
    order = large_order(90, 6, anna)
    first = staff.page(url(order))
    assert "Sida 1 av 2." in first.text
    addresses = [f"{url(order)}?page={number}" for number in (1, 2)]
    pages = [staff.page(address).form(address).values() for address in addresses]
    cells = [[name for name in values if name.startswith("u")] for values in pages]
    assert all(0 < len(names) <= MAX_CELLS for names in cells)
    assert len(cells[0]) + len(cells[1]) == 90 * 7
    assert not set(cells[0]) & set(cells[1])
    moved = dict.fromkeys(cells[1], "") | {name: "6" for name in cells[1] if name.endswith("-1")}
    assert staff.post(addresses[1], {**pages[1], **moved}).status_code == 303
    assert fresh(order).shipments[1].quantity == len(cells[0]) / 7
