"""Conversion of other shops' orders: the total is exactly what the customer was charged, invalid orders are refused."""

import base64
import hashlib
import hmac
from contextlib import suppress
from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.connectors.payloads import SHOPIFY, WOO, example, example_names, shopify, woo
from tests.web.conftest import on_sqlite
from webshop_orders.connectors import parsing
from webshop_orders.connectors.shopify import Shopify
from webshop_orders.connectors.source_settings import SourceSettings
from webshop_orders.connectors.woocommerce import WooCommerce
from webshop_orders.documents import source_order
from webshop_orders.documents.order import NewOrder
from webshop_orders.errors import RuleViolation

pytestmark = on_sqlite
Adapter = type[WooCommerce] | type[Shopify]


def read(adapter: Adapter, payload: dict[str, Any]) -> NewOrder:
    return source_order.read(adapter.document(payload, settings_of(adapter)))


def settings_of(adapter: Adapter) -> SourceSettings:
    return SourceSettings(adapter.prefix, UTC)


def total_charged(new_order: NewOrder) -> int:
    lines = sum(line.quantity * line.unit_price - line.discount for line in new_order.lines)
    return lines + sum(charge.amount for charge in new_order.charges) + new_order.shipping.price


def test_a_woocommerce_order_is_converted_completely(app: Flask) -> None:
    new_order = read(WooCommerce, woo())
    (line,) = new_order.lines

    assert total_charged(new_order) == 64_700
    assert (new_order.external_reference, new_order.payment.paid, new_order.payment.method) == (
        "wc-727",
        64_700,
        "klarna",
    )
    assert (line.sku, line.name, line.quantity, line.vat_rate) == ("LJUS-12", "Ljus & stake", 3, 2500)
    assert (new_order.shipping.method, new_order.shipping.price, new_order.shipping.vat_rate) == (
        "PostNord MyPack",
        4_900,
        2500,
    )
    assert new_order.customer.name == "Åsa Öberg"
    assert new_order.shipping_address == new_order.billing_address
    assert new_order.comment == "Ring på porten"
    assert new_order.placed_at.isoformat() == "2026-11-20T09:14:00+00:00"
    assert new_order.shipped_at is None


def test_a_line_total_that_is_not_a_multiple_of_the_quantity_is_exact(app: Flask) -> None:
    item = {**WOO["line_items"][0], "subtotal": "80.00", "subtotal_tax": "20.00", "total": "72.01", "total_tax": "18"}
    (line,) = read(WooCommerce, woo(line_items=[item])).lines
    assert (line.unit_price, line.quantity * line.unit_price - line.discount) == (3_334, 9_001)


def test_fees_become_charges_and_negative_fees_deductions(app: Flask) -> None:
    fees = [{"name": "Inslagning", "total": "20.00", "total_tax": "5.00"}, {"total": "-40.00", "total_tax": "-10.00"}]
    new_order = read(WooCommerce, woo(fee_lines=fees))
    assert total_charged(new_order) == 64_700 + 2_500 - 5_000
    assert [line.sku for line in new_order.lines] == ["LJUS-12"]
    assert [(charge.kind, charge.name, charge.amount, charge.vat_rate) for charge in new_order.charges] == [
        ("fee", "Inslagning", 2_500, 2500),
        ("deduction", "Avgift", -5_000, 2500),
    ]


def test_refunds_reduce_the_paid_amount(app: Flask) -> None:
    assert read(WooCommerce, woo(refunds=[{"total": "-47.00"}])).payment.paid == 60_000
    assert read(WooCommerce, woo(date_paid_gmt=None)).payment.paid == 0


def test_a_completed_order_is_converted_as_shipped(app: Flask) -> None:
    new_order = read(WooCommerce, woo(status="completed", date_completed_gmt="2026-11-21T08:00:00"))
    assert new_order.shipped_at is not None
    assert new_order.shipped_at.isoformat() == "2026-11-21T08:00:00+00:00"


def test_a_shopify_order_is_converted_completely(app: Flask) -> None:
    new_order = read(Shopify, shopify())
    (line,) = new_order.lines

    assert total_charged(new_order) == 59_800
    assert (new_order.external_reference, new_order.payment.paid, new_order.payment.method) == (
        "shopify-450789469",
        59_800,
        "card",
    )
    assert (line.sku, line.quantity, line.unit_price, line.discount, line.vat_rate) == (
        "LJUS-12",
        3,
        19_900,
        4_800,
        2500,
    )
    assert (new_order.shipping.price, new_order.language) == (4_900, "sv")
    assert new_order.placed_at.isoformat() == "2026-11-20T09:14:00+00:00"


