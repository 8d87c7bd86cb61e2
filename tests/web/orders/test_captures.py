"""What is to be charged for a shipment, on its card and with what it is made of."""

import pytest

from tests.factories import make_order, make_product
from tests.operations.steps import ERP, changing
from tests.web.conftest import Browser
from tests.web.pages import Page, text_of
from webshop_orders.models import Order
from webshop_orders.operations.orders import cancellation, shipments, shipping_fee, splits


def texts(page: Page, selector: str) -> list[str]:
    return [text_of(element) for element in page.select(selector)]


@pytest.fixture
def order(app: object) -> Order:
    make_product("CANDLE", price=10_000)
    placed = make_order(("CANDLE", 4), shipping_price=4_900, shipping_vat_rate=2500)
    with changing(placed, ERP) as current:
        splits.split(next(iter(current.lines)), 3, to=None, by=ERP)
    return placed


def test_a_shipment_that_is_not_there_has_nothing_to_charge(staff: Browser, order: Order) -> None:
    assert staff.get(f"/orders/{order.number}/shipments/7/capture").status_code == 404


def test_nothing_is_charged_for_a_cancelled_order(staff: Browser, order: Order) -> None:
    with changing(order, ERP) as current:
        cancellation.cancel(current, by=ERP)

    assert "Att debitera" not in staff.page(f"/orders/{order.number}/shipping").text
    assert "Att debitera" not in staff.page(f"/orders/{order.number}/shipments/1/capture").text


def test_each_shipment_says_what_is_to_be_charged_for_it(viewer: Browser, order: Order) -> None:
    page = viewer.page(f"/orders/{order.number}/shipping")

    assert texts(page, ".capture") == ["Att debitera 149,00 kr", "Att debitera 300,00 kr"]
    assert "Att debitera 149,00 kr" not in viewer.page(f"/orders/{order.number}/summary").text


@pytest.mark.parametrize("htmx", [False, True])
def test_what_it_is_made_of_opens_in_its_place(viewer: Browser, order: Order, htmx: bool) -> None:
    address = f"/orders/{order.number}/shipments/1/capture"
    shown = viewer.get(address, htmx=htmx).text

    assert ("<html" in shown) is not htmx
    for part in ("100,00", "49,00", "29,80", "Frakt och avgifter debiteras med den försändelse som skickas först."):
        assert part in shown


def test_what_changed_since_it_left_is_told(staff: Browser, order: Order) -> None:
    for seq in (1, 2):
        with changing(order, ERP) as current:
            shipments.ship(shipments.get(current, seq), by=ERP)
    with changing(order, ERP) as current:
        shipping_fee.change(current, "Hemleverans", 9_900, by=ERP)

    page = staff.page(f"/orders/{order.number}/shipments/2/capture")

    assert "Att debitera 350,00 kr" in texts(page, ".capture")
    assert "När den skickades 300,00" in " ".join(texts(page, ".totals .muted"))
