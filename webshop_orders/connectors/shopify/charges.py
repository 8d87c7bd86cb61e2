"""What Shopify's orders cost besides lines and shipping: tips, duties, further fees and the rounding of cash.

https://shopify.dev/docs/api/admin-rest/latest/resources/order
https://shopify.dev/docs/api/admin-graphql/latest/objects/CashRoundingAdjustment
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import Currency
from webshop_orders.connectors.shopify.amounts import amount_of, stated_amount, stated_minor
from webshop_orders.connectors.shopify.ledger import Ledger
from webshop_orders.connectors.shopify.taxes import Taxed, discounted, with_tax
from webshop_orders.connectors.shopify.units import refund_lines, tip_items, units_of
from webshop_orders.models.charge import ChargeKind


def add_charges(ledger: Ledger, payload: dict[str, Any]) -> None:
    """Add tips, duties and further fees to the rows of an order; its shipping must be there already."""
    _add_tips(ledger, payload)
    _add_duties(ledger, payload)
    _add_fees(ledger, payload)


def cash_rounding(payload: dict[str, Any], currency: Currency) -> int:
    """What a payment in cash was rounded by; `total_price` is without it."""
    return stated_minor(payload, "total_cash_rounding_payment_adjustment_set", currency) or 0


def _add_tips(ledger: Ledger, payload: dict[str, Any]) -> None:
    """Tips are lines of their own, and `total_tip_received` is their sum: in older orders it stands alone."""
    refunds, tips = refund_lines(payload), tip_items(payload)
    for item in tips:
        units = units_of(item, refunds)
        if units is None or not units.ordered:
            continue
        amount = discounted(item, ledger.currency)
        taxed = with_tax(item, amount, ledger.currency, includes_vat=ledger.includes_vat, units=units.ordered)
        quantity = units.ordered if ledger.is_void else units.left
        if taxed.charged and quantity:
            title = parsing.text(item, "title") or parsing.text(item, "name") or _("Tip")
            ledger.add_charge(ChargeKind.TIP, title, taxed.part(quantity / units.ordered))
    received = amount_of(payload, "total_tip_received", ledger.currency)
    if received > 0 and not tips:
        ledger.add_charge(ChargeKind.TIP, _("Tip"), Taxed(received, Decimal(0), 0))


def _add_duties(ledger: Ledger, payload: dict[str, Any]) -> None:
    if payload.get("duties_included") is True:  # they are in the prices of the lines
        return
    original = stated_amount(payload, "original_total_duties_set", ledger.currency)
    current = stated_amount(payload, "current_total_duties_set", ledger.currency)
    duties = original if ledger.is_void or "current_total_duties_set" not in payload else current
    if not duties:
        return
    taxes = [
        amount_of(line, "price", ledger.currency)
        for item in parsing.items(payload, "line_items")
        for duty in parsing.items(item, "duties")
        for line in parsing.items(duty, "tax_lines")
    ]
    tax = sum(taxes, Decimal(0)) * (duties / original if original else 1)
    _add_taxed(ledger, ChargeKind.DUTY, _("Duties"), duties, tax)


def _add_fees(ledger: Ledger, payload: dict[str, Any]) -> None:
    """Add the further fees of an order, with the VAT that no other part of it has."""
    name = "original_total_additional_fees_set" if ledger.is_void else "current_total_additional_fees_set"
    if not (fees := amount_of(payload, name, ledger.currency)):
        return
    total = stated_amount(payload, "current_total_tax", ledger.currency)
    rest = Decimal(0) if total is None or ledger.is_void else total - sum(ledger.taxes.values(), Decimal(0))
    _add_taxed(ledger, ChargeKind.FEE, _("Additional fees"), fees, rest if 1 < rest < fees else Decimal(0))


def _add_taxed(ledger: Ledger, kind: ChargeKind, name: str, amount: Decimal, tax: Decimal) -> None:
    net = amount - tax if ledger.includes_vat else amount
    ledger.add_charge(kind, name, Taxed(net + tax, tax, parsing.vat_rate(tax, net)))
