"""The order as JSON: what is refused, and what comes in and goes out."""

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import inspect

from tests.conftest import settings
from tests.factories import make_order, make_product
from webshop_orders import create_app
from webshop_orders.documents import order as order_document
from webshop_orders.errors import InvalidDocument, RuleViolation
from webshop_orders.models import Actor, Line, Order, Shop
from webshop_orders.operations.orders import shipments, tracking
from webshop_orders.transactions.unit_of_work import editing

DOCUMENT: dict[str, Any] = {
    "external_reference": "wc-10248",
    "placed_at": "2026-11-23T09:14:00Z",
    "currency": "SEK",
    "language": "sv",
    "prices_include_vat": True,
    "customer": {"name": "Åsa Öberg", "company": None, "email": "asa@example.com", "phone": "+46701740605"},
    "billing_address": {
        "name": "Åsa Öberg",
        "street": "Storgatan 1",
        "postal_code": "972 31",
        "city": "Luleå",
        "country": "SE",
    },
    "payment": {"method": "klarna", "paid": 59800},
    "shipping": {"method": "PostNord MyPack", "price": 4900, "vat_rate": 2500},
    "lines": [
        {
            "sku": "LJUS-12",
            "name": "Stearinljus 12-pack",
            "quantity": 3,
            "unit_price": 19900,
            "vat_rate": 2500,
            "discount": 4800,
        }
    ],
    "comment": "Ring på porten",
    "shipped_at": None,
}


@pytest.fixture
def context() -> Iterator[None]:
    """An application whose shop has never been asked for in a database."""
    with create_app(settings("sqlite://")).app_context():
        g.shop = Shop(currency="SEK")
        yield


def document(**changes: Any) -> dict[str, Any]:
    """The document with some fields replaced, named by path: `lines__0__quantity`."""
    changed = copy.deepcopy(DOCUMENT)
    for path, value in changes.items():
        *parents, name = path.split("__")
        place: Any = changed
        for parent in parents:
            place = place[int(parent) if parent.isdigit() else parent]
        place[name] = value
    return changed


