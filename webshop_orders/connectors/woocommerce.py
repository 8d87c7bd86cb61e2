"""WooCommerce's orders, the same in its REST API v3 and its webhooks.

https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import Currency
from webshop_orders.errors import RuleViolation
from webshop_orders.validation.writing import format_timestamp

CANCELLED = {"cancelled", "failed", "refunded", "trash"}
NOT_PLACED = {"pending", "checkout-draft", "auto-draft", "draft"}
COMPLETED = "completed"
PAYMENT_METHODS = {"klarna": "klarna", "kco": "klarna", "stripe": "card", "swish": "swish", "invoice": "invoice"}
INVOICE_METHODS = {"bacs", "cod", "cheque"}
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
    """WooCommerce's orders as our order documents; their amounts are net, with the tax in a field beside them."""

    name = "woocommerce"
    prefix = "wc-"
    is_signed = staticmethod(parsing.is_signed)

    @classmethod
    def recognises(cls, payload: Any) -> bool:
        """Whether a payload is an order of WooCommerce's."""
        return isinstance(payload, dict) and "billing" in payload and "line_items" in payload

    @classmethod
    def orders(cls, payload: Any) -> list[dict[str, Any]]:
        """The orders of a file: one, `{"orders": […]}` or a list."""
        orders = payload.get("orders", [payload]) if isinstance(payload, dict) else payload
        return [order for order in orders if isinstance(order, dict)] if isinstance(orders, list) else []

    @classmethod
    def reference(cls, payload: dict[str, Any], prefix: str = prefix) -> str:
        return parsing.reference(payload, prefix)

    @classmethod
    def is_cancelled(cls, payload: dict[str, Any]) -> bool:
        return parsing.text(payload, "status") in CANCELLED

    @classmethod
    def is_placed(cls, payload: dict[str, Any]) -> bool:
        return parsing.text(payload, "status") not in NOT_PLACED

    @classmethod
    def changed_at(cls, payload: dict[str, Any]) -> datetime | None:
        return parsing.timestamp(payload, "date_modified_gmt", UTC)

    @classmethod
    def document(cls, payload: dict[str, Any], *, prefix: str = prefix) -> dict[str, Any]:
        """Our order document, its prices with VAT; raises RuleViolation for malformed amounts, or without an id."""
        payload = parsing.unescape(payload)
        currency = Currency.from_code(parsing.text(payload, "currency"))
        rates = {parsing.integer(tax, "rate_id"): _stated_rate(tax) for tax in parsing.items(payload, "tax_lines")}
        billing, shipping = parsing.part(payload, "billing"), parsing.part(payload, "shipping")
        name = _full_name(billing) or parsing.text(billing, "company") or parsing.text(billing, "email")
        name = name or parsing.PLACEHOLDER
        billing_address = parsing.address_document(billing, ADDRESS, name)
        shipping_address = parsing.address_document(shipping, ADDRESS, _full_name(shipping) or name)
        return {
            "external_reference": cls.reference(payload, prefix),
            "placed_at": _timestamp(payload, "date_created"),
            "currency": currency.code,
            "prices_include_vat": True,
            "customer": {
                "name": name,
                "company": parsing.text(billing, "company"),
                "email": parsing.email(billing, "email"),
                "phone": parsing.phone(billing, "phone"),
            },
            **parsing.address_documents(billing_address, shipping_address, name),
            "payment": {"method": _method(payload), "paid": _paid(payload, currency)},
            "shipping": _shipping(payload, currency, rates),
            "lines": _lines(payload, currency, rates),
            "comment": parsing.comment(payload, "customer_note"),
            "shipped_at": _timestamp(payload, "date_completed")
            if parsing.text(payload, "status") == COMPLETED
            else None,
        }


Rates = dict[int | None, Decimal | None]


