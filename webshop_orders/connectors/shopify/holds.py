"""Holds of Shopify's fulfillment orders.

An order's own JSON says nothing of them; what has its `fulfillment_orders` with it does, as does an export whose
fulfillment status is `on_hold`.
https://shopify.dev/docs/api/admin-rest/latest/resources/fulfillmentorder
https://shopify.dev/docs/api/admin-graphql/latest/enums/FulfillmentHoldReason
"""

from __future__ import annotations

from typing import Any

from webshop_orders.connectors import parsing
from webshop_orders.models import HoldReason

ON_HOLD = "on_hold"
REASONS = {
    "awaiting_payment": HoldReason.AWAITING_PAYMENT,
    "high_risk_of_fraud": HoldReason.SUSPECTED_FRAUD,
    "incorrect_address": HoldReason.WRONG_ADDRESS,
}


def read(payload: dict[str, Any]) -> dict[str, Any] | None:
    """The hold of an order, the first one where there are several; None where nothing of it is on hold."""
    held = [order for order in parsing.items(payload, "fulfillment_orders") if _is_on_hold(order, "status")]
    if not held and not _is_on_hold(payload, "fulfillment_status"):
        return None
    first = next((hold for order in held for hold in parsing.items(order, "fulfillment_holds")), {})
    reason = REASONS.get((parsing.text(first, "reason") or "").casefold(), HoldReason.OTHER)
    return {"reason": reason.value, "note": parsing.text(first, "reason_notes")}


def _is_on_hold(part: dict[str, Any], name: str) -> bool:
    return (parsing.text(part, name) or "").casefold().replace(" ", "_") == ON_HOLD
