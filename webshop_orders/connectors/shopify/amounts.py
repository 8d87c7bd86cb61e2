"""Amounts of Shopify's orders, in minor units of the shop's currency with their fractions.

A plain amount, and the `shop_money` of a field that ends with `_set`, are in the currency of the shop;
`presentment_money` is in that of the customer, and is not read.
https://shopify.dev/docs/api/admin-rest/latest/resources/order
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import Currency


def stated_amount(value: dict[str, Any], name: str, currency: Currency) -> Decimal | None:
    """The amount in a field of an object, or in the `shop_money` of that field; None if it is not stated."""
    raw = value.get(name)
    if isinstance(raw, dict):
        raw = parsing.part(raw, "shop_money").get("amount")
    return None if raw is None or raw == "" else currency.exact(raw, name)


def stated_minor(value: dict[str, Any], name: str, currency: Currency) -> int | None:
    """As `stated_amount`, rounded to minor units."""
    amount = stated_amount(value, name, currency)
    return None if amount is None else currency.round(amount)


def amount_of(value: dict[str, Any], name: str, currency: Currency) -> Decimal:
    """As `stated_amount`, with 0 for what is not stated."""
    return stated_amount(value, name, currency) or Decimal(0)