def _lines(payload: dict[str, Any], currency: Currency, rates: Rates) -> list[dict[str, Any]]:
    lines, discount = [], 0
    for item in parsing.items(payload, "line_items"):
        quantity = parsing.integer(item, "quantity") or 0
        if quantity > 0:
            before = _gross(item, currency, "subtotal")
            lines.append(
                parsing.line_document(
                    sku=_sku(item),
                    name=parsing.product_name(item, "name") or _sku(item),
                    quantity=quantity,
                    before=before,
                    after=_gross(item, currency, "total"),
                    vat_rate=_rate(item, currency, rates),
                )
            )
    for fee in parsing.items(payload, "fee_lines"):
        amount = _gross(fee, currency, "total", allow_negative=True)
        if amount < 0:
            discount -= amount
        elif amount:
            name, rate = parsing.product_name(fee, "name") or "Fee", _rate(fee, currency, rates)
            lines.append(
                parsing.line_document(sku="FEE", name=name, quantity=1, before=amount, after=amount, vat_rate=rate)
            )
    parsing.allocate_discount(lines, discount)
    return lines


def _shipping(payload: dict[str, Any], currency: Currency, rates: Rates) -> dict[str, Any] | None:
    methods = parsing.items(payload, "shipping_lines")
    if not methods:
        return None
    titles = [title for method in methods if (title := parsing.text(method, "method_title"))]
    return {
        "method": ", ".join(dict.fromkeys(titles))[:200] or None,
        "price": sum(_gross(method, currency, "total") for method in methods),
        "vat_rate": max(_rate(method, currency, rates) for method in methods),
    }


def _gross(item: dict[str, Any], currency: Currency, name: str, *, allow_negative: bool = False) -> int:
    """An amount with its tax; older shops leave out the tax of the subtotal."""
    tax = item.get(f"{name}_tax")
    amount = currency.round(currency.exact(item.get(name), name) + currency.exact(tax, f"{name}_tax"))
    if amount < 0 and not allow_negative:
        raise RuleViolation(_("%(field)s is below nought.", field=name))
    return amount


def _rate(item: dict[str, Any], currency: Currency, rates: Rates) -> int:
    taxes = [tax for tax in parsing.items(item, "taxes") if currency.exact(tax.get("total"), "taxes") != 0]
    stated = [rates.get(parsing.integer(tax, "id")) for tax in taxes]
    valid = [rate for rate in stated if rate is not None]
    is_stated = bool(valid) and len(valid) == len(stated)
    tax, net = currency.exact(item.get("total_tax"), "total_tax"), currency.exact(item.get("total"), "total")
    return parsing.vat_rate(tax, net, sum(valid, Decimal(0)) if is_stated else None)


def _stated_rate(tax: dict[str, Any]) -> Decimal | None:
    """The rate of a tax in basis points; shops before WooCommerce 3.7 do not have it."""
    percent = tax.get("rate_percent")
    if isinstance(percent, bool) or not isinstance(percent, int | float) or not 0 <= percent <= 100:
        return None
    return Decimal(str(percent)) * 100


def _paid(payload: dict[str, Any], currency: Currency) -> int:
    if not (parsing.text(payload, "date_paid") or parsing.text(payload, "date_paid_gmt")):
        return 0
    refunded = sum(currency.minor(refund.get("total"), "refunds") for refund in parsing.items(payload, "refunds"))
    return max(0, currency.minor(payload.get("total"), "total") - abs(refunded))


def _method(payload: dict[str, Any]) -> str | None:
    method = (parsing.text(payload, "payment_method") or "").casefold()
    if method in INVOICE_METHODS:
        return "invoice"
    mapped = next((name for prefix, name in PAYMENT_METHODS.items() if method.startswith(prefix)), None)
    return mapped or ("card" if "card" in method else parsing.text(payload, "payment_method_title") or method or None)


def _full_name(value: dict[str, Any]) -> str | None:
    names = [parsing.text(value, "first_name"), parsing.text(value, "last_name")]
    return " ".join(name for name in names if name)[:200] or None


def _sku(item: dict[str, Any]) -> str:
    if sku := parsing.sku(item, "sku"):
        return sku
    product, variation = parsing.integer(item, "product_id"), parsing.integer(item, "variation_id")
    return f"wc-product-{product or 0}" + (f"-{variation}" if variation else "")


def _timestamp(payload: dict[str, Any], name: str) -> str | None:
    return format_timestamp(parsing.timestamp(payload, f"{name}_gmt", UTC))
