"""The order document in JSON: refused, read and written."""

import copy
import json
from collections.abc import Iterator
from dataclasses import fields
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
    """An application with the settings of a shop, without a database."""
    with create_app(settings("sqlite://")).app_context():
        g.shop = Shop(currency="SEK")
        yield


def document(**changes: Any) -> dict[str, Any]:
    """The document with some fields replaced, named by path: `lines__0__quantity`."""
    changed_document = copy.deepcopy(DOCUMENT)
    for path, value in changes.items():
        *parents, name = path.split("__")
        container: Any = changed_document
        for parent in parents:
            container = container[int(parent) if parent.isdigit() else parent]
        container[name] = value
    return changed_document


def refusal(document: Any) -> RuleViolation:
    with pytest.raises(RuleViolation) as exception_info:
        order_document.parse(document)
    assert str(exception_info.value)
    return exception_info.value


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
        ("lines__0__properties", ["Till Åke"], "lines[0].properties[0]"),
        ("lines__0__properties", [{"name": "Gravyr"}], "lines[0].properties[0].value"),
        ("lines__0__units_per_bundle", 0, "lines[0].units_per_bundle"),
        ("shop_number", 1042, "shop_number"),
        ("is_test", "yes", "is_test"),
        ("customer__unusable_email", 1, "customer.unusable_email"),
        ("billing_address__phone", "7" * 41, "billing_address.phone"),
        ("billing_address__pickup_point", ["ICA"], "billing_address.pickup_point"),
        ("attributes", {"Färg": "röd"}, "attributes"),
        ("attributes", [{"name": "Färg", "value": "röd", "kind": 1}], "attributes[0].kind"),
        ("charges", [{"kind": "gift", "name": "Fee", "amount": 1}], "charges[0].kind"),
        ("charges", [{"kind": "fee", "name": "Fee", "amount": 1.5}], "charges[0].amount"),
        ("charges", [{"kind": "fee", "name": "Fee", "amount": -(10**9) - 1}], "charges[0].amount"),
        ("charges", [{"kind": "fee", "name": "", "amount": 1}], "charges[0].name"),
        ("charges", [{"kind": "fee", "name": "Fee", "amount": 1, "vat_rate": 10_001}], "charges[0].vat_rate"),
        ("charges", [{}] * 101, "charges"),
        ("payment__refunded", -1, "payment.refunded"),
        ("payment__written_off", "0", "payment.written_off"),
        ("payment__parts", [{"method": "klarna"}], "payment.parts[0].amount"),
        ("payment__parts", [{"method": "", "amount": 1}], "payment.parts[0].method"),
        ("shipments", [{"lines": []}], "shipments[0].shipped_at"),
        ("shipments", [{"shipped_at": "2026-11-24"}], "shipments[0].shipped_at"),
        (
            "shipments",
            [{"shipped_at": "2026-11-24T09:00:00Z", "lines": [{"line": -1, "quantity": 1}]}],
            "shipments[0].lines[0].line",
        ),
        (
            "shipments",
            [{"shipped_at": "2026-11-24T09:00:00Z", "lines": [{"line": 0, "quantity": 0}]}],
            "shipments[0].lines[0].quantity",
        ),
        (
            "shipments",
            [{"shipped_at": "2026-11-24T09:00:00Z", "tracking": [{"url": "https://x.example"}]}],
            "shipments[0].tracking[0].code",
        ),
        ("totals", 59_800, "totals"),
        ("totals", {"total": -1}, "totals.total"),
        ("totals", {"lines": 1}, "totals.lines"),
        ("totals", {"vat": {"25": "1"}}, "totals.vat"),
        ("totals", {"vat": {"-1": 1}}, "totals.vat"),
        ("totals", {"vat": [2500]}, "totals.vat"),
        ("totals", {"balance": 10**18}, "totals.balance"),
        ("comment", "x" * 10_001, "comment"),
        ("total", 59_800, "total"),
        ("x\ud800", 1, "x\\ud800"),
    ],
)
def test_an_invalid_field_is_refused_by_name(context: None, path: str, value: Any, field: str) -> None:
    error = refusal(document(**{path: value}))
    assert error.field == field
    assert field in str(error)


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
def test_text_that_is_not_a_json_object_is_refused(context: None, text: str | bytes) -> None:
    refusal(text)


def test_a_duplicate_among_many_fields_is_refused_fast(context: None) -> None:
    fields = ",".join(f'"f{number}":1' for number in range(100_000))
    assert refusal("{" + fields + ',"f99999":2}').field == "f99999"


def test_a_complete_document_is_read_as_a_new_order(context: None) -> None:
    new_order = order_document.parse(json.dumps(DOCUMENT))
    assert new_order.external_reference == "wc-10248"
    assert new_order.placed_at == datetime(2026, 11, 23, 9, 14, tzinfo=UTC)
    assert (new_order.customer.name, new_order.customer.email) == ("Åsa Öberg", "asa@example.com")
    assert (new_order.payment.method, new_order.payment.paid) == ("klarna", 59_800)
    assert (new_order.shipping.price, new_order.shipping.vat_rate) == (4_900, 2_500)
    assert (new_order.lines[0].quantity, new_order.lines[0].discount) == (3, 4_800)
    assert new_order.send_confirmation


