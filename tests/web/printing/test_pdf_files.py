"""Packing slips as a PDF from the desk, where what makes it is installed."""

import sys

import pytest
from flask import Flask

from tests.factories import make_order, make_product, reshape_shop
from tests.operations.printing.lists import ANNA, batch_of
from tests.operations.steps import kinds_of, read
from tests.pdf import reading
from tests.web.conftest import Browser
from tests.web.pages import text_of
from webshop_orders.models import CommentKind, EventKind, Order
from webshop_orders.operations.orders import comments, splits
from webshop_orders.operations.printing import slip_files
from webshop_orders.transactions.unit_of_work import editing


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("DUK", name="Linneduk")
    return make_order(("DUK", 2), language="sv")


def test_a_batch_is_one_file(warehouse: Browser, order: Order) -> None:
    other = make_order(("DUK", 1), language="en")
    batch = batch_of(other, order)
    (link,) = warehouse.page(f"/packing-slips/{batch.id}").select("#to-pdf")
    answer = warehouse.get(link.get("href"))

    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=packsedlar-{batch.id}.pdf"
    english, swedish = reading.pages_of(answer.data)
    assert f"Packing slip {other.number}-1 Box 1" in english
    assert f"Packsedel {order.number}-1 Låda 2" in swedish
    assert kinds_of(read(order)).count(EventKind.DOCUMENT_PRINTED) == 0


def test_the_file_says_what_the_page_says(warehouse: Browser, order: Order) -> None:
    reshape_shop(name="Ljus & Linne", slip_text_sv="Öppet köp", slip_shows_prices=True, slip_has_return_form=True)
    with editing(order.number, None, ANNA) as locked:
        comments.add(locked, CommentKind.CUSTOMER, "Duken är & blir vit", by=ANNA)
        splits.split(locked.shipments[0].lines[0], 1, to=None, by=ANNA)
    page = warehouse.page(f"/packing-slips?shipment={order.number}-1")
    on_page = [text_of(sheet) for sheet in page.select("article")]
    in_file = reading.pages_of(warehouse.get(f"/packing-slips.pdf?shipment={order.number}-1").data)

    assert len(on_page) == len(in_file) == 2
    for sheet, sheet_in_file in zip(on_page, in_file, strict=True):
        assert [word for word in sheet.split() if word not in sheet_in_file.split() and word != "☐"] == []


def test_single_shipments_are_a_file(warehouse: Browser, order: Order) -> None:
    (link,) = warehouse.page(f"/packing-slips?shipment={order.number}-1").select("#to-pdf")
    answer = warehouse.get(link.get("href"))

    assert answer.headers["Content-Disposition"] == f"attachment; filename=packsedel-{order.number}-1.pdf"
    assert f"Packsedel {order.number}-1" in reading.text_of(answer.data)


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/packing-slips.pdf", 422, "Välj minst en försändelse."),
        ("/packing-slips.pdf?shipment=WS-9-1", 404, "Det finns ingen försändelse WS-9-1."),
        ("/packing-slips/999.pdf", 404, ""),
        ("/packing-slips/٣.pdf", 404, ""),
    ],
)
def test_what_cannot_be_printed_is_told_in_a_sentence(
    warehouse: Browser, order: Order, path: str, status: int, sentence: str
) -> None:
    answer = warehouse.get(path)

    assert answer.status_code == status
    assert sentence in answer.text


def test_a_viewer_gets_no_file(viewer: Browser, order: Order) -> None:
    assert viewer.get(f"/packing-slips.pdf?shipment={order.number}-1").status_code == 403


def test_without_the_extra_no_file_is_offered_and_its_address_names_it(
    warehouse: Browser, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    path = f"/packing-slips?shipment={order.number}-1"
    answer = warehouse.get(path.replace("?", ".pdf?"))

    assert warehouse.page(path).select("#to-pdf") == []
    assert answer.status_code == 501
    assert "webshop-orders[pdf]" in answer.text


def test_more_slips_than_a_file_has_are_not_offered(
    warehouse: Browser, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slip_files, "MAX_SLIPS", 1)
    batch = batch_of(order, make_order(("DUK", 1)))
    answer = warehouse.get(f"/packing-slips/{batch.id}.pdf")

    assert warehouse.page(f"/packing-slips/{batch.id}").select("#to-pdf") == []
    assert answer.status_code == 422
    assert "högst 1 packsedlar" in answer.text
