"""Shopify's orders: the CSV of its export of orders.

https://help.shopify.com/manual/fulfillment/managing-orders/exporting-orders
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import Currency
from webshop_orders.connectors.shopify import PAID, Shopify, payment_method
from webshop_orders.errors import RuleViolation
from webshop_orders.validation.writing import format_timestamp

MAX_FIELD_LENGTH = 100_000


def documents(text: str) -> list[Callable[[], dict[str, Any]]]:
    """Our order documents from Shopify's export of orders, in which an order has as many rows as lines.

    Each function builds one document. Raises RuleViolation if the text is not such an export.
    """
    limit = csv.field_size_limit(MAX_FIELD_LENGTH)
    try:
        rows = list(csv.DictReader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise RuleViolation(_("This is no CSV: %(reason)s.", reason=error)) from None
    finally:
        csv.field_size_limit(limit)
    if not rows or not {"Name", "Lineitem name", "Lineitem quantity", "Lineitem price"} <= set(rows[0]):
        raise RuleViolation(_("This is no export of orders from Shopify: it lacks the columns Name and Lineitem name."))
    orders: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        orders.setdefault(row.get("Name") or "", []).append(row)
    return [partial(_document_of_rows, rows) for rows in orders.values()]


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
            "method": payment_method(parsing.text(first, "Payment Method")),
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
