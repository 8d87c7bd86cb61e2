"""The page of a pick list: what it says, and that pressing «Skriv ut» is noted once."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product, reshape_shop
from tests.operations.printing.lists import ANNA, batch_of
from tests.operations.steps import hold, kinds_of, read
from tests.web.conftest import Browser
from tests.web.orders.test_budgets import counting
from tests.web.pages import Page, text_of
from webshop_orders.documents.order import NewLine
from webshop_orders.models import Attribute, Batch, EventKind, Order
from webshop_orders.operations.orders import lines, shipments
from webshop_orders.transactions.unit_of_work import editing


@pytest.fixture
def orders(app: Flask) -> list[Order]:
    make_product("DUK", name="Linneduk & löpare", shelf_place="A-10")
    make_product("LJUS", name="Stearinljus", shelf_place="A-2", barcode="7350053850019")
    make_product("SLUT", name="Slutsåld <vas>", shelf_place="B-1", stock=0)
    engraved = NewLine(
        sku="DUK", name="Linneduk & löpare", quantity=2, unit_price=100, vat_rate=2500,
        properties=[Attribute("Brodyr", "Åke <3")],
    )  # fmt: skip
    return [
        make_order(("LJUS", 3), ("DUK", 1)),
        make_order(lines=[engraved]),
        make_order(("LJUS", 1), ("SLUT", 4)),
        make_order(("LJUS", 1)),
    ]


@pytest.fixture
def batch(orders: list[Order]) -> Batch:
    return batch_of(*orders)


def address(batch: Batch) -> str:
    return f"/pick-lists/{batch.id}"


def table(page: Page, place: int) -> list[str]:
    return [text_of(row) for row in page.select("table")[place].iter("tr")]


def prints(order: Order) -> int:
    return kinds_of(read(order)).count(EventKind.DOCUMENT_PRINTED)


@pytest.mark.parametrize(
    "path", ["/pick-lists/99", "/pick-lists/0", "/pick-lists/x", "/pick-lists/%D9%A3", "/pick-lists/" + "9" * 19]
)
def test_a_batch_that_does_not_exist_is_not_found(warehouse: Browser, batch: Batch, path: str) -> None:
    assert warehouse.get(path).status_code == 404
    assert warehouse.post(path, {"csrf_token": warehouse.token()}).status_code == 404


def test_a_viewer_prints_nothing(viewer: Browser, batch: Batch, orders: list[Order]) -> None:
    assert viewer.get(address(batch)).status_code == 403
    assert viewer.post(address(batch), {"csrf_token": viewer.token()}).status_code == 403
    assert prints(orders[0]) == 0


def test_a_form_without_a_token_prints_nothing(warehouse: Browser, batch: Batch, orders: list[Order]) -> None:
    assert warehouse.post(address(batch), {}).status_code >= 400
    assert prints(orders[0]) == 0


def test_a_batch_that_is_too_large_is_told_in_a_sentence(
    warehouse: Browser, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webshop_orders.operations.printing.selection.MAX_SHIPMENTS", 3)
    answer = warehouse.get(address(batch))
    assert answer.status_code == 422
    assert "Högst 3 försändelser" in answer.text


def test_the_list_has_a_row_for_each_product_by_shelf_place(
    warehouse: Browser, batch: Batch, orders: list[Order]
) -> None:
    page = warehouse.page(address(batch))
    numbers = [order.number for order in orders]
    assert table(page, 0) == [
        "Lagerplats Produkt Antal För",
        f"A-2 Stearinljus LJUS · 7350053850019 1 1 → låda 4 {numbers[3]}-1",
        f"A-10 Linneduk & löpare DUK 2 2 → låda 2 {numbers[1]}-1 Brodyr: Åke <3",
    ]
    assert table(page, 1) == [
        "Lagerplats Produkt Antal För",
        f"A-2 Stearinljus LJUS · 7350053850019 4 3 → låda 1 {numbers[0]}-1 1 → låda 3 {numbers[2]}-1",
        f"A-10 Linneduk & löpare DUK 1 1 → låda 1 {numbers[0]}-1",
    ]
    assert table(page, 2)[1:] == [f"B-1 Slutsåld <vas> SLUT 4 4 → låda 3 {numbers[2]}-1"]
    assert "8 enheter · 4 försändelser" in page.text


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_printing_is_noted_once_and_leads_to_the_page_that_is_printed(
    warehouse: Browser, batch: Batch, orders: list[Order], htmx: bool
) -> None:
    values = dict(warehouse.page(address(batch)).form(address(batch)).values())
    answer = warehouse.post(address(batch), {**values}, htmx=htmx)
    if not htmx:
        assert (answer.status_code, answer.location) == (303, f"{address(batch)}?noted=1")
        answer = warehouse.get(answer.location)
    page = Page(answer.text)
    assert page.select("button[data-prints]")
    assert not [form for form in page.forms if form.action == address(batch)]
    assert "Utskriften är noterad i historiken för varje order." in page.text
    warehouse.post(address(batch), {**values}, htmx=htmx)
    assert [prints(order) for order in orders] == [1] * 4


def test_what_was_edited_or_shipped_since_is_marked(warehouse: Browser, batch: Batch, orders: list[Order]) -> None:
    warehouse.send(address(batch), address(batch))
    with editing(orders[0].number, None, ANNA) as order:
        lines.change(order.shipments[0].lines[0], quantity=2, by=ANNA)
    with editing(orders[1].number, None, ANNA) as order:
        shipments.ship(order.shipments[0], by=ANNA)
    page = warehouse.page(address(batch))
    assert f"Ändrade sedan listan skrevs ut: {orders[0].number}, {orders[1].number}" in page.text
    assert f"Utelämnade, eftersom de är skickade eller makulerade: {orders[1].number}" in page.text
    assert f"2 → låda 1 {orders[0].number}-1 ändrad" in page.text


def test_a_batch_with_nothing_to_pick_says_so(warehouse: Browser, orders: list[Order]) -> None:
    with editing(orders[3].number, None, ANNA) as order:
        shipments.ship(order.shipments[0], by=ANNA)
    page = warehouse.page(address(batch_of(orders[3])))
    assert "Det finns inget att plocka." in page.text


def test_the_list_is_in_the_language_of_its_user(warehouse: Browser, batch: Batch) -> None:
    reshape_shop(language="en")
    text = warehouse.page(address(batch)).text
    assert "Shelf place Product Quantity For" in text
    assert "Singles: orders of one product" in text


def test_any_number_of_orders_takes_the_same_statements(warehouse: Browser, batch: Batch) -> None:
    large = batch_of(*(make_order(("DUK", 1)) for _ in range(25)))
    counts = []
    for some in (batch, large):
        warehouse.get(address(some))
        with counting() as statements:
            warehouse.get(address(some))
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 4


def test_what_is_paused_is_named_with_its_reason_on_each_page_to_print(
    staff: Browser, batch: Batch, orders: list[Order]
) -> None:
    hold(orders[0], ANNA)
    left_out = f"Utelämnade, eftersom de är pausade: {orders[0].number}-1 (fel adress)"
    for path in (address(batch), f"/packing-slips/{batch.id}", f"/packing-slips/{batch.id}/labels"):
        assert left_out in staff.page(path).text
    asked_for = staff.page(f"/packing-slips?shipment={orders[0].number}-1")
    assert f"Pausade: {orders[0].number}-1 (fel adress)" in asked_for.text
    assert "fel adress" not in text_of(asked_for.select("article")[0]), "the customer gets the slip"
