"""The form for the shipping method and fee, beside the sums on Frakt."""

import pytest
from flask import Flask

from tests.factories import make_order
from tests.operations.steps import changing, kinds_of, read
from tests.web.conftest import Browser, on_sqlite
from tests.web.pages import Page
from webshop_orders.documents.order import NewLine
from webshop_orders.models import Actor, EventKind, Order
from webshop_orders.operations.orders import cancellation

VASE = NewLine("VASE", "Vas", 1, 10_000, 2500)


@pytest.fixture
def order(app: Flask) -> Order:
    return make_order(lines=[VASE], shipping_method="PostNord", shipping_price=4_900, shipping_vat_rate=2500)


def url_of(order: Order) -> str:
    return f"/orders/{order.number}/shipping-fee"


@pytest.mark.parametrize("htmx", [False, True])
def test_method_and_fee_are_changed_at_once(staff: Browser, order: Order, *, htmx: bool) -> None:
    url = url_of(order)
    assert f'href="{url}"' in staff.page(f"/orders/{order.number}/shipping").html
    assert f'href="{url}"' not in staff.page(f"/orders/{order.number}").html
    values = staff.page(url).form(url).values()
    assert (values["method"], values["price"]) == ("PostNord", "49,00")

    answer = staff.send(url, url, htmx=htmx, method="DHL Ombud", price="29,50")

    assert answer.status_code == (200 if htmx else 303)
    assert (read(order).shipping_method, read(order).shipping_price) == ("DHL Ombud", 2_950)
    history = staff.page(f"/orders/{order.number}/history").text
    assert "Frakten ändrades." in history
    assert "29,50" in history


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("price", "-1"),
        ("price", ""),
        ("price", "1e9"),
        ("price", "٣"),
        ("price", "gratis"),
        ("price", "10000000,01"),
        ("price", "0,001"),
        ("method", "x" * 201),
        ("method", "a\u0000b"),
    ],
)
@on_sqlite
def test_what_cannot_be_is_refused_at_its_field_and_stays_typed(
    staff: Browser, order: Order, field: str, typed: str, *, htmx: bool
) -> None:
    url = url_of(order)

    answer = staff.send(url, url, htmx=htmx, **{field: typed})

    assert answer.status_code == 422
    page = Page(answer.text)
    assert [control.get("name") for control in page.select("#shipping-fee [aria-invalid]")] == [field]
    assert page.form(url).values()[field] == typed or not typed.isprintable()
    assert kinds_of(order) == [EventKind.ORDER_PLACED]


@on_sqlite
def test_a_stale_form_and_a_cancelled_order_are_refused(staff: Browser, anna: Actor, order: Order) -> None:
    url = url_of(order)
    form = {**staff.page(url).form(url).values(), "price": "1"}
    with changing(order, anna) as current:
        cancellation.cancel(current, by=anna)

    assert staff.post(url, form).status_code == 409
    assert staff.post(url, {**form, "version": str(read(order).version)}).status_code == 422
    assert "shipping-fee" not in staff.page(url).html
    assert read(order).shipping_price == 4_900


@on_sqlite
def test_the_warehouse_is_neither_offered_the_form_nor_given_it(warehouse: Browser, order: Order) -> None:
    url = url_of(order)
    assert url not in warehouse.page(f"/orders/{order.number}/shipping").html

    assert warehouse.get(url).status_code == 403
    values = {"version": "1", "price": "1", "csrf_token": warehouse.token()}
    assert warehouse.post(url, values).status_code == 403
    assert read(order).shipping_price == 4_900
