"""Packing slips as PDF files over the API."""

import sys

import pytest
from flask import Flask

from tests.api.conftest import Integration, new_key
from tests.factories import make_order, make_product
from tests.pdf.reading import text_of
from tests.web.conftest import on_sqlite
from webshop_orders.models import Order, Scope

pytestmark = on_sqlite


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("LJUS-12", name="Stearinljus, 12-pack, gröna", stock=10)
    return make_order(("LJUS-12", 4), language="sv")


def test_a_packing_slip_is_a_pdf_in_the_customers_language(app: Flask, order: Order) -> None:
    erp = Integration(app.test_client(), new_key("WMS", (Scope.ORDERS_READ,)))

    response = erp.get(f"/shipments/{order.number}-1/packing-slip.pdf", Accept_Language="en")

    assert (response.status_code, response.mimetype) == (200, "application/pdf")
    text = text_of(response.data)
    assert "Packsedel" in text
    assert f"{order.number}-1" in text
    assert "4 Stearinljus, 12-pack, gröna LJUS-12" in text


def test_nothing_is_recorded_by_reading_one(erp: Integration, order: Order) -> None:
    before = erp.get(f"/orders/{order.number}").headers["ETag"]
    erp.get(f"/shipments/{order.number}-1/packing-slip.pdf")

    assert erp.get(f"/orders/{order.number}").headers["ETag"] == before


@pytest.mark.parametrize("reference", ["WS-999999-1", "WS-100001-7"])
def test_a_shipment_that_there_is_not_is_a_404(erp: Integration, order: Order, reference: str) -> None:
    response = erp.get(f"/shipments/{reference}/packing-slip.pdf")

    assert response.status_code == 404
    assert reference in response.get_json(force=True)["detail"]


def test_the_scope_of_reading_orders_is_needed(app: Flask, order: Order) -> None:
    warehouse = Integration(app.test_client(), new_key("WMS", (Scope.SHIPMENTS_WRITE,)))

    assert warehouse.get(f"/shipments/{order.number}-1/packing-slip.pdf").status_code == 403


@pytest.mark.parametrize("module", ["typst", "font_source_sans_pro"])
def test_a_server_without_the_extra_names_it(
    erp: Integration, order: Order, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # as Python has it where there is no such module

    response = erp.get(f"/shipments/{order.number}-1/packing-slip.pdf", Accept_Language="sv")

    assert response.status_code == 501
    assert "webshop-orders[pdf]" in response.get_json(force=True)["detail"]
