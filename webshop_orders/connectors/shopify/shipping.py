"""The shipping of Shopify's orders: what is charged for it now.

https://shopify.dev/docs/api/admin-graphql/latest/objects/ShippingLine
https://shopify.dev/docs/api/admin-rest/latest/resources/refund
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.shopify.amounts import amount_of, stated_amount
from webshop_orders.connectors.shopify.ledger import Ledger
from webshop_orders.connectors.shopify.taxes import Taxed, discounted, split_by_rate, with_tax
from webshop_orders.models.charge import ChargeKind

MAX_NAME_LENGTH = 200


def add_shipping(ledger: Ledger, payload: dict[str, Any]) -> dict[str, Any] | None:
    """Our shipping document, without the methods that an edit removed; None if there are none.

    An order has one VAT rate for its shipping: what has another one becomes a fee.
    """
    methods = [method for method in parsing.items(payload, "shipping_lines") if method.get("is_removed") is not True]
    if not methods:
        return None
    by_rate: dict[int, list[tuple[str | None, Taxed]]] = defaultdict(list)
    refunded = {} if ledger.is_void else _refunded(ledger, payload)
    for method in methods:
        title = parsing.text(method, "title", max_length=MAX_NAME_LENGTH)
        charged = _charged(ledger, method, refunded.get(parsing.text(method, "id"), Decimal(0)))
        if charged.charged < 0:
            ledger.add_charge(ChargeKind.DEDUCTION, title or _("Shipping"), charged)
            continue
        for taxed in split_by_rate(method, charged, ledger.currency):
            by_rate[taxed.vat_rate].append((title, taxed))
    sums = {rate: sum(taxed.charged for _title, taxed in parts) for rate, parts in by_rate.items()}
    main_rate = max(sums, key=lambda rate: sums[rate], default=0)
    for rate, parts in by_rate.items():
        for title, taxed in parts:
            if rate != main_rate and taxed.charged:
                ledger.add_charge(ChargeKind.FEE, title or _("Shipping"), taxed)
    for _title, taxed in by_rate.get(main_rate, []):
        ledger.taxes[main_rate] += taxed.tax
        ledger.shipping_price += ledger.currency.round(taxed.charged)
    titles = [title for method in methods if (title := parsing.text(method, "title"))]
    return {
        "method": ", ".join(dict.fromkeys(titles))[:MAX_NAME_LENGTH] or None,
        "price": ledger.shipping_price,
        "vat_rate": main_rate,
    }


def stated_shipping(ledger: Ledger, payload: dict[str, Any]) -> int | None:
    """What the shop states for all shipping, where that is comparable: with VAT, and of one rate."""
    stated = stated_amount(payload, "current_shipping_price_set", ledger.currency)
    methods = [method for method in parsing.items(payload, "shipping_lines") if method.get("is_removed") is not True]
    has_fees = any(charge["kind"] == ChargeKind.FEE for charge in ledger.rows.charges)
    if stated is None or stated < 0 or not ledger.includes_vat or has_fees or not methods:
        return None
    return ledger.currency.round(stated)


def _charged(ledger: Ledger, method: dict[str, Any], refunded: Decimal) -> Taxed:
    """What a method costs after its discounts and refunds, which its current price has in it where it states one."""
    amount = discounted(method, ledger.currency)
    taxed = with_tax(method, amount, ledger.currency, includes_vat=ledger.includes_vat)
    if ledger.is_void or amount <= 0:
        return taxed
    current = stated_amount(method, "current_discounted_price_set", ledger.currency)
    left = amount - refunded if current is None else current
    return taxed.part(min(max(left, Decimal(0)), amount) / amount)


def _refunded(ledger: Ledger, payload: dict[str, Any]) -> dict[str | None, Decimal]:
    """What was refunded of each shipping method, by its id; with VAT only if prices include it.

    Until the version 2024-10 a refund of shipping is an adjustment of the order, without the method that it is of.
    """
    refunded: dict[str | None, Decimal] = defaultdict(Decimal)
    methods = parsing.items(payload, "shipping_lines")
    only = parsing.text(methods[0], "id") if methods else None
    for refund in parsing.items(payload, "refunds"):
        lines = parsing.items(refund, "refund_shipping_lines")
        for line in lines:
            method = parsing.text(line, "shipping_line_id") or parsing.text(parsing.part(line, "shipping_line"), "id")
            refunded[method or only] += amount_of(line, "subtotal_amount_set", ledger.currency)
        if lines:
            continue
        for adjustment in parsing.items(refund, "order_adjustments"):
            if parsing.text(adjustment, "kind") == "shipping_refund":
                tax = amount_of(adjustment, "tax_amount", ledger.currency) if ledger.includes_vat else Decimal(0)
                refunded[only] += abs(amount_of(adjustment, "amount", ledger.currency) + tax)
    return refunded
