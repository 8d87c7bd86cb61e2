"""Shopify's orders: the JSON of its Admin REST API and webhooks.

https://shopify.dev/docs/api/admin-rest/latest/resources/order
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import Currency
from webshop_orders.errors import RuleViolation
from webshop_orders.validation.writing import format_timestamp

PAID = {"paid", "partially_refunded", "refunded"}
GATEWAYS = {
    "klarna": "klarna",
    "shopify_payments": "card",
    "stripe": "card",
    "swish": "swish",
    "invoice": "invoice",
    "manual": "invoice",
    "bank": "invoice",
}
ADDRESS = {
    "company": "company",
    "street": "address1",
    "street2": "address2",
    "postal_code": "zip",
    "city": "city",
    "region": "province",
    "country": "country_code",
}


class Shopify:
    """Shopify's orders as our order documents, with VAT included in their prices."""

    name = "shopify"
    prefix = "shopify-"
    is_signed = staticmethod(parsing.is_signed)

    @classmethod
    def recognises(cls, payload: Any) -> bool:
        """Whether a payload is an order of Shopify's."""
        return isinstance(payload, dict) and {"line_items", "currency"} <= set(payload) and "billing" not in payload

    @classmethod
    def orders(cls, payload: Any) -> list[dict[str, Any]]:
        """The orders of a file: one, `{"order": …}`, `{"orders": […]}` or a list."""
        if isinstance(payload, dict):
            payload = payload["orders"] if "orders" in payload else [payload.get("order", payload)]
        return [order for order in payload if isinstance(order, dict)] if isinstance(payload, list) else []

    @classmethod
    def reference(cls, payload: dict[str, Any], prefix: str = prefix) -> str:
        return parsing.reference(payload, prefix)

    @classmethod
    def is_cancelled(cls, payload: dict[str, Any]) -> bool:
        return payload.get("cancelled_at") is not None

    @classmethod
    def is_placed(cls, payload: dict[str, Any]) -> bool:
        return True

    @classmethod
    def changed_at(cls, payload: dict[str, Any]) -> datetime | None:
        return parsing.timestamp(payload, "updated_at")

    @classmethod
    def document(cls, payload: dict[str, Any], *, prefix: str = prefix) -> dict[str, Any]:
        """Our order document; raises RuleViolation for malformed amounts, or without an id."""
        currency = Currency.from_code(parsing.text(payload, "currency"))
        billing, shipping = parsing.part(payload, "billing_address"), parsing.part(payload, "shipping_address")
        buyer, email = billing or shipping, parsing.email(payload, "email") or parsing.email(payload, "contact_email")
        name = _full_name(buyer) or _full_name(parsing.part(payload, "customer")) or email or parsing.PLACEHOLDER
        billing_address = parsing.address_document(billing, ADDRESS, _full_name(billing) or name)
        shipping_address = parsing.address_document(shipping, ADDRESS, _full_name(shipping) or name)
        locale = parsing.text(payload, "customer_locale") or ""
        return {
            "external_reference": cls.reference(payload, prefix),
            "placed_at": format_timestamp(
                parsing.timestamp(payload, "processed_at") or parsing.timestamp(payload, "created_at")
            ),
            "currency": currency.code,
            "language": locale[:2].lower() if re.match("[A-Za-z]{2}(-|$)", locale) else None,
            "prices_include_vat": True,
            "customer": {
                "name": name,
                "company": parsing.text(buyer, "company"),
                "email": email,
                "phone": parsing.phone(payload, "phone") or parsing.phone(buyer, "phone"),
            },
            **parsing.address_documents(billing_address, shipping_address, name),
            "payment": {"method": payment_method(_gateway(payload)), "paid": _paid(payload, currency)},
            "shipping": _shipping(payload, currency),
            "lines": _lines(payload, currency),
            "comment": parsing.comment(payload, "note"),
            "shipped_at": _shipped_at(payload),
        }


def _lines(payload: dict[str, Any], currency: Currency) -> list[dict[str, Any]]:
    includes_vat, lines = payload.get("taxes_included") is True, []
    for item in parsing.items(payload, "line_items"):
        quantity = parsing.integer(item, "current_quantity")
        ordered = parsing.integer(item, "quantity") or 0
        quantity = ordered if quantity is None else min(quantity, ordered)
        if quantity <= 0:
            continue
        price = currency.exact(item.get("price"), "price")
        net = price * ordered - _discount(item, currency)
        tax = sum((currency.exact(part.get("price"), "tax_lines") for part in _taxes(item)), Decimal(0))
        share = Decimal(quantity) / Decimal(ordered)  # without refunded units
        rate = _rate(item, tax, net - tax if includes_vat else net)
        before = price * ordered * (1 if includes_vat else 1 + Decimal(rate) / 10_000)
        after = net if includes_vat else net + tax
        if after < 0:
            raise RuleViolation(_("%(field)s is below nought.", field="line_items"))
        lines.append(
            parsing.line_document(
                sku=_sku(item),
                name=parsing.product_name(item, "name") or parsing.product_name(item, "title") or _sku(item),
                quantity=quantity,
                before=currency.round(before * share),
                after=currency.round(after * share),
                vat_rate=rate,
            )
        )
    tip = currency.minor(payload.get("total_tip_received"), "total_tip_received")
    if tip > 0:
        lines.append(parsing.line_document(sku="FEE", name="Tip", quantity=1, before=tip, after=tip, vat_rate=0))
    return lines


