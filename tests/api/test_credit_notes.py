"""Credit notes as PDF files over the API."""

import sys

import pytest
from flask import Flask

from tests.api.conftest import Integration, new_key
from tests.factories import SHOP, make_order, make_product
from tests.operations.steps import changing, messages_of, read
from tests.pdf.reading import text_of
from tests.web.conftest import on_sqlite
from webshop_orders.models import MessageKind, Order, Scope
from webshop_orders.operations.after_sales import refunds
from webshop_orders.operations.after_sales.refunds import RequestedRefund

pytestmark = on_sqlite


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("LJUS-12", name="Stearinljus", price=10_000)
    placed = make_order(("LJUS-12", 4), paid=40_000)
    with changing(placed, SHOP) as current:
        units = {line.id: 2 for line in current.lines}
        refunds.request(current, RequestedRefund(lines=units), by=SHOP)
    return read(placed)


def test_a_credit_note_is_a_pdf(erp: Integration, order: Order) -> None:
    response = erp.get(f"/orders/{order.number}/refunds/1/credit-note.pdf")

    assert (response.status_code, response.mimetype) == (200, "application/pdf")
    assert f"{order.number}-K1" in text_of(response.data)


@pytest.mark.parametrize("path", ["WS-999999/refunds/1", "{number}/refunds/7", "{number}/refunds/٣"])
def test_a_refund_that_there_is_not_is_a_404(erp: Integration, order: Order, path: str) -> None:
    assert erp.get(f"/orders/{path.format(number=order.number)}/credit-note.pdf").status_code == 404


def test_a_cancelled_refund_has_none(erp: Integration, order: Order) -> None:
    with changing(order, SHOP) as current:
        refunds.cancel(current, 1, by=SHOP)

    assert erp.get(f"/orders/{order.number}/refunds/1/credit-note.pdf").status_code == 422


def test_a_refund_asks_for_its_credit_note_to_be_mailed(app: Flask, order: Order) -> None:
    payments = Integration(app.test_client(), new_key("PSP", (Scope.ORDERS_READ, Scope.PAYMENTS_WRITE)))

    answer = payments.post(
        f"/orders/{order.number}/refunds", {"everything": True, "done": True, "send_credit_note": True}
    )

    assert answer.status_code == 201
    (mail,) = (message for message in messages_of(read(order)) if message.kind is MessageKind.CREDIT_NOTE)
    assert (mail.recipient, mail.subject) == ("asa@example.com", f"Kreditnota {order.number}-K2 från webshop-orders")


def test_the_scope_of_reading_orders_is_needed(app: Flask, order: Order) -> None:
    warehouse = Integration(app.test_client(), new_key("WMS", (Scope.SHIPMENTS_WRITE,)))

    assert warehouse.get(f"/orders/{order.number}/refunds/1/credit-note.pdf").status_code == 403


@pytest.mark.parametrize("module", ["typst", "font_source_sans_pro"])
def test_a_server_without_the_extra_names_it(
    erp: Integration, order: Order, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # as Python has it where there is no such module

    response = erp.get(f"/orders/{order.number}/refunds/1/credit-note.pdf", Accept_Language="sv")

    assert response.status_code == 501
    assert "webshop-orders[pdf]" in response.get_json(force=True)["detail"]
