"""What the statuses of WooCommerce's orders usually mean, its own and those of common plugins."""

from __future__ import annotations

from typing import Any

from webshop_orders.connectors import parsing
from webshop_orders.connectors.source_settings import StatusMeaning
from webshop_orders.models import HoldReason

REFUNDED = "refunded"
ON_HOLD = "on-hold"

# https://woocommerce.com/document/managing-orders/order-statuses/ and those of plugins: Advanced Shipment Tracking,
# Order Status Manager, Pre-Orders, Deposits, Backorders, Shipmondo, PostNord, YITH. Any other is asked for.
PLACED = """
    processing on-hold pre-ordered pre-order preordered backorder backordered partial-payment partially-paid
    partial-shipped partially-shipped partially-completed partially-fulfilled partial-fulfilled
    awaiting-shipment awaiting-shipping awaiting-fulfillment awaiting-fulfilment awaiting-pickup awaiting-collection
    awaiting-dispatch ready-to-ship ready-for-shipping ready-for-shipment ready-for-pickup ready-for-collection
    ready-pickup packed packing picked picking in-progress preparing prepared in-production production
    accepted confirmed approved order-received printed exported label-created label-printed reserved authorized
    invoiced paid
"""
SHIPPED = """
    completed shipped delivered dispatched despatched sent in-transit out-for-delivery updated-tracking fulfilled
    handed-over picked-up pickedup collected
"""
CANCELLED = """
    cancelled canceled failed refunded trash deleted voided void declined rejected
"""
LEFT_OUT = """
    pending checkout-draft auto-draft draft pending-payment awaiting-payment scheduled-payment pending-deposit
    quote request-quote ywraq-new ywraq-pending
"""

MEANINGS = {
    **dict.fromkeys(PLACED.split(), StatusMeaning.PLACED),
    **dict.fromkeys(SHIPPED.split(), StatusMeaning.SHIPPED),
    **dict.fromkeys(CANCELLED.split(), StatusMeaning.CANCELLED),
    **dict.fromkeys(LEFT_OUT.split(), StatusMeaning.LEFT_OUT),
}
# Those that a shop's settings show; the others are synonyms of theirs, and each can be given another meaning too.
SHOWN = """
    pending on-hold processing completed cancelled refunded failed checkout-draft trash
    packed awaiting-shipment ready-for-pickup partial-shipped shipped delivered picked-up dispatched updated-tracking
    pre-ordered backordered partially-paid awaiting-payment quote
"""
USUAL = {name: MEANINGS[name] for name in SHOWN.split()}


def status(payload: dict[str, Any]) -> str:
    """The status of an order, without the prefix that it has in WordPress's database."""
    return normalise(parsing.text(payload, "status") or "")


def hold(payload: dict[str, Any]) -> dict[str, str] | None:
    """The hold of an order that WooCommerce has on hold: it awaits payment, as the status is documented there."""
    return {"reason": HoldReason.AWAITING_PAYMENT.value} if status(payload) == ON_HOLD else None


def normalise(name: str) -> str:
    """The name of a status as the keys of MEANINGS are written."""
    return name.casefold().removeprefix("wc-").replace("_", "-").replace(" ", "-")