def _shipping(payload: dict[str, Any], currency: Currency) -> dict[str, Any] | None:
    methods = parsing.items(payload, "shipping_lines")
    if not methods:
        return None
    includes_vat, price, rates = payload.get("taxes_included") is True, 0, [0]
    for method in methods:
        net = currency.exact(method.get("price"), "price") - _discount(method, currency)
        tax = sum((currency.exact(tax.get("price"), "tax_lines") for tax in _taxes(method)), Decimal(0))
        if net < 0 or tax < 0:
            raise RuleViolation(_("%(field)s is below nought.", field="shipping_lines"))
        rates.append(_rate(method, tax, net - tax if includes_vat else net))
        price += currency.round(net if includes_vat else net + tax)
    titles = [title for method in methods if (title := parsing.text(method, "title"))]
    return {"method": ", ".join(dict.fromkeys(titles))[:200] or None, "price": price, "vat_rate": max(rates)}


def _discount(item: dict[str, Any], currency: Currency) -> Decimal:
    """The discount of an item: its allocations, or in older orders their sum alone."""
    if "discount_allocations" in item:
        allocated = parsing.items(item, "discount_allocations")
        return sum((currency.exact(part.get("amount"), "discount_allocations") for part in allocated), Decimal(0))
    return currency.exact(item.get("total_discount"), "total_discount")


def _taxes(item: dict[str, Any]) -> list[dict[str, Any]]:
    return parsing.items(item, "tax_lines")


def _rate(item: dict[str, Any], tax: Decimal, net: Decimal) -> int:
    stated = [part.get("rate") for part in _taxes(item)]
    numbers = [rate for rate in stated if isinstance(rate, int | float) and not isinstance(rate, bool)]
    valid = [Decimal(str(rate)) for rate in numbers if 0 <= rate <= 1]
    is_stated = bool(valid) and len(valid) == len(stated)
    return parsing.vat_rate(tax, net, sum(valid, Decimal(0)) * 10_000 if is_stated else None)


def _paid(payload: dict[str, Any], currency: Currency) -> int:
    if parsing.text(payload, "financial_status") not in PAID:
        return 0
    refunded = 0
    for refund in parsing.items(payload, "refunds"):
        for transaction in parsing.items(refund, "transactions"):
            if parsing.text(transaction, "kind") == "refund" and parsing.text(transaction, "status") == "success":
                refunded += abs(currency.minor(transaction.get("amount"), "amount"))
    return max(0, currency.minor(payload.get("total_price"), "total_price") - refunded)


def _gateway(payload: dict[str, Any]) -> str | None:
    names = payload.get("payment_gateway_names")
    first = names[0] if isinstance(names, list) and names and isinstance(names[0], str) else None
    return parsing.text({"gateway": first}, "gateway") or parsing.text(payload, "gateway")


def payment_method(gateway: str | None) -> str | None:
    """Our name of a payment gateway; its own if it has none here."""
    methods = (method for part, method in GATEWAYS.items() if gateway and part in gateway.casefold())
    return next(methods, None) or gateway


def _shipped_at(payload: dict[str, Any]) -> str | None:
    if parsing.text(payload, "fulfillment_status") != "fulfilled":
        return None
    fulfillments = parsing.items(payload, "fulfillments")
    done = [item for item in fulfillments if parsing.text(item, "status") in {"success", None}]
    times = [time for item in done if (time := parsing.timestamp(item, "created_at"))]
    return format_timestamp(max(times, default=None) or parsing.timestamp(payload, "updated_at"))


def _full_name(value: dict[str, Any]) -> str | None:
    names = [parsing.text(value, "first_name"), parsing.text(value, "last_name")]
    return parsing.text(value, "name") or " ".join(name for name in names if name)[:200] or None


def _sku(item: dict[str, Any]) -> str:
    return parsing.sku(item, "sku") or f"shopify-variant-{parsing.integer(item, 'variant_id') or 0}"