def refusal(given: Any) -> RuleViolation:
    with pytest.raises(RuleViolation) as caught:
        order_document.parse(given)
    assert str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("external_reference", None, "external_reference"),
        ("external_reference", "  ", "external_reference"),
        ("external_reference", 17, "external_reference"),
        ("external_reference", "x" * 201, "external_reference"),
        ("number", "WS/1", "number"),
        ("number", "..", "number"),
        ("currency", "sek", "currency"),
        ("currency", "KRONOR", "currency"),
        ("language", "svenska", "language"),
        ("prices_include_vat", 1, "prices_include_vat"),
        ("send_confirmation", "false", "send_confirmation"),
        ("placed_at", "2026-11-23", "placed_at"),
        ("placed_at", "2026-11-23T09:14:00", "placed_at"),
        ("placed_at", "2026-13-23T09:14:00Z", "placed_at"),
        ("placed_at", "0001-01-01T00:00:00+14:00", "placed_at"),
        ("placed_at", "9999-12-31T23:59:59-14:00", "placed_at"),
        ("placed_at", "٢026-11-23T09:14:00Z", "placed_at"),
        ("placed_at", 1795408814, "placed_at"),
        ("customer", None, "customer"),
        ("customer", "Åsa", "customer"),
        ("customer__name", None, "customer.name"),
        ("customer__name", "Åsa\0Öberg", "customer.name"),
        ("customer__name", "Åsa\nÖberg", "customer.name"),
        ("customer__name", "Åsa \ud800", "customer.name"),
        ("customer__email", "asa@example.com\r\nBcc: all@example.com", "customer.email"),
        ("customer__email", "asa", "customer.email"),
        ("customer__nickname", "Å", "customer.nickname"),
        ("billing_address", None, "billing_address"),
        ("billing_address__country", "Sverige", "billing_address.country"),
        ("billing_address__country", "se", "billing_address.country"),
        ("billing_address__street", "", "billing_address.street"),
        ("payment__paid", -1, "payment.paid"),
        ("payment__paid", 1.0, "payment.paid"),
        ("shipping__price", "4900", "shipping.price"),
        ("shipping__price", 10**9 + 1, "shipping.price"),
        ("shipping__vat_rate", None, "shipping.vat_rate"),
        ("shipping__vat_rate", 10_001, "shipping.vat_rate"),
        ("lines", [], "lines"),
        ("lines", {}, "lines"),
        ("lines", ["LJUS-12"], "lines[0]"),
        ("lines", [{}] * 501, "lines"),
        ("lines__0__quantity", 0, "lines[0].quantity"),
        ("lines__0__quantity", 100_000, "lines[0].quantity"),
        ("lines__0__quantity", True, "lines[0].quantity"),
        ("lines__0__quantity", 1.0, "lines[0].quantity"),
        ("lines__0__quantity", "3", "lines[0].quantity"),
        ("lines__0__quantity", None, "lines[0].quantity"),
        ("lines__0__unit_price", -1, "lines[0].unit_price"),
        ("lines__0__unit_price", 10**9 + 1, "lines[0].unit_price"),
        ("lines__0__vat_rate", 10_001, "lines[0].vat_rate"),
        ("lines__0__vat_rate", None, "lines[0].vat_rate"),
        ("lines__0__discount", 59_701, "lines[0].discount"),
        ("lines__0__sku", None, "lines[0].sku"),
        ("lines__0__name", "", "lines[0].name"),
        ("lines__0__colour", "grön", "lines[0].colour"),
        ("comment", "x" * 10_001, "comment"),
        ("total", 59_800, "total"),
        ("x\ud800", 1, "x\\ud800"),
    ],
)
def test_refuses_a_field_that_is_wrong_and_names_it(context: None, path: str, value: Any, field: str) -> None:
    refused = refusal(document(**{path: value}))
    assert refused.field == field
    assert field in str(refused)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "17",
        '{"external_reference": NaN}',
        '{"external_reference": -Infinity}',
        '{"a": 1, "a": 2}',
        '{"customer": {"name": "a", "name": "b"}}',
        '{"quantity": ' + "9" * 5000 + "}",
        "[" * 100_000,
        '{"a":' * 100_000,
        b'{"external_reference": "\xff"}',
        " " * (2 * 1024 * 1024 + 1),
    ],
    ids=range(14),
)
def test_refuses_what_is_no_json_object(context: None, text: str | bytes) -> None:
    refusal(text)


def test_refuses_a_double_among_very_many_fields_soon(context: None) -> None:
    many = ",".join(f'"f{number}":1' for number in range(100_000))
    assert refusal("{" + many + ',"f99999":2}').field == "f99999"


def test_a_whole_document_becomes_a_new_order(context: None) -> None:
    new = order_document.parse(json.dumps(DOCUMENT))
    assert new.external_reference == "wc-10248"
    assert new.placed_at == datetime(2026, 11, 23, 9, 14, tzinfo=UTC)
    assert (new.customer.name, new.customer.email) == ("Åsa Öberg", "asa@example.com")
    assert (new.payment.method, new.payment.paid) == ("klarna", 59_800)
    assert (new.shipping.price, new.shipping.vat_rate) == (4_900, 2_500)
    assert (new.lines[0].quantity, new.lines[0].discount) == (3, 4_800)
    assert new.send_confirmation


def test_an_address_stands_in_for_the_one_that_is_missing(context: None) -> None:
    new = order_document.parse(DOCUMENT)
    assert new.shipping_address == new.billing_address
    swapped = document(shipping_address=DOCUMENT["billing_address"], billing_address=None)
    assert order_document.parse(swapped).billing_address.city == "Luleå"


