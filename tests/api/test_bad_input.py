"""Whatever comes in that is not as agreed is refused with a problem that names it, and changes nothing."""

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

# What is refused before any database is asked is refused alike with both.
pytestmark = on_sqlite

DEEP = '{"a":' * 100_000 + "1" + "}" * 100_000


def state() -> tuple[int, int]:
    db.session.rollback()
    return db.session.scalar(select(func.count(Order.id))) or 0, db.session.scalar(select(func.count(Event.id))) or 0


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "nej",
        DEEP,
        "[" * 100_000,
        b'{"external_reference": "\xff\xfe"}',
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": -Infinity}',
        '{"a": 1, "a": 2}',
        '{"a": ' + "9" * 5000 + "}",
        "\x00",
    ],
    ids=lambda one: repr(one)[:20],
)
def test_what_is_no_json_is_refused(erp: Integration, body: str | bytes) -> None:
    before = state()
    for method, path in (("POST", "/orders"), ("PATCH", "/shipments/WS-1-1"), ("POST", "/products/stock")):
        assert erp.ask(method, path, body).status_code == 400
    assert state() == before


@pytest.mark.parametrize("body", ["[]", "1", "null", '"text"', "true"])
def test_what_is_no_object_is_refused(erp: Integration, body: str) -> None:
    for method, path in (("POST", "/orders"), ("PUT", "/products/A"), ("POST", "/products/stock")):
        assert erp.ask(method, path, body).status_code == 422, (path, body)


def test_what_does_not_say_that_it_is_json_is_refused(erp: Integration) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert erp.post("/orders", "{}", Content_Type=kind).status_code == 415


def test_a_body_beyond_one_megabyte_is_refused_unread(erp: Integration) -> None:
    assert erp.post("/orders", " " * 1_000_001).status_code == 413


class Unread(BytesIO):
    def read(self, *_ignored: object) -> bytes:
        raise AssertionError("the body was read")


def test_a_body_that_says_it_is_too_large_is_not_read_at_all(app: Flask, erp: Integration) -> None:
    too_large = {"CONTENT_LENGTH": "99999999999", "wsgi.input": Unread(), "CONTENT_TYPE": "application/json"}
    key = {"Authorization": f"Bearer {erp.token}"}
    answer = app.test_client().post("/api/v1/orders", headers=key, environ_overrides=too_large)
    assert answer.status_code == 413


LINE: dict[str, Any] = {"sku": "A", "name": "A", "quantity": 1, "unit_price": 100, "vat_rate": 2500}


def lines(**changes: Any) -> dict[str, Any]:
    return {"lines": [LINE, {**LINE, **changes}]}


@pytest.mark.parametrize(
    ("changes", "wrong"),
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
    ids=lambda one: str(one)[:40],
)
def test_an_order_that_is_not_as_agreed_is_refused_and_the_fields_are_named(
    erp: Integration, changes: dict[str, Any], wrong: list[str]
) -> None:
    answer = erp.post("/orders", order_document(**changes))

    assert answer.status_code == 422
    assert [pointer for pointer in pointers(answer) if pointer in wrong] == wrong
    assert state() == (0, 0)


def test_everything_that_is_wrong_is_told_at_once(erp: Integration) -> None:
    document = order_document(currency="kr", lines=[{**LINE, "quantity": 0}, {**LINE, "vat_rate": None}], colour="red")

    answer = erp.post("/orders", document)

    assert set(pointers(answer)) == {"/currency", "/lines/0/quantity", "/lines/1/vat_rate", "/colour"}


def test_refusals_speak_english_and_swedish_to_those_who_ask_for_it(erp: Integration) -> None:
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
def test_what_flask_refuses_is_translated_as_well(
    erp: Integration, method: str, path: str, headers: dict[str, str], status: int, english: str, swedish: str
) -> None:
    body = None if method != "POST" else " " * 1_000_001 if status == 413 else "{}"
    for language, sentence in (("en", english), ("sv", swedish), ("de", english)):
        answer = erp.ask(method, path, body, Accept_Language=language, **headers)
        assert answer.status_code == status
        assert sentence in answer.get_json(force=True)["detail"]


def test_a_list_takes_the_place_of_an_object_with_one_fault_alone(erp: Integration) -> None:
    answer = erp.post("/orders", order_document(customer=[], billing_address="Storgatan 1"))
    assert pointers(answer) == ["/customer", "/billing_address"]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"levels": [{"sku": "A", "stock": -1}]}, "/levels/0/stock"),
        ({"levels": [{"sku": "A", "stock": 1.5}]}, "/levels/0/stock"),
        ({"levels": [{"sku": "A"}]}, "/levels/0/stock"),
        ({"levels": [{"sku": "A", "stock": 3}, {"sku": "NO", "stock": 3}]}, "/levels/1/sku"),
        ({"levels": [{"sku": "A", "stock": 3}] * 1_001}, "/levels"),
        ({"levels": []}, "/levels"),
    ],
    ids=lambda one: str(one)[:40],
)
def test_stock_that_cannot_be_is_refused_whole(erp: Integration, body: dict[str, Any], wrong: str) -> None:
    make_product("A", stock=7)
    answer = erp.post("/products/stock", body)
    assert (answer.status_code, pointers(answer)) == (422, [wrong])
    assert read_product("A").stock == 7


@pytest.mark.parametrize(
    ("body", "wrong"),
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
    ids=lambda one: str(one)[:40],
)
def test_a_product_that_cannot_be_is_refused(erp: Integration, body: dict[str, Any], wrong: list[str]) -> None:
    answer = erp.put("/products/A", body)
    assert (answer.status_code, pointers(answer)) == (422, wrong)
    assert erp.get("/products/A").status_code == 404


def test_a_status_for_what_is_not_there_or_over_is_refused(erp: Integration) -> None:
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


def test_a_shipment_that_was_split_away_is_told_of(erp: Integration) -> None:
    order = make_order(("A", 2))
    (line,) = order.lines
    erp.post(f"/shipments/{order.number}-1/split", {"lines": [{"id": line.id, "quantity": 1}]})
    moved = read(order).shipments[1].lines[0].id
    erp.post(f"/shipments/{order.number}-2/split", {"lines": [{"id": moved, "quantity": 1}], "to": f"{order.number}-1"})

    answer = erp.patch(f"/shipments/{order.number}-2", {"status": "shipped"})

    assert answer.status_code == 404
    assert "is no more" in answer.text
