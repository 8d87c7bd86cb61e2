"""The page of address labels: one for each parcel of a batch or of single shipments."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product, reshape_shop
from tests.operations.printing.lists import ANNA, batch_of
from tests.operations.steps import kinds_of, read
from tests.web.conftest import Browser
from tests.web.pages import Page, text_of
from webshop_orders.models import EventKind, Order
from webshop_orders.operations.orders import cancellation, tracking
from webshop_orders.transactions.unit_of_work import editing


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("DUK")
    reshape_shop(name="Ljus & Linne", sender_address="Box 1\n111 22 Stockholm")
    order = make_order(("DUK", 2), shipping_method="Hemleverans")
    with editing(order.number, None, ANNA) as locked:
        for code in ("RR123456785SE", "RR123456799SE"):
            tracking.add(locked.shipments[0], code, "PostNord", None, by=ANNA)
    return order


def labels(page: Page) -> list[str]:
    return [text_of(label) for label in page.select(".label")]


def prints(order: Order) -> int:
    return kinds_of(read(order)).count(EventKind.DOCUMENT_PRINTED)


@pytest.mark.parametrize(
    ("query", "status", "sentence"),
    [
        ("", 422, "Välj minst en försändelse."),
        ("?shipment=WS-9-1", 404, "Det finns ingen försändelse WS-9-1."),
        ("?shipment=%3Cb%3E-1", 404, "&lt;b&gt;-1"),
        ("?shipment=" + "9" * 3000, 404, "Det finns ingen försändelse"),
        ("?shipment=%00-1", 404, "Det finns ingen försändelse"),
    ],
)
def test_what_cannot_be_printed_is_told_in_a_sentence(
    warehouse: Browser, order: Order, query: str, status: int, sentence: str
) -> None:
    answer = warehouse.get(f"/packing-slips/labels{query}")

    assert answer.status_code == status
    assert sentence in answer.text


@pytest.mark.parametrize("batch", ["0", "999", "-1", "1e9", "٣", "abc"])
def test_a_batch_that_there_is_not_is_not_found(warehouse: Browser, order: Order, batch: str) -> None:
    assert warehouse.get(f"/packing-slips/{batch}/labels").status_code == 404


def test_a_viewer_prints_no_labels(viewer: Browser, order: Order) -> None:
    path = f"/packing-slips/labels?shipment={order.number}-1"
    values = {"csrf_token": viewer.token(), "shipment": f"{order.number}-1"}

    assert viewer.get(path).status_code == 403
    assert viewer.post("/packing-slips/labels", values).status_code == 403
    assert prints(order) == 0


def test_a_cancelled_order_has_no_label(warehouse: Browser, order: Order) -> None:
    with editing(order.number, None, ANNA) as locked:
        cancellation.cancel(locked, by=ANNA)
    answer = warehouse.get(f"/packing-slips/labels?shipment={order.number}-1")

    assert answer.status_code == 422
    assert "är makulerad" in answer.text


def test_a_label_says_from_whom_to_whom_and_how(warehouse: Browser, order: Order) -> None:
    first, second = labels(warehouse.page(f"/packing-slips/labels?shipment={order.number}-1"))

    for words in (
        "Från Ljus & Linne, Box 1, 111 22 Stockholm",
        "Till Åsa Öberg Storgatan 1 972 31 Luleå",
        "PostNord Hemleverans",
        f"Order {order.number}",
        "Spårningskod RR123456785SE",
        "Kolli 1/2",
    ):
        assert words in first
    assert "Spårningskod RR123456799SE Kolli 2/2" in second
    assert "Låda" not in first


def test_codes_have_words_for_screen_readers(warehouse: Browser, order: Order) -> None:
    page = warehouse.page(f"/packing-slips/labels?shipment={order.number}-1")

    assert [svg.get("aria-label") for svg in page.select(".label svg")] == [f"{order.number}-1"] * 4


def test_a_number_that_code_128_cannot_carry_is_still_printed(warehouse: Browser, order: Order) -> None:
    long = make_order(("DUK", 1), number="Ö" * 60)
    (label,) = labels(warehouse.page(f"/packing-slips/labels?shipment={long.number}-1"))

    assert f"{long.number}-1" in label


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_printing_is_noted_once(warehouse: Browser, order: Order, htmx: bool) -> None:
    path = f"/packing-slips/labels?shipment={order.number}-1"
    values = warehouse.page(path).form("/packing-slips/labels").values()
    for _time in range(2):
        answer = warehouse.post("/packing-slips/labels", values, htmx=htmx)
        if not htmx:
            assert (answer.status_code, answer.location) == (303, f"{path}&noted=1")
            answer = warehouse.get(answer.location)
        assert Page(answer.text).select("button[data-prints]")

    assert prints(order) == 1
    assert f"för {order.number}-1 skrevs ut." in warehouse.page(f"/orders/{order.number}/history").text


def test_a_batch_has_its_labels_with_their_boxes(warehouse: Browser, order: Order) -> None:
    other = make_order(("DUK", 1))
    batch = batch_of(other, order)
    answer = warehouse.send(f"/packing-slips/{batch.id}/labels", f"/packing-slips/{batch.id}/labels", htmx=True)
    found = labels(Page(answer.text))

    assert [label.split("Låda ")[1] for label in found] == ["1", "2", "2"]
    assert [prints(order), prints(other)] == [1, 1]


def test_a_batch_with_nothing_to_pack_says_so(warehouse: Browser, order: Order) -> None:
    make_product("SLUT", stock=0)
    batch = batch_of(make_order(("SLUT", 1)))

    assert "ingen försändelse har något att packa" in warehouse.page(f"/packing-slips/{batch.id}/labels").text


def test_slips_and_labels_lead_to_each_other(warehouse: Browser, order: Order) -> None:
    batch = batch_of(order)
    for slips, labels_page in (
        (f"/packing-slips/{batch.id}", f"/packing-slips/{batch.id}/labels"),
        (f"/packing-slips?shipment={order.number}-1", f"/packing-slips/labels?shipment={order.number}-1"),
    ):
        assert [link.get("href") for link in warehouse.page(slips).select("#to-labels")] == [labels_page]
        assert [link.get("href") for link in warehouse.page(labels_page).select("#to-slips")] == [slips]
