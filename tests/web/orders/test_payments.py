"""The form for a payment that staff register by hand."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import changing, kinds_of, read
from tests.web.conftest import Browser, on_sqlite
from tests.web.pages import Page, text_of
from webshop_orders.models import Actor, EventKind, Order
from webshop_orders.operations.orders import shipping_fee


@pytest.fixture
def order(app: Flask) -> Order:
    """An order of 1 350 kronor, of which 350 are paid."""
    make_product("LJUS", price=67_500)
    return make_order(("LJUS", 2), paid=35_000, payment_method="swish", send_confirmation=False)


def url_of(order: Order) -> str:
    return f"/orders/{order.number}/payments"


@pytest.mark.parametrize("htmx", [False, True])
def test_a_payment_is_registered_with_what_is_left_to_pay(staff: Browser, order: Order, *, htmx: bool) -> None:
    url = url_of(order)
    assert f'href="{url}"' in staff.page(f"/orders/{order.number}").html
    values = staff.page(url).form(url).values()
    assert (values["amount"], values["method"]) == ("1000,00", "Swish")

    answer = staff.send(url, url, htmx=htmx, method="Kort", reference="ch_123")

    assert answer.status_code == (200 if htmx else 303)
    (payment,) = read(order).registered_payments
    assert (payment.amount, payment.method, payment.reference) == (100_000, "card", "ch_123")
    assert read(order).paid == 135_000
    page = staff.page(f"/orders/{order.number}")
    assert "1 000,00 kr" in text_of(page.select("#payment-1")[0]).replace("\xa0", " ")
    assert not page.select(".totals .balance")
    assert not page.select("#register-payment"), "nothing is left to pay"
    assert "En betalning på 1 000,00 kr registrerades." in staff.page(f"/orders/{order.number}/history").text.replace(
        "\xa0", " "
    )


@on_sqlite
@pytest.mark.parametrize(("typed", "amount"), [("1 350,00", 135_000), ("1350,5", 135_050), ("0.01", 1)])
def test_amounts_are_typed_as_people_write_them(staff: Browser, order: Order, typed: str, amount: int) -> None:
    url = url_of(order)
    assert staff.send(url, url, amount=typed).status_code == 303
    assert read(order).registered_payments[0].amount == amount


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("amount", "0"),
        ("amount", "-1"),
        ("amount", ""),
        ("amount", "1e9"),
        ("amount", "٣"),
        ("amount", "hundra"),
        ("amount", "0,001"),
        ("amount", "999999999999"),
        ("paid_on", ""),
        ("paid_on", "2026-02-30"),
        ("paid_on", "9999-12-31"),
        ("paid_on", "٢٠٢٦-01-01"),
        ("method", "x" * 101),
        ("reference", "a\u0000b"),
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
    assert [control.get("name") for control in page.select("#payment-form [aria-invalid]")] == [field]
    assert page.form(url).values()[field] == typed or not typed.isprintable()
    assert kinds_of(order) == [EventKind.ORDER_PLACED]


@on_sqlite
def test_a_payment_and_a_new_shipping_fee_both_go_in(staff: Browser, anna: Actor, order: Order) -> None:
    url = url_of(order)
    form = staff.page(url).form(url).values()
    with changing(order, anna) as current:
        shipping_fee.change(current, "Bud", 4_900, by=anna)

    assert staff.post(url, form).status_code == 303
    assert read(order).paid == 135_000


@on_sqlite
def test_a_payment_is_taken_back_and_carried_out_again(staff: Browser, order: Order) -> None:
    url = url_of(order)
    staff.send(url, url)

    staff.send(f"/orders/{order.number}", f"/orders/{order.number}/undo")
    assert (read(order).paid, read(order).registered_payments) == (35_000, [])

    staff.send(f"/orders/{order.number}", f"/orders/{order.number}/redo")
    assert (read(order).paid, len(read(order).registered_payments)) == (135_000, 1)


@on_sqlite
def test_neither_the_warehouse_nor_a_viewer_registers_payments(
    warehouse: Browser, viewer: Browser, order: Order
) -> None:
    url = url_of(order)
    for browser in (warehouse, viewer):
        assert url not in browser.page(f"/orders/{order.number}").html
        assert browser.get(url).status_code == 403
        values = {"version": "1", "amount": "1", "paid_on": "2026-11-01", "csrf_token": browser.token()}
        assert browser.post(url, values).status_code == 403
    assert read(order).paid == 35_000
