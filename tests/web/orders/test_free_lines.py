"""The form that adds a line without a product, in the place of the one that adds a product."""

import pytest
from flask import Flask

from tests.factories import make_order
from tests.operations.steps import changing, kinds_of, read
from tests.web.conftest import Browser, on_sqlite
from tests.web.pages import Page
from webshop_orders.documents.order import NewLine
from webshop_orders.models import Actor, EventKind, Order
from webshop_orders.operations.orders import cancellation, shipments

BOOK, CARD = NewLine("BOOK", "Bok", 2, 20_000, 600), NewLine("CARD", "Kort", 1, 1_000, 2500)
GIFT = {"name": "Presentinslagning", "quantity": "2", "unit_price": "29", "vat_rate": "25 %"}


@pytest.fixture
def order(app: Flask) -> Order:
    return make_order(lines=[BOOK, CARD])


def url_of(order: Order) -> str:
    return f"/orders/{order.number}/free-lines"


@pytest.mark.parametrize("htmx", [False, True])
def test_a_line_is_added_from_the_form_that_the_one_for_products_leads_to(
    staff: Browser, order: Order, *, htmx: bool
) -> None:
    url = url_of(order)
    assert f'href="{url}"' in staff.page(f"/orders/{order.number}/shipping").html
    assert staff.page(url).form(url).values()["vat_rate"] == "6\u00a0%"  # that of most of the order

    answer = staff.send(url, url, htmx=htmx, **GIFT)

    assert answer.status_code == (200 if htmx else 303)
    line = list(read(order).lines)[-1]
    assert (line.name, line.quantity, line.unit_price, line.vat_rate) == ("Presentinslagning", 2, 2_900, 2500)
    assert "Presentinslagning" in staff.page(f"/orders/{order.number}/history").text


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "x" * 301),
        ("quantity", "0"),
        ("quantity", "٣"),
        ("unit_price", ""),
        ("unit_price", "-1"),
        ("unit_price", "1e9"),
        ("unit_price", "10000000,01"),
        ("unit_price", "1,001"),
        ("vat_rate", ""),
        ("vat_rate", "-1"),
        ("vat_rate", "٣"),
        ("vat_rate", "101"),
        ("vat_rate", "moms"),
    ],
)
@on_sqlite
def test_what_cannot_be_is_refused_at_its_field_and_stays_typed(
    staff: Browser, order: Order, field: str, typed: str, *, htmx: bool
) -> None:
    url = url_of(order)

    answer = staff.send(url, url, htmx=htmx, **{**GIFT, field: typed})

    assert answer.status_code == 422
    page = Page(answer.text)
    assert [control.get("name") for control in page.select("#free-line [aria-invalid]")] == [field]
    kept = page.form(url).values()
    assert {name: kept[name] for name in GIFT} == {**GIFT, field: typed}
    assert kinds_of(order) == [EventKind.ORDER_PLACED]


@on_sqlite
def test_a_shipment_of_another_order_and_a_shipped_one_are_refused(staff: Browser, anna: Actor, order: Order) -> None:
    url = url_of(order)
    assert staff.send(url, url, **{**GIFT, "shipment": "7"}).status_code == 422
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)

    form = {**staff.page(url).form(url).values(), **GIFT, "shipment": "1"}

    assert staff.post(url, form).status_code == 422
    assert len(list(read(order).lines)) == 2
    assert staff.post(url, {**form, "shipment": "new"}).status_code == 303
    assert read(order).shipments[1].lines[0].name == "Presentinslagning"


@on_sqlite
def test_klarna_says_why_nothing_can_be_added(staff: Browser, app: Flask) -> None:
    order = make_order(lines=[BOOK], payment_method="klarna")

    answer = staff.send(url_of(order), url_of(order), htmx=True, **GIFT)

    assert answer.status_code == 422
    (reason,) = Page(answer.text).select("#free-line .alert-line")
    assert "billigare men inte dyrare" in reason.text_content()


@on_sqlite
def test_a_stale_form_and_a_cancelled_order_are_refused(staff: Browser, anna: Actor, order: Order) -> None:
    url = url_of(order)
    form = {**staff.page(url).form(url).values(), **GIFT}
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)

    assert staff.post(url, form).status_code == 409
    assert staff.post(url, {**form, "version": str(read(order).version)}).status_code == 422
    assert "free-line" not in staff.page(url).html
    assert len(list(read(order).lines)) == 2


@on_sqlite
def test_the_warehouse_is_neither_offered_the_form_nor_given_it(warehouse: Browser, order: Order) -> None:
    url = url_of(order)
    assert url not in warehouse.page(f"/orders/{order.number}/shipping").html

    assert warehouse.get(url).status_code == 403
    assert warehouse.post(url, {**GIFT, "version": "1", "csrf_token": warehouse.token()}).status_code == 403
    assert len(list(read(order).lines)) == 2
