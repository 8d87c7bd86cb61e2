"""Payment methods of Shopify's orders, by the names of their gateways."""

from __future__ import annotations

from collections.abc import Iterable

GIFT_CARD, STORE_CREDIT = "gift_card", "store_credit"
GATEWAYS = {
    "gift_card": GIFT_CARD,
    "store_credit": STORE_CREDIT,
    "klarna": "klarna",
    "shopify_payments": "card",
    "stripe": "card",
    "swish": "swish",
    "invoice": "invoice",
    "manual": "invoice",
    "bank": "invoice",
}


def payment_method(gateway: str | None) -> str | None:
    """Our payment method of a gateway, or its own name where we have none."""
    methods = (method for part, method in GATEWAYS.items() if gateway and part in gateway.casefold())
    return next(methods, None) or gateway


def method_that_paid(methods: Iterable[str | None]) -> str | None:
    """The method that paid most likely, where no amounts are known.

    Shopify names the gateways in the order in which they were tried, so it is the last one; gift cards and store
    credit pay a part.
    """
    names = [method for method in methods if method]
    others = [method for method in names if method not in {GIFT_CARD, STORE_CREDIT}]
    return next(reversed(others or names), None)
