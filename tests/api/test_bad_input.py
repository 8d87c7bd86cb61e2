"""Invalid input is refused with a problem document that names the fields, and changes nothing."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.api.conftest import Integration, order_document, pointers
from tests.factories import make_order, make_product
from tests.operations.steps import read, read_product
from tests.web.conftest import on_sqlite
from webshop_orders.db.extensions import db
from webshop_orders.models import Event, Order

# These requests are refused before the database is queried, so one database is enough.
pytestmark = on_sqlite

DEEPLY_NESTED = '{"a":' * 100_000 + "1" + "}" * 100_000


def state() -> tuple[int, int]:
    db.session.rollback()
    return db.session.scalar(select(func.count(Order.id))) or 0, db.session.scalar(select(func.count(Event.id))) or 0


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "nej",
        DEEPLY_NESTED,
        "[" * 100_000,
        b'{"external_reference": "\xff\xfe"}',
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": -Infinity}',
        '{"a": 1, "a": 2}',
        '{"a": ' + "9" * 5000 + "}",
        "\x00",
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_body_that_is_not_valid_json_is_refused(erp: Integration, body: str | bytes) -> None:
    before = state()
    for method, path in (("POST", "/orders"), ("PATCH", "/shipments/WS-1-1"), ("POST", "/products/stock")):
        assert erp.ask(method, path, body).status_code == 400
    assert state() == before


@pytest.mark.parametrize("body", ["[]", "1", "null", '"text"', "true"])
def test_a_body_that_is_not_an_object_is_refused(erp: Integration, body: str) -> None:
    for method, path in (("POST", "/orders"), ("PUT", "/products/A"), ("POST", "/products/stock")):
        assert erp.ask(method, path, body).status_code == 422, (path, body)


def test_a_content_type_other_than_json_is_refused(erp: Integration) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert erp.post("/orders", "{}", Content_Type=kind).status_code == 415


def test_a_body_beyond_one_megabyte_is_refused(erp: Integration) -> None:
    assert erp.post("/orders", " " * 1_000_001).status_code == 413


class UnreadableBody(BytesIO):
    def read(self, *_ignored: object) -> bytes:
        raise AssertionError("the body was read")


def test_a_body_with_a_too_large_content_length_is_not_read(app: Flask, erp: Integration) -> None:
    too_large = {"CONTENT_LENGTH": "99999999999", "wsgi.input": UnreadableBody(), "CONTENT_TYPE": "application/json"}
    key = {"Authorization": f"Bearer {erp.token}"}
    response = app.test_client().post("/api/v1/orders", headers=key, environ_overrides=too_large)
    assert response.status_code == 413


LINE: dict[str, Any] = {"sku": "A", "name": "A", "quantity": 1, "unit_price": 100, "vat_rate": 2500}


def lines(**changes: Any) -> dict[str, Any]:
    return {"lines": [LINE, {**LINE, **changes}]}


@pytest.mark.parametrize(
    ("changes", "expected_pointers"),
    [
        ({"external_reference": None}, ["/external_reference"]),
        ({"external_reference": "x" * 201}, ["/external_reference"]),
        ({"external_reference": "a\nb"}, ["/external_reference"]),
        ({"external_reference": "\ud800"}, ["/external_reference"]),
        ({"currency": "kr"}, ["/currency"]),
        ({"currency": "sek"}, ["/currency"]),
        ({"currency": "XXQ"}, ["/currency"]),
        ({"language": "svenska"}, ["/language"]),
        ({"placed_at": "2026-11-23"}, ["/placed_at"]),
        ({"placed_at": "2026-11-23T10:00:00"}, ["/placed_at"]),
        ({"placed_at": "2026-13-41T10:00:00Z"}, ["/placed_at"]),
        ({"placed_at": "0001-01-01T00:00:00Z"}, ["/placed_at"]),
        ({"placed_at": "1815-06-18T00:00:00Z"}, ["/placed_at"]),
        ({"placed_at": "2099-01-01T00:00:00Z"}, ["/placed_at"]),
        ({"shipped_at": "2099-01-01T00:00:00Z"}, ["/shipped_at"]),
        ({"placed_at": 1700000000}, ["/placed_at"]),
        ({"lines": []}, ["/lines"]),
        ({"lines": None}, ["/lines"]),
        ({"lines": {}}, ["/lines"]),
        ({"lines": [LINE] * 10_001}, ["/lines"]),
        (lines(quantity=0), ["/lines/1/quantity"]),
        (lines(quantity=-1), ["/lines/1/quantity"]),
        (lines(quantity=1.0), ["/lines/1/quantity"]),
        (lines(quantity="1"), ["/lines/1/quantity"]),
        (lines(quantity=True), ["/lines/1/quantity"]),
        (lines(quantity=100_000), ["/lines/1/quantity"]),
        (lines(unit_price=199.5), ["/lines/1/unit_price"]),
        (lines(unit_price=-1), ["/lines/1/unit_price"]),
        (lines(unit_price=10**15), ["/lines/1/unit_price"]),
        (lines(vat_rate=10_001), ["/lines/1/vat_rate"]),
        (lines(discount=101), ["/lines/1/discount"]),
        (lines(sku=""), ["/lines/1/sku"]),
        (lines(sku="a/b\x00"), ["/lines/1/sku"]),
        (lines(colour="red"), ["/lines/1/colour"]),
        ({"lines": [1, "x"]}, ["/lines/0", "/lines/1"]),
        ({"payment": {"paid": 1.5}}, ["/payment/paid"]),
        ({"payment": {"paid": -1}}, ["/payment/paid"]),
        ({"customer": {"name": "Åsa", "email": "nej"}}, ["/customer/email"]),
        ({"customer": []}, ["/customer"]),
        ({"billing_address": {"street": "S"}}, ["/billing_address/city", "/billing_address/country"]),
        ({"number": "a/b"}, ["/number"]),
        ({"number": ".."}, ["/number"]),
        ({"a/b~c": 1}, ["/a~1b~0c"]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_invalid_order_is_refused_with_pointers_to_its_fields(
    erp: Integration, changes: dict[str, Any], expected_pointers: list[str]
) -> None:
    response = erp.post("/orders", order_document(**changes))

    assert response.status_code == 422
    assert [pointer for pointer in pointers(response) if pointer in expected_pointers] == expected_pointers
    assert state() == (0, 0)


def test_all_errors_are_reported_at_once(erp: Integration) -> None:
    document = order_document(currency="kr", lines=[{**LINE, "quantity": 0}, {**LINE, "vat_rate": None}], colour="red")

    response = erp.post("/orders", document)

    assert set(pointers(response)) == {"/currency", "/lines/0/quantity", "/lines/1/vat_rate", "/colour"}


def test_refusals_are_in_english_or_in_swedish_on_request(erp: Integration) -> None:
    assert "is missing" in erp.post("/orders", {}).text
    assert "saknas" in erp.post("/orders", {}, Accept_Language="sv").text


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "english", "swedish"),
    [
        ("GET", "/nothing", {}, 404, "There is nothing at this address.", "Det finns inget på den här adressen."),
        ("PUT", "/orders", {}, 405, "This address does not take that method.", "Adressen tar inte emot den metoden."),
        (
            "POST",
            "/orders",
            {"Content_Type": "text/plain"},
            415,
            "Send JSON, with Content-Type: application/json.",
            "Skicka JSON, med Content-Type: application/json.",
        ),
        ("POST", "/orders", {}, 413, "The body is larger", "Innehållet är större än 1 MB."),
    ],
)
def test_refusals_by_flask_are_translated_too(
    erp: Integration, method: str, path: str, headers: dict[str, str], status: int, english: str, swedish: str
) -> None:
    body = None if method != "POST" else " " * 1_000_001 if status == 413 else "{}"
    for language, sentence in (("en", english), ("sv", swedish), ("de", english)):
        response = erp.ask(method, path, body, Accept_Language=language, **headers)
        assert response.status_code == status
        assert sentence in response.get_json(force=True)["detail"]


def test_a_value_that_should_be_an_object_is_one_error(erp: Integration) -> None:
    response = erp.post("/orders", order_document(customer=[], billing_address="Storgatan 1"))
    assert pointers(response) == ["/customer", "/billing_address"]


@pytest.mark.parametrize(
    ("body", "expected_pointers"),
    [
        ({"levels": [{"sku": "A", "stock": -1}]}, "/levels/0/stock"),
        ({"levels": [{"sku": "A", "stock": 1.5}]}, "/levels/0/stock"),
        ({"levels": [{"sku": "A"}]}, "/levels/0/stock"),
        ({"levels": [{"sku": "A", "stock": 3}, {"sku": "NO", "stock": 3}]}, "/levels/1/sku"),
        ({"levels": [{"sku": "A", "stock": 3}] * 1_001}, "/levels"),
        ({"levels": []}, "/levels"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_invalid_stock_levels_are_all_refused(erp: Integration, body: dict[str, Any], expected_pointers: str) -> None:
    make_product("A", stock=7)
    response = erp.post("/products/stock", body)
    assert (response.status_code, pointers(response)) == (422, [expected_pointers])
    assert read_product("A").stock == 7


@pytest.mark.parametrize(
    ("body", "expected_pointers"),
    [
        ({"name": "A", "price": 1.5, "vat_rate": 2500}, ["/price"]),
        ({"name": "A", "price": -1, "vat_rate": 2500}, ["/price"]),
        ({"price": 1, "vat_rate": 2500}, ["/name"]),
        ({"name": "A", "price": 1}, ["/vat_rate"]),
        ({"name": "A", "price": 1, "vat_rate": 2500, "stock": -5}, ["/stock"]),
        ({"name": "A", "price": 1, "vat_rate": 2500, "sku": "B"}, ["/sku"]),
        ({"name": "A", "price": 1, "vat_rate": 2500, "reserved": 5}, ["/reserved"]),
        ({"name": "A", "price": 1, "vat_rate": 2500, "currency": "QQQ"}, ["/currency"]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_invalid_product_is_refused(erp: Integration, body: dict[str, Any], expected_pointers: list[str]) -> None:
    response = erp.put("/products/A", body)
    assert (response.status_code, pointers(response)) == (422, expected_pointers)
    assert erp.get("/products/A").status_code == 404


def test_a_status_of_an_unknown_shipment_or_a_cancelled_order_is_refused(erp: Integration) -> None:
    make_product("A", stock=5)
    order, cancelled = make_order(("A", 2)), make_order(("A", 1))
    erp.post(f"/orders/{cancelled.number}/cancellation")

    shipped = {"status": "shipped"}
    assert erp.patch("/shipments/WS-4711-1", shipped).status_code == 404
    assert erp.patch(f"/shipments/{order.number}-2", shipped).status_code == 404
    assert erp.patch(f"/shipments/{order.number}-0", shipped).status_code == 404
    assert erp.patch(f"/shipments/{order.number}", shipped).status_code == 404
    assert erp.patch(f"/shipments/{cancelled.number}-1", shipped).status_code == 422
    assert erp.patch(f"/shipments/{order.number}-1", {"status": "sent"}).status_code == 422
    assert {shipment.status.value for shipment in read(order).shipments} == {"ready"}


def test_a_shipment_that_no_longer_exists_is_reported(erp: Integration) -> None:
    order = make_order(("A", 2))
    (line,) = order.lines
    erp.post(f"/shipments/{order.number}-1/split", {"lines": [{"id": line.id, "quantity": 1}]})
    moved_line_id = read(order).shipments[1].lines[0].id
    erp.post(
        f"/shipments/{order.number}-2/split",
        {"lines": [{"id": moved_line_id, "quantity": 1}], "to": f"{order.number}-1"},
    )

    response = erp.patch(f"/shipments/{order.number}-2", {"status": "shipped"})

    assert response.status_code == 404
    assert "is no more" in response.text