def test_the_least_document_takes_the_shops_currency_and_language(context: None) -> None:
    least = {
        "external_reference": "1",
        "customer": {"name": "Bo Ek"},
        "billing_address": {"street": "Main St 1", "city": "Cork", "country": "IE"},
        "lines": [{"sku": "A", "name": "A", "quantity": 1, "unit_price": 0, "vat_rate": 0}],
    }
    new = order_document.parse(least)
    assert (new.currency, new.language) == ("SEK", "sv")
    assert (new.billing_address.name, new.billing_address.postal_code) == ("Bo Ek", "")
    assert (new.shipping.price, new.shipping.vat_rate, new.payment.paid) == (0, 0, 0)


def test_what_comes_back_tells_totals_and_shipments_with_their_codes(app: Flask, anna: Actor) -> None:
    make_product("LJUS-12", stock=2)
    order = make_order(("LJUS-12", 3))
    with editing(order.number, None, anna) as order:
        tracking.add(order.shipments[0], "00373/1", "PostNord", None, by=anna)
        told = order_document.to_json(order)
        assert told["status"] == "backordered"
        assert told["shipments"][0]["lines"][0]["backordered"] == 1
        shipments.ship(order.shipments[0], by=anna)
    told = order_document.to_json(order)
    assert json.loads(json.dumps(told)) == told
    assert told["status"] == "shipped"
    assert told["shipped_at"] == told["shipments"][0]["shipped_at"]
    assert told["shipments"][0]["tracking"] == [
        {"code": "00373/1", "carrier": "PostNord", "url": "https://tracking.postnord.com/se/?id=00373%2F1"}
    ]
    assert told["totals"]["total"] == 59_700
    assert told["totals"]["vat"] == {"2500": 11_940}
    assert told["totals"]["balance"] == 59_700


def test_what_comes_back_can_be_sent_in_again(app: Flask) -> None:
    order = make_order(("ETT", 1), ("TVÅ", 2))
    told = order_document.to_json(order)
    for added in ("status", "version", "updated_at", "cancelled_at", "totals", "shipments"):
        del told[added]
    again = order_document.parse(told)
    assert again.customer == order.customer
    assert again.shipping_address == order.shipping_address
    assert [line.sku for line in again.lines] == ["ETT", "TVÅ"]
    assert again.placed_at == order.placed_at


def test_null_is_as_good_as_absent_in_every_object_of_a_kind(context: None) -> None:
    address = {**DOCUMENT["billing_address"], "name": None, "postal_code": None, "region": None}
    new = order_document.parse(document(billing_address=address, shipping_address=address))
    assert new.billing_address == new.shipping_address
    assert (new.shipping_address.name, new.shipping_address.postal_code) == ("Åsa Öberg", "")


def test_at_most_a_hundred_faults_and_twenty_unknown_fields_are_reported(context: None) -> None:
    line = {**DOCUMENT["lines"][0], "quantity": 0}
    many = refusal(document(lines=[line] * 300))
    assert isinstance(many, InvalidDocument)
    assert [fault.pointer for fault in many.faults] == [f"/lines/{index}/quantity" for index in range(100)]

    unknown = refusal({**DOCUMENT, "currency": "kr", **{f"x{index}": 1 for index in range(50)}})
    assert isinstance(unknown, InvalidDocument)
    assert [fault.pointer for fault in unknown.faults] == ["/currency", *(f"/x{index}" for index in range(20))]


def test_a_discount_is_compared_only_with_a_price_that_can_be_computed(context: None) -> None:
    assert refusal(document(lines__0__discount=59_701)).field == "lines[0].discount"
    for name in ("quantity", "unit_price"):
        wrong = refusal(document(lines__0__discount=59_701, **{f"lines__0__{name}": "3"}))
        assert isinstance(wrong, InvalidDocument)
        assert [fault.pointer for fault in wrong.faults] == [f"/lines/0/{name}"]


def test_each_declared_field_is_a_column(context: None) -> None:
    new = order_document.parse(DOCUMENT)
    assert set(new.columns()) <= set(inspect(Order).attrs.keys())
    assert set(new.lines[0].columns()) <= set(inspect(Line).attrs.keys())
    assert {"payment_method", "paid", "shipping_price", "shipping_vat_rate"} <= set(new.columns())
