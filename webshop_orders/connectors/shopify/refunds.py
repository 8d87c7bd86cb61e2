"""The money of an order's refunds, in minor units of the shop's currency.

https://shopify.dev/docs/api/admin-rest/latest/resources/refund
https://shopify.dev/docs/api/admin-rest/latest/resources/transaction
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import Currency
from webshop_orders.connectors.shopify.amounts import amount_of, stated_amount

ITEMISED = ("refund_line_items", "refund_shipping_lines", "order_adjustments", "duties", "refund_duties")


@dataclass(frozen=True)
class Refunded:
    """What the shop gave back; of that beyond what was returned as `goodwill`, and `kept` of what was returned."""

    paid_back: int
    goodwill: int
    kept: int


def refunded(payload: dict[str, Any], currency: Currency) -> Refunded:
    """What the refunds of an order gave back. One that is not paid out, as after an edit, gives nothing."""
    paid_back, beyond = Decimal(0), Decimal(0)
    for refund in parsing.items(payload, "refunds"):
        amounts = [
            transaction_amount(transaction, payload, currency)
            for transaction in parsing.items(refund, "transactions")
            if is_successful(transaction, "refund")
        ]
        if amounts:
            given = sum(amounts, Decimal(0))
            paid_back += given
            beyond += beyond_items(refund, given, currency)
    difference = currency.round(beyond)
    return Refunded(currency.round(paid_back), max(0, difference), max(0, -difference))


def is_successful(transaction: dict[str, Any], *kinds: str) -> bool:
    return parsing.text(transaction, "kind") in kinds and parsing.text(transaction, "status") == "success"


def transaction_amount(transaction: dict[str, Any], payload: dict[str, Any], currency: Currency) -> Decimal:
    """What a transaction moved; one in the customer's currency is converted as the total of the order was."""
    if (stated := stated_amount(transaction, "amount_set", currency)) is not None:
        return abs(stated)
    code = parsing.text(transaction, "currency") or currency.code
    if code == currency.code:
        return abs(amount_of(transaction, "amount", currency))
    total = parsing.part(payload, "total_price_set")
    paid = Currency.from_code(code).exact(parsing.part(total, "presentment_money").get("amount"), "total_price_set")
    amount = abs(amount_of(transaction, "amount", Currency.from_code(code)))
    return amount_of(payload, "total_price", currency) * amount / paid if paid else Decimal(0)


def beyond_items(refund: dict[str, Any], given: Decimal, currency: Currency) -> Decimal:
    """What a refund gave beyond what its items cost; below zero if it gave less.

    Shopify states it as an adjustment of the kind `refund_discrepancy`, below zero where more was given.
    """
    if not any(parsing.items(refund, name) for name in ITEMISED):
        return given
    adjustments = parsing.items(refund, "order_adjustments")
    discrepancies = [
        amount_of(adjustment, "amount", currency) + amount_of(adjustment, "tax_amount", currency)
        for adjustment in adjustments
        if parsing.text(adjustment, "kind") in {"refund_discrepancy", None}
    ]
    has_items = any(parsing.items(refund, name) for name in ITEMISED if name != "order_adjustments")
    has_items = has_items or len(discrepancies) < len(adjustments)
    return -sum(discrepancies, Decimal(0)) if has_items else given
