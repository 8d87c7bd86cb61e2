"""Files of orders told apart by their shape, whatever wraps them; others are refused in one sentence."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.connectors.files.reading import read_orders
from tests.connectors.payloads import shopify, woo
from tests.web.conftest import on_sqlite
from webshop_orders.connectors import export_files
from webshop_orders.connectors.export_files import Format
from webshop_orders.errors import RuleViolation

pytestmark = on_sqlite

OURS = {
    "external_reference": "egen-1",
    "placed_at": "2026-11-20T09:14:00Z",
    "customer": {"name": "Åsa Öberg"},
    "billing_address": {"street": "Storgatan 1", "city": "Luleå", "country": "SE"},
    "lines": [{"sku": "LJUS", "name": "Ljus", "quantity": 1, "unit_price": 5_000, "vat_rate": 2_500}],
}
LEGACY = {
    "id": 12,
    "order_number": 12,
    "status": "processing",
    "currency": "SEK",
    "total": "100.00",
    "total_line_items_quantity": 1,
    "billing_address": {"first_name": "Åsa", "address_1": "Storgatan 1", "postcode": "972 31"},
    "payment_details": {"method_id": "kco", "paid": True},
    "line_items": [{"id": 1, "name": "Ljus", "subtotal": "80.00", "total": "80.00", "quantity": 1}],
}
GRAPHQL = {"id": "gid://shopify/Order/1", "name": "#1001", "totalPriceSet": {"shopMoney": {"amount": "100.0"}}}
GRAPHQL_LINE = {"id": "gid://shopify/LineItem/2", "title": "Ljus", "__parentId": GRAPHQL["id"]}


def write(folder: Path, content: Any, name: str = "orders.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8")
    return path


def lines(*values: Any) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


@pytest.mark.parametrize(
    "content",
    [
        woo(),
        [woo()],
        {"data": [woo()]},
        {"orders": [woo()], "total": 1},
        {"success": True, "data": {"orders": [woo()]}},
        {"response": {"status": 200, "body": [woo()]}},
        [{"order": woo()}],
        {"butiken": [woo()]},
        lines(woo()),
        lines(woo(), woo(id=728)),
    ],
)
def test_orders_are_found_inside_of_what_wraps_them(app: Flask, tmp_path: Path, content: Any) -> None:
    path = write(tmp_path, content)
    assert export_files.recognise(path, Format.AUTO) is Format.WOOCOMMERCE
    assert read_orders(path)[0].external_reference == "wc-727"


def test_a_format_that_is_said_does_not_change_what_a_file_is(app: Flask, tmp_path: Path) -> None:
    assert export_files.recognise(write(tmp_path, [woo()]), Format.SHOPIFY) is Format.WOOCOMMERCE
    assert export_files.recognise(write(tmp_path, {"order": shopify()}), Format.JSON_LINES) is Format.SHOPIFY


def test_orders_of_shopify_that_were_paid_by_card_are_shopifys(app: Flask, tmp_path: Path) -> None:
    order = shopify(payment_details={"credit_card_number": "•••• 4242", "credit_card_company": "Visa"})
    assert export_files.recognise(write(tmp_path, [order]), Format.AUTO) is Format.SHOPIFY


@pytest.mark.parametrize("content", [[OURS], OURS, {"orders": [OURS]}])
def test_our_own_orders_may_be_one_json(app: Flask, tmp_path: Path, content: Any) -> None:
    path = write(tmp_path, content)
    assert export_files.recognise(path, Format.AUTO) is Format.DOCUMENTS
    assert [order.external_reference for order in read_orders(path)] == ["egen-1"]


@pytest.mark.parametrize(
    "content",
    [
        lines(OURS),
        lines(OURS, OURS),
        lines({"customer": {}, "lines": []}),
        "{broken\n" + lines(OURS),
        "\r\n" + lines(OURS, 1),
    ],
)
def test_our_own_orders_one_on_each_line_are_json_lines(app: Flask, tmp_path: Path, content: str) -> None:
    assert export_files.recognise(write(tmp_path, content), Format.AUTO) is Format.JSON_LINES


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"order": LEGACY}, "WooCommerce"),
        ({"orders": [LEGACY, LEGACY]}, "WooCommerce"),
        (lines(*[GRAPHQL, GRAPHQL_LINE] * 20), "GraphQL"),
        ({"data": {"orders": {"edges": [{"node": GRAPHQL}]}}}, "GraphQL"),
        ({"products": [{"id": 1, "title": "Ljus", "handle": "ljus", "variants": []}]}, "produkter"),
        ([{"id": 1, "sku": "LJUS", "regular_price": "10", "stock_status": "instock"}], "produkter"),
        ({"refunds": [{"id": 1, "order_id": 2, "refund_line_items": []}]}, "återbetalningar"),
        ([{"id": 1, "amount": "10.00", "refunded_by": 1, "line_items": []}], "återbetalningar"),
        ({"customers": [{"id": 1, "first_name": "Åsa"}]}, "kunder"),
        ({"draft_orders": [{**shopify(), "invoice_url": "https://…", "invoice_sent_at": None}] * 3}, "utkast"),
        ([{**woo(), "billing_period": "month", "billing_interval": "1"}], "prenumerationer"),
        ({"hello": [{"a": 1}], "world": 2}, "«hello», «world»"),
        ([], "inga ordrar"),
        ({"orders": []}, "inga ordrar"),
        ("", "tom"),
        (" \n\n", "tom"),
        ('{\n "id": 1,\n "total": 359,00\n}\n', "JSON"),
        (json.dumps([woo()], indent=1)[:-30], "JSON"),
        ("hej", "JSON"),
        ("[" * 100_000, "djupt"),
        ('<?xml version="1.0"?><orders/>', "XML"),
        ("order_id,order_number,order_date,order_total\n1,1,2026-11-20,10\n", "WooCommerce"),
        ("Handle,Title,Variant SKU,Variant Price\nljus,Ljus,LJUS,10\n", "--products"),
    ],
)
def test_a_file_of_something_else_is_refused_in_one_sentence_that_says_what(
    app: Flask, tmp_path: Path, content: Any, words: str
) -> None:
    with pytest.raises(RuleViolation) as refusal:
        read_orders(write(tmp_path, content))
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_workbook_named_csv_is_refused(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(b"PK\x03\x04\x14\x00")
    with pytest.raises(RuleViolation, match="Excel"):
        read_orders(path)


@pytest.mark.parametrize(
    ("status", "words"),
    [("refunded", "återbetald"), ("cancelled", "makulerad"), ("pending", "inte lagd"), ("egen-status", "egen-status")],
)
def test_an_order_that_is_left_out_is_named_with_the_reason(
    app: Flask, tmp_path: Path, status: str, words: str
) -> None:
    with pytest.raises(RuleViolation, match=f"wc-727.*{words}"):
        read_orders(write(tmp_path, [woo(status=status)]))


def test_one_that_is_no_order_among_orders_is_refused_by_itself(app: Flask, tmp_path: Path) -> None:
    path = write(tmp_path, [woo(), {"foo": 1}])
    first, second = export_files.documents(path, Format.WOOCOMMERCE)
    assert first()["external_reference"] == "wc-727"
    with pytest.raises(RuleViolation, match="«foo»"):
        second()


def test_json_in_utf_16_is_read(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    path.write_text(json.dumps([woo()], ensure_ascii=False), encoding="utf-16")
    assert read_orders(path)[0].billing_address.city == "Luleå"
