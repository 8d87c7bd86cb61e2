"""Orders as WooCommerce writes them, in its REST API v3 and its webhooks alike.

https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import Currency
from webshop_orders.errors import RuleViolation

CANCELLED = {"cancelled", "failed", "refunded", "trash"}
NOT_YET = {"pending", "checkout-draft", "auto-draft", "draft"}
DONE = "completed"
METHODS = {"klarna": "klarna", "kco": "klarna", "stripe": "card", "swish": "swish", "invoice": "invoice"}
INVOICES = {"bacs", "cod", "cheque"}
ADDRESS = {
    "company": "company",
    "street": "address_1",
    "street2": "address_2",
    "postal_code": "postcode",
    "city": "city",
    "region": "state",
    "country": "country",
}


class WooCommerce:
    """WooCommerce's orders as our order documents; amounts are net with their tax beside them."""

    name = "woocommerce"
    prefix = "wc-"
    is_signed = staticmethod(parsing.is_signed)

    @classmethod
    def recognises(cls, payload: Any) -> bool:
        return isinstance(payload, dict) and "billing" in payload and "line_items" in payload

    @classmethod
    def orders(cls, payload: Any) -> list[dict[str, Any]]:
        """The orders of a file, be it one, or a list of them."""
        found = payload.get("orders", [payload]) if isinstance(payload, dict) else payload
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    @classmethod
    def reference(cls, payload: dict[str, Any], prefix: str = prefix) -> str:
        return parsing.reference(payload, prefix)

    @classmethod
    def is_cancelled(cls, payload: dict[str, Any]) -> bool:
        return parsing.text(payload, "status") in CANCELLED

    @classmethod
    def is_placed(cls, payload: dict[str, Any]) -> bool:
        return parsing.text(payload, "status") not in NOT_YET

    @classmethod
    def changed_at(cls, payload: dict[str, Any]) -> datetime | None:
        return parsing.timestamp(payload, "date_modified_gmt", naive_is_utc=True)

    @classmethod
    def document(cls, payload: dict[str, Any], *, prefix: str = prefix) -> dict[str, Any]:
        """Our order document, with VAT included in its prices; raises Refused for what is no amount or no order."""
        currency = Currency.named(parsing.text(payload, "currency"))
        rates = {parsing.whole(tax, "rate_id"): _percent(tax) for tax in parsing.items(payload, "tax_lines")}
        billing, shipping = parsing.part(payload, "billing"), parsing.part(payload, "shipping")
        name = _name_in(billing) or parsing.text(billing, "company") or parsing.text(billing, "email") or NAMELESS
        here = parsing.address(billing, ADDRESS, name)
        there = parsing.address(shipping, ADDRESS, _name_in(shipping) or name)
        return {
            "external_reference": cls.reference(payload, prefix),
            "placed_at": _moment(payload, "date_created"),
            "currency": currency.code,
            "prices_include_vat": True,
            "customer": {
                "name": name,
                "company": parsing.text(billing, "company"),
                "email": parsing.email(billing, "email"),
                "phone": parsing.text(billing, "phone", most=40),
            },
            "billing_address": here or there or parsing.address({"city": "-"}, ADDRESS, name),
            "shipping_address": there or here,
            "payment": {"method": _method(payload), "paid": _paid(payload, currency)},
            "shipping": _shipping(payload, currency, rates),
            "lines": _lines(payload, currency, rates),
            "comment": parsing.text(payload, "customer_note", most=10_000, lines=True),
            "shipped_at": _moment(payload, "date_completed") if parsing.text(payload, "status") == DONE else None,
        }


NAMELESS = "-"
Rates = dict[int | None, Decimal | None]


