"""What the status of a Shopify order means: it is put together from when it was cancelled, its payment and sending."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webshop_orders.connectors import parsing
from webshop_orders.connectors.shopify.units import RESTOCKED, VOID_PAYMENTS, has_nothing_left
from webshop_orders.connectors.source_settings import StatusMeaning

STATUSES: Mapping[str, StatusMeaning] = {
    "cancelled": StatusMeaning.CANCELLED,
    "refunded": StatusMeaning.CANCELLED,
    "voided": StatusMeaning.CANCELLED,
    "restocked": StatusMeaning.CANCELLED,
    "draft": StatusMeaning.LEFT_OUT,
    "fulfilled": StatusMeaning.SHIPPED,
    "partial": StatusMeaning.PLACED,
    "pending": StatusMeaning.PLACED,
    "authorized": StatusMeaning.PLACED,
    "partially_paid": StatusMeaning.PLACED,
    "paid": StatusMeaning.PLACED,
    "partially_refunded": StatusMeaning.PLACED,
    "expired": StatusMeaning.PLACED,
    "open": StatusMeaning.PLACED,
}


def status_of(payload: dict[str, Any]) -> str:
    """The status of an order, a key of STATUSES or a new one of Shopify's: the first of these that it has.

    Cancelled, a draft, wholly refunded, voided, sent, sent in part, and else that of its payment.
    """
    payment, sending = parsing.text(payload, "financial_status"), parsing.text(payload, "fulfillment_status")
    if payload.get("cancelled_at") is not None:
        return "cancelled"
    if "invoice_url" in payload:  # only drafts have one, which becomes an order when its invoice is paid
        return "draft"
    if payment in VOID_PAYMENTS:
        return payment
    if sending == RESTOCKED:
        return RESTOCKED
    if has_nothing_left(payload):
        return "refunded"
    return sending if sending in {"fulfilled", "partial"} else payment or "open"