def test_a_missing_address_is_copied_from_the_other_one(context: None) -> None:
    new_order = order_document.parse(DOCUMENT)
    assert new_order.shipping_address == new_order.billing_address
    swapped = document(shipping_address=DOCUMENT["billing_address"], billing_address=None)
    assert order_document.parse(swapped).billing_address.city == "Luleå"


def test_a_minimal_document_gets_the_currency_and_language_of_the_shop(context: None) -> None:
    minimal = {
        "external_reference": "1",
        "customer": {"name": "Bo Ek"},
        "billing_address": {"street": "Main St 1", "city": "Cork", "country": "IE"},
        "lines": [{"sku": "A", "name": "A", "quantity": 1, "unit_price": 0, "vat_rate": 0}],
    }
    new_order = order_document.parse(minimal)
    assert (new_order.currency, new_order.language) == ("SEK", "sv")
    assert (new_order.billing_address.name, new_order.billing_address.postal_code) == ("Bo Ek", "")
    assert (new_order.shipping.price, new_order.shipping.vat_rate, new_order.payment.paid) == (0, 0, 0)


def test_a_written_document_has_totals_and_shipments_with_tracking_codes(app: Flask, anna: Actor) -> None:
    make_product("LJUS-12", stock=2)
    order = make_order(("LJUS-12", 3))
    with editing(order.number, None, anna) as order:
        tracking.add(order.shipments[0], "00373/1", "PostNord", None, by=anna)
        exported = order_document.to_json(order)
        assert exported["status"] == "backordered"
        assert exported["shipments"][0]["lines"][0]["backordered"] == 1
        shipments.ship(order.shipments[0], by=anna)
    exported = order_document.to_json(order)
    assert json.loads(json.dumps(exported)) == exported
    assert exported["status"] == "shipped"
    assert exported["shipped_at"] == exported["shipments"][0]["shipped_at"]
    assert exported["shipments"][0]["tracking"] == [
        {"code": "00373/1", "carrier": "PostNord", "url": "https://tracking.postnord.com/se/?id=00373%2F1"}
    ]
    assert exported["totals"]["total"] == 59_700
    assert exported["totals"]["vat"] == {"2500": 11_940}
    assert exported["totals"]["balance"] == 59_700


def test_a_written_document_can_be_read_again(app: Flask) -> None:
    order = make_order(("ETT", 1), ("TVÅ", 2))
    exported = order_document.to_json(order)
    accepted = {field.name for field in fields(order_document.NewOrder)} - {"totals", "shipments"}
    imported = order_document.parse({name: value for name, value in exported.items() if name in accepted})
    assert imported.customer == order.customer
    assert imported.shipping_address == order.shipping_address
    assert [line.sku for line in imported.lines] == ["ETT", "TVÅ"]
    assert imported.placed_at == order.placed_at


def test_null_equals_an_absent_field_in_every_address(context: None) -> None:
    address = {**DOCUMENT["billing_address"], "name": None, "postal_code": None, "region": None}
    new_order = order_document.parse(document(billing_address=address, shipping_address=address))
    assert new_order.billing_address == new_order.shipping_address
    assert (new_order.shipping_address.name, new_order.shipping_address.postal_code) == ("Åsa Öberg", "")


def test_at_most_100_errors_and_20_unknown_fields_are_reported(context: None) -> None:
    line = {**DOCUMENT["lines"][0], "quantity": 0}
    error = refusal(document(lines=[line] * 300))
    assert isinstance(error, InvalidDocument)
    assert [fault.pointer for fault in error.faults] == [f"/lines/{index}/quantity" for index in range(100)]

    unknown_fields_error = refusal({**DOCUMENT, "currency": "kr", **{f"x{index}": 1 for index in range(50)}})
    assert isinstance(unknown_fields_error, InvalidDocument)
    assert [fault.pointer for fault in unknown_fields_error.faults] == [
        "/currency",
        *(f"/x{index}" for index in range(20)),
    ]


def test_a_discount_is_compared_only_with_a_price_that_can_be_computed(context: None) -> None:
    assert refusal(document(lines__0__discount=59_701)).field == "lines[0].discount"
    for name in ("quantity", "unit_price"):
        error = refusal(document(lines__0__discount=59_701, **{f"lines__0__{name}": "3"}))
        assert isinstance(error, InvalidDocument)
        assert [fault.pointer for fault in error.faults] == [f"/lines/0/{name}"]


def test_each_declared_field_is_a_column(context: None) -> None:
    new_order = order_document.parse(DOCUMENT)
    assert set(new_order.columns()) <= set(inspect(Order).attrs.keys())
    assert set(new_order.lines[0].columns()) <= set(inspect(Line).attrs.keys())
    assert {"payment_method", "paid", "shipping_price", "shipping_vat_rate"} <= set(new_order.columns())