def _lines(payload: dict[str, Any], currency: Currency, rates: Rates) -> list[dict[str, Any]]:
    lines, discount = [], 0
    for item in parsing.items(payload, "line_items"):
        quantity = parsing.whole(item, "quantity") or 0
        if quantity > 0:
            before = _gross(item, currency, "subtotal")
            lines.append(
                parsing.line(
                    sku=_sku(item),
                    name=parsing.text(item, "name", most=300) or _sku(item),
                    quantity=quantity,
                    before=before,
                    after=_gross(item, currency, "total"),
                    vat_rate=_rate(item, currency, rates),
                )
            )
    for fee in parsing.items(payload, "fee_lines"):
        amount = _gross(fee, currency, "total", may_be_negative=True)
        if amount < 0:
            discount -= amount
        elif amount:
            name, rate = parsing.text(fee, "name", most=300) or "Fee", _rate(fee, currency, rates)
            lines.append(parsing.line(sku="FEE", name=name, quantity=1, before=amount, after=amount, vat_rate=rate))
    parsing.spread(lines, discount)
    return lines


def _shipping(payload: dict[str, Any], currency: Currency, rates: Rates) -> dict[str, Any] | None:
    chosen = parsing.items(payload, "shipping_lines")
    if not chosen:
        return None
    titles = [title for one in chosen if (title := parsing.text(one, "method_title"))]
    return {
        "method": ", ".join(dict.fromkeys(titles))[:200] or None,
        "price": sum(_gross(one, currency, "total") for one in chosen),
        "vat_rate": max(_rate(one, currency, rates) for one in chosen),
    }


def _gross(item: dict[str, Any], currency: Currency, name: str, *, may_be_negative: bool = False) -> int:
    """What something costs with its tax; the tax of a subtotal is missing in older shops."""
    tax = item.get(f"{name}_tax")
    amount = currency.round(currency.exact(item.get(name), name) + currency.exact(tax, f"{name}_tax"))
    if amount < 0 and not may_be_negative:
        raise RuleViolation(_("%(field)s is below nought.", field=name))
    return amount


def _rate(item: dict[str, Any], currency: Currency, rates: Rates) -> int:
    stated = [rates.get(parsing.whole(tax, "id")) for tax in parsing.items(item, "taxes") if _has_amount(tax, currency)]
    known = [rate for rate in stated if rate is not None]
    is_stated = bool(known) and len(known) == len(stated)
    tax, net = currency.exact(item.get("total_tax"), "total_tax"), currency.exact(item.get("total"), "total")
    return parsing.vat_rate(tax, net, sum(known, Decimal(0)) if is_stated else None)


def _has_amount(tax: dict[str, Any], currency: Currency) -> bool:
    return currency.exact(tax.get("total"), "taxes") != 0


def _percent(tax: dict[str, Any]) -> Decimal | None:
    """The rate of a tax in basis points, where the shop tells it (since WooCommerce 3.7)."""
    given = tax.get("rate_percent")
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= 100:
        return None
    return Decimal(str(given)) * 100


def _paid(payload: dict[str, Any], currency: Currency) -> int:
    if not (parsing.text(payload, "date_paid") or parsing.text(payload, "date_paid_gmt")):
        return 0
    refunded = sum(currency.minor(one.get("total"), "refunds") for one in parsing.items(payload, "refunds"))
    return max(0, currency.minor(payload.get("total"), "total") - abs(refunded))


def _method(payload: dict[str, Any]) -> str | None:
    method = (parsing.text(payload, "payment_method") or "").casefold()
    if method in INVOICES:
        return "invoice"
    known = next((ours for start, ours in METHODS.items() if method.startswith(start)), None)
    return known or ("card" if "card" in method else parsing.text(payload, "payment_method_title") or method or None)


def _name_in(value: dict[str, Any]) -> str | None:
    names = [parsing.text(value, "first_name"), parsing.text(value, "last_name")]
    return " ".join(name for name in names if name)[:200] or None


def _sku(item: dict[str, Any]) -> str:
    if sku := parsing.text(item, "sku", most=100):
        return sku
    product, variation = parsing.whole(item, "product_id"), parsing.whole(item, "variation_id")
    return f"wc-product-{product or 0}" + (f"-{variation}" if variation else "")


def _moment(payload: dict[str, Any], name: str) -> str | None:
    return parsing.timestamp_text(parsing.timestamp(payload, f"{name}_gmt", naive_is_utc=True))
