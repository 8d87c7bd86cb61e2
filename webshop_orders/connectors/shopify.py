"""Shopify's orders: the JSON of its Admin REST API and webhooks, and the CSV of its export of orders.

https://shopify.dev/docs/api/admin-rest/latest/resources/order
https://help.shopify.com/manual/fulfillment/managing-orders/exporting-orders
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial
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
MAX_CSV_FIELD_LENGTH = 100_000


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
            "payment": {"method": _method(_gateway(payload)), "paid": _paid(payload, currency)},
            "shipping": _shipping(payload, currency),
            "lines": _lines(payload, currency),
            "comment": parsing.comment(payload, "note"),
            "shipped_at": _shipped_at(payload),
        }

    @classmethod
    def from_csv(cls, text: str) -> list[Callable[[], dict[str, Any]]]:
        """Our order documents from Shopify's export of orders, in which an order has as many rows as lines.

        Each function builds one document. Raises RuleViolation if the text is not such an export.
        """
        limit = csv.field_size_limit(MAX_CSV_FIELD_LENGTH)
        try:
            rows = list(csv.DictReader(io.StringIO(text), strict=True))
        except csv.Error as error:
            raise RuleViolation(_("This is no CSV: %(reason)s.", reason=error)) from None
        finally:
            csv.field_size_limit(limit)
        if not rows or not {"Name", "Lineitem name", "Lineitem quantity", "Lineitem price"} <= set(rows[0]):
            raise RuleViolation(
                _("This is no export of orders from Shopify: it lacks the columns Name and Lineitem name.")
            )
        orders: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            orders.setdefault(row.get("Name") or "", []).append(row)
        return [partial(_document_of_rows, rows) for rows in orders.values()]


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


def _method(gateway: str | None) -> str | None:
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


def _document_of_rows(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """One order of the export; the first of its rows has the fields of the order itself."""
    first = rows[0]
    currency = Currency.from_code(first.get("Currency") or None)
    name = parsing.text(first, "Billing Name") or parsing.text(first, "Shipping Name") or first.get("Email")
    name = name or parsing.PLACEHOLDER
    billing, shipping = _address_in_row(first, "Billing", name), _address_in_row(first, "Shipping", name)
    number = parsing.text(first, "Id") or parsing.text(first, "Name")
    if number is None:
        raise RuleViolation(_("%(field)s is missing.", field="Name"))
    lines = [_line_of_row(row, currency) for row in rows if row.get("Lineitem name")]
    total, paid_status = currency.minor(first.get("Total"), "Total"), (first.get("Financial Status") or "").lower()
    shipping_price = currency.minor(first.get("Shipping"), "Shipping")
    charged = sum(line["quantity"] * line["unit_price"] - line["discount"] for line in lines) + shipping_price
    rate = _rate_in_name(first)
    taxes = currency.minor(first.get("Taxes"), "Taxes")
    if charged + taxes - currency.minor(first.get("Discount Amount"), "Discount Amount") == total and taxes:
        raise RuleViolation(_("The prices of this export are without VAT. Import the order as JSON instead."))
    if charged > total:
        parsing.allocate_discount(lines, charged - total)
    return {
        "external_reference": f"{Shopify.prefix}{number}",
        "placed_at": _time(first, "Created at"),
        "currency": currency.code,
        "prices_include_vat": True,
        "customer": {
            "name": name,
            "company": parsing.text(first, "Billing Company"),
            "email": parsing.email(first, "Email"),
            "phone": parsing.phone(first, "Phone") or parsing.phone(first, "Billing Phone"),
        },
        **parsing.address_documents(billing, shipping, name),
        "payment": {
            "method": _method(parsing.text(first, "Payment Method")),
            "paid": max(0, total - currency.minor(first.get("Refunded Amount"), "Refunded Amount"))
            if paid_status in PAID
            else 0,
        },
        "shipping": {"method": parsing.text(first, "Shipping Method"), "price": shipping_price, "vat_rate": rate},
        "lines": [{**line, "vat_rate": rate} for line in lines],
        "comment": parsing.comment(first, "Notes"),
        "shipped_at": _time(first, "Fulfilled at") if first.get("Fulfillment Status") == "fulfilled" else None,
    }


def _line_of_row(row: dict[str, Any], currency: Currency) -> dict[str, Any]:
    quantity = parsing.integer(row, "Lineitem quantity") or 0
    if quantity <= 0:
        raise RuleViolation(_("%(field)s must be a whole number.", field="Lineitem quantity"))
    before = currency.minor(row.get("Lineitem price"), "Lineitem price") * quantity
    discount = currency.minor(row.get("Lineitem discount"), "Lineitem discount")
    if before < 0 or not 0 <= discount <= before:
        raise RuleViolation(_("%(field)s is below nought.", field="Lineitem price"))
    name = parsing.product_name(row, "Lineitem name") or parsing.PLACEHOLDER
    sku = parsing.sku(row, "Lineitem sku") or re.sub(r"\W+", "-", name.casefold())[:100]
    return parsing.line_document(
        sku=sku, name=name, quantity=quantity, before=before, after=before - discount, vat_rate=0
    )


def _address_in_row(row: dict[str, Any], kind: str, name: str) -> dict[str, Any] | None:
    columns = {
        "company": "Company",
        "street": "Address1",
        "street2": "Address2",
        "postal_code": "Zip",
        "city": "City",
        "region": "Province",
        "country": "Country",
    }
    # An apostrophe keeps spreadsheets from reading a postal code as a number.
    row = {**row, f"{kind} Zip": (row.get(f"{kind} Zip") or "").lstrip("'")}
    names = {field: f"{kind} {column}" for field, column in columns.items()}
    return parsing.address_document(row, names, parsing.text(row, f"{kind} Name") or name)


def _rate_in_name(row: dict[str, Any]) -> int:
    """The VAT rate in basis points, from the name of the tax, such as `VAT 25%`."""
    match = re.search(r"([0-9]{1,2}(?:\.[0-9]{1,2})?)\s*%", row.get("Tax 1 Name") or "")
    return Currency.round(Decimal(match[1]) * 100) if match else 0


def _time(row: dict[str, Any], name: str) -> str | None:
    """A time of the export, such as `2026-11-20 10:15:00 +0100`."""
    raw = re.sub(r" ([+-][0-9]{2})([0-9]{2})$", r"\1:\2", (row.get(name) or "").strip())
    return format_timestamp(parsing.timestamp({name: raw}, name))
