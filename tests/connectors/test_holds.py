"""What shops have on hold comes here held, and is released when they release it."""

from typing import Any

import pytest

from webshop_orders.connectors.shopify import holds as shopify
from webshop_orders.connectors.woocommerce import statuses as woocommerce

FRAUD = {"reason": "HIGH_RISK_OF_FRAUD", "reason_notes": "Ring banken"}


@pytest.mark.parametrize("status", ["on-hold", "wc-on-hold", "On hold"])
def test_woocommerce_orders_on_hold_await_payment(status: str) -> None:
    assert woocommerce.hold({"status": status}) == {"reason": "awaiting_payment"}


@pytest.mark.parametrize("status", ["processing", "pending", "completed", "cancelled", None])
def test_other_statuses_of_woocommerce_are_no_hold(status: str | None) -> None:
    assert woocommerce.hold({"status": status}) is None


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"fulfillment_status": "on_hold"}, {"reason": "other", "note": None}),
        ({"fulfillment_status": "On hold"}, {"reason": "other", "note": None}),
        (
            {"fulfillment_orders": [{"status": "open"}, {"status": "on_hold", "fulfillment_holds": [FRAUD]}]},
            {"reason": "suspected_fraud", "note": "Ring banken"},
        ),
        (
            {
                "fulfillment_orders": [
                    {"status": "on_hold", "fulfillment_holds": [{"reason": "inventory_out_of_stock"}]}
                ]
            },
            {"reason": "other", "note": None},
        ),
        ({"fulfillment_orders": [{"status": "on_hold"}]}, {"reason": "other", "note": None}),
    ],
)
def test_shopify_orders_with_a_fulfillment_on_hold_are_held(payload: dict[str, Any], expected: dict[str, Any]) -> None:
    assert shopify.read(payload) == expected


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"fulfillment_status": None},
        {"fulfillment_status": "partial"},
        {"fulfillment_orders": [{"status": "open"}]},
        {"fulfillment_orders": "on_hold"},
        {"fulfillment_orders": [None, {"status": 7}]},
    ],
)
def test_other_shopify_orders_are_not(payload: dict[str, Any]) -> None:
    assert shopify.read(payload) is None
