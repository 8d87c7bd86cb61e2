"""How a Shopify order is paid: its methods, and what came in by each of them.

https://shopify.dev/docs/api/admin-rest/latest/resources/transaction
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import Currency
from webshop_orders.connectors.shopify.gateways import method_that_paid, payment_method
from webshop_orders.connectors.shopify.refunds import is_successful, transaction_amount


@dataclass(frozen=True)
class Received:
    """What each method paid before refunds, in minor units, and what went back; only of orders with transactions."""

    by_method: dict[str, int]
    paid_back: int

    @property
    def net(self) -> int:
        return sum(self.by_method.values()) - self.paid_back


def received(payload: dict[str, Any], currency: Currency) -> Received | None:
    """What the transactions of an order say that it was paid with; None where it has none that moved money in.

    Shopify's messages about orders have no transactions; files that apps export may have them.
    """
    by_method: dict[str, Decimal] = defaultdict(Decimal)
    paid_back = Decimal(0)
    for transaction in parsing.items(payload, "transactions"):
        amount = transaction_amount(transaction, payload, currency)
        if is_successful(transaction, "sale", "capture"):
            by_method[payment_method(parsing.text(transaction, "gateway")) or parsing.PLACEHOLDER] += amount
        elif is_successful(transaction, "refund", "change"):
            paid_back += amount
    if not by_method:
        return None
    return Received({method: currency.round(amount) for method, amount in by_method.items()}, currency.round(paid_back))


def method_document(payload: dict[str, Any], paid: Received | None) -> dict[str, Any]:
    """The fields of our payment that name its methods: the one that paid most, and the parts of several."""
    amounts = {method: amount for method, amount in (paid.by_method if paid else {}).items() if amount > 0}
    names = payload.get("payment_gateway_names")
    gateways = [parsing.text({"name": name}, "name") for name in names] if isinstance(names, list) else []
    if not any(gateways):
        gateways = [parsing.text(payload, "gateway")]
    of_gateways = method_that_paid(payment_method(gateway) for gateway in gateways)
    return {
        "method": max(amounts, key=lambda method: amounts[method], default=of_gateways),
        "parts": [{"method": method, "amount": amount} for method, amount in amounts.items()]
        if len(amounts) > 1
        else [],
    }