def test_vat_is_added_to_prices_without_vat(app: Flask) -> None:
    item = {
        **SHOPIFY["line_items"][0],
        "price": "100.00",
        "discount_allocations": [],
        "tax_lines": [{"price": "75.00", "rate": 0.25}],
    }
    new_order = read(Shopify, shopify(taxes_included=False, line_items=[item], shipping_lines=[]))
    (line,) = new_order.lines
    assert (line.unit_price, line.discount, line.vat_rate, total_charged(new_order)) == (12_500, 0, 2500, 37_500)


def test_lines_removed_in_the_source_shop_are_skipped(app: Flask) -> None:
    removed_line = {**SHOPIFY["line_items"][0], "sku": "BORTA", "current_quantity": 0}
    new_order = read(Shopify, shopify(line_items=[removed_line, SHOPIFY["line_items"][0]]))
    assert [line.sku for line in new_order.lines] == ["LJUS-12"]


@pytest.mark.parametrize(
    ("adapter", "name", "total"),
    [
        *((WooCommerce, name, "total") for name in example_names("woocommerce_v3_order_*.json")),
        *((Shopify, name, "total_price") for name in example_names("shopify_order*.json")),
    ],
)
def test_the_examples_of_the_shops_are_converted(app: Flask, adapter: Adapter, name: str, total: str) -> None:
    orders = adapter.orders(example(name))
    assert orders
    for order in orders:
        assert adapter.recognises(order)
        assert total_charged(read(adapter, order)) == int(Decimal(order[total]) * 100)


def test_each_adapter_recognises_only_its_own_orders(app: Flask) -> None:
    assert (WooCommerce.recognises(WOO), Shopify.recognises(WOO)) == (True, False)
    assert (WooCommerce.recognises(SHOPIFY), Shopify.recognises(SHOPIFY)) == (False, True)
    for value in (None, [], {}, 1, "x", {"line_items": 1}):
        assert not WooCommerce.recognises(value)
        assert not Shopify.recognises(value)


def test_a_signature_is_valid_only_for_its_body_and_secret(app: Flask) -> None:
    body = '{"name": "Åsa"}'.encode()
    signature = base64.b64encode(hmac.new(b"hemlig", body, hashlib.sha256).digest()).decode()
    assert parsing.is_signed("hemlig", body, signature)
    for secret, text, given_signature in (
        ("annan", body, signature),
        ("hemlig", body + b" ", signature),
        ("hemlig", body, signature[:-2]),
        ("hemlig", body, ""),
        ("hemlig", body, "åäö"),
    ):
        assert not parsing.is_signed(secret, text, given_signature)


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "kr"},
        {"currency": None},
        {"id": None},
        {"line_items": []},
        {"line_items": None},
        {"total": "NaN"},
        {"total": "mycket"},
        {"line_items": [{**WOO["line_items"][0], "total": "-500"}]},
        {"line_items": [{**WOO["line_items"][0], "total": "Infinity"}]},
        {"line_items": [{**WOO["line_items"][0], "quantity": 10**9}]},
        {"line_items": [WOO["line_items"][0]] * 501},
        {"date_created_gmt": "2099-01-01T00:00:00"},
    ],
    ids=str,
)
def test_an_invalid_order_is_refused(app: Flask, changes: dict[str, Any]) -> None:
    with pytest.raises(RuleViolation):
        read(WooCommerce, woo(**changes))


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(child_path for name, child in children for child_path in paths_in(child, (*path, name)))]


def replace_at(value: Any, path: tuple[Any, ...], replacement: Any) -> Any:
    if not path:
        return replacement
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replace_at(value[path[0]], path[1:], replacement)
    return copy


@pytest.mark.parametrize(("adapter", "example"), [(WooCommerce, WOO), (Shopify, SHOPIFY)])
def test_any_value_in_any_place_is_converted_or_refused(app: Flask, adapter: Adapter, example: dict[str, Any]) -> None:
    @settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(paths_in(example)[1:]), ANY_JSON)
    def check(path: tuple[Any, ...], value: Any) -> None:
        changed = replace_at(example, path, value)
        with suppress(RuleViolation):
            read(adapter, changed)
        adapter.meaning(changed, settings_of(adapter))
        adapter.changed_at(changed, settings_of(adapter))

    check()


def test_an_invalid_tax_rate_is_ignored(app: Flask) -> None:
    for rate in (True, "0.25", None, 7, float("nan")):
        item = {**SHOPIFY["line_items"][0], "tax_lines": [{"price": "109.80", "rate": rate}]}
        (line,) = read(Shopify, shopify(line_items=[item])).lines
        assert line.vat_rate == 2500, rate
