"""The shipping of Shopify's orders: what is charged for it now.

https://shopify.dev/docs/api/admin-graphql/latest/objects/ShippingLine
https://shopify.dev/docs/api/admin-rest/latest/resources/refund
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
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
    methods = _methods(ledger, payload)
    if not methods:
        return None
    by_rate: dict[int, list[tuple[str | None, Taxed]]] = defaultdict(list)
    for method, refunded in zip(methods, _refunded(ledger, methods, payload), strict=True):
        title = parsing.text(method, "title", max_length=MAX_NAME_LENGTH)
        charged = _charged(ledger, method, refunded)
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
    has_fees = any(charge["kind"] == ChargeKind.FEE for charge in ledger.rows.charges)
    if stated is None or stated < 0 or not ledger.includes_vat or has_fees or not _methods(ledger, payload):
        return None
    return ledger.currency.round(stated)


def _methods(ledger: Ledger, payload: dict[str, Any]) -> list[dict[str, Any]]:
    """The methods that are left: one that costs nothing now, though nothing was refunded of it, was removed too."""
    methods = [method for method in parsing.items(payload, "shipping_lines") if method.get("is_removed") is not True]
    if ledger.is_void or any(_shipping_refunds(ledger, payload)):
        return methods
    prices = [stated_amount(method, "current_discounted_price_set", ledger.currency) for method in methods]
    return [
        method
        for method, price in zip(methods, prices, strict=True)
        if price != 0 or discounted(method, ledger.currency) <= 0
    ]


def _charged(ledger: Ledger, method: dict[str, Any], refunded: Decimal) -> Taxed:
    """What a method costs after its discounts and refunds, which its current price has in it where it states one."""
    amount = discounted(method, ledger.currency)
    taxed = with_tax(method, amount, ledger.currency, includes_vat=ledger.includes_vat)
    if ledger.is_void or amount <= 0:
        return taxed
    current = stated_amount(method, "current_discounted_price_set", ledger.currency)
    left = amount - refunded if current is None else current
    return taxed.part(min(max(left, Decimal(0)), amount) / amount)


def _refunded(ledger: Ledger, methods: list[dict[str, Any]], payload: dict[str, Any]) -> list[Decimal]:
    """What was refunded of each shipping method; with VAT only if prices include it.

    Until the version 2024-10 a refund of shipping is an adjustment of the order, without the method that it is of: the
    one that costs as much, or else the first ones.
    """
    ids = [parsing.text(method, "id") for method in methods]
    left = [max(Decimal(0), discounted(method, ledger.currency)) for method in methods]
    refunded = [Decimal(0) for _method in methods]
    for method_id, amount in _shipping_refunds(ledger, payload):
        same = [index for index in range(len(methods)) if method_id == ids[index] or (not method_id and left[index])]
        same.sort(key=lambda index: left[index] != amount)
        rest = amount
        for index in same:
            taken = min(rest, left[index])
            refunded[index] += taken
            left[index] -= taken
            rest -= taken
    return refunded


def _shipping_refunds(ledger: Ledger, payload: dict[str, Any]) -> Iterator[tuple[str | None, Decimal]]:
    """The refunds of shipping, each with the id of its method where it has one."""
    for refund in parsing.items(payload, "refunds"):
        lines = parsing.items(refund, "refund_shipping_lines")
        for line in lines:
            method = parsing.text(line, "shipping_line_id") or parsing.text(parsing.part(line, "shipping_line"), "id")
            yield method, amount_of(line, "subtotal_amount_set", ledger.currency)
        for adjustment in parsing.items(refund, "order_adjustments") if not lines else []:
            if parsing.text(adjustment, "kind") == "shipping_refund":
                tax = amount_of(adjustment, "tax_amount", ledger.currency) if ledger.includes_vat else Decimal(0)
                yield None, abs(amount_of(adjustment, "amount", ledger.currency) + tax)
