"""Any value in any place of a Shopify order is read or refused, and never an error of ours."""

from contextlib import suppress
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.connectors.shopify.payloads import line, method, order, refund, refund_line, shop_money
from tests.connectors.shopify.placing import SETTINGS, read
from tests.connectors.test_source_documents import ANY_JSON, paths_in, replace_at
from tests.web.conftest import on_sqlite
from webshop_orders.connectors.shopify import Shopify
from webshop_orders.errors import RuleViolation

pytestmark = on_sqlite
RICH = order(
    {**line("A", "200.00", 2, properties=[{"name": "Gravyr", "value": "Vera"}]), "current_quantity": 1},
    line(None, "10.00", id=102, tip_payment_gateway="klarna", rate="0"),
    shipping=[method("Ombud", "59.00", current_discounted_price_set=shop_money("0.00"), is_removed=False)],
    financial_status="partially_refunded",
    fulfillment_status="partial",
    phone="070-174 06 05",
    customer={"email": "edit@example.com", "first_name": "Edit"},
    tax_lines=[{"price": "91.80", "rate": 0.25}],
    refunds=[
        refund(
            "259.00",
            refund_line("200.00", total_tax="40.00"),
            refund_shipping_lines=[{"shipping_line_id": 201, "subtotal_amount_set": shop_money("59.00")}],
            order_adjustments=[{"kind": "refund_discrepancy", "amount": "-5.00", "tax_amount": "0.00"}],
        )
    ],
    transactions=[{"kind": "sale", "status": "success", "amount": "469.00", "gateway": "klarna", "currency": "EUR"}],
    total_price_set=shop_money("469.00", "42.00"),
    current_total_duties_set=shop_money("5.00"),
    original_total_duties_set=shop_money("5.00"),
    current_total_additional_fees_set=shop_money("1.00"),
    total_cash_rounding_payment_adjustment_set=shop_money("0.40"),
    fulfillments=[
        {
            "status": "success",
            "created_at": "2026-11-24T15:30:00+01:00",
            "tracking_company": "PostNord",
            "tracking_numbers": ["AB-1"],
            "tracking_urls": ["https://spar.example/1"],
            "line_items": [{"id": 101, "quantity": 1}],
        }
    ],
    note_attributes=[{"name": "Ombud", "value": "Kiosken"}],
    discount_codes=[{"code": "HÖST"}],
)


def test_the_order_is_read_as_it_is(app: Flask) -> None:
    assert [new_line.sku for new_line in read(RICH).lines] == ["A"]


def test_any_value_in_any_place_is_read_or_refused(app: Flask) -> None:
    @settings(max_examples=800, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(paths_in(RICH)[1:]), ANY_JSON)
    def check(path: tuple[Any, ...], value: Any) -> None:
        changed = replace_at(RICH, path, value)
        with suppress(RuleViolation):
            read(changed)
        Shopify.meaning(changed, SETTINGS)
        Shopify.changed_at(changed, SETTINGS)

    check()
