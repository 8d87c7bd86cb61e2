"""Orders as Shopify writes them: as JSON in its Admin REST API and webhooks, and as its export of orders.

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
LONGEST_CSV_FIELD = 100_000
NAMELESS = "-"


class Shopify:
    """Shopify's orders as our order documents, with VAT included in their prices."""

    name = "shopify"
    prefix = "shopify-"
    is_signed = staticmethod(parsing.is_signed)

    @classmethod
    def recognises(cls, payload: Any) -> bool:
        return isinstance(payload, dict) and {"line_items", "currency"} <= set(payload) and "billing" not in payload

    @classmethod
    def orders(cls, payload: Any) -> list[dict[str, Any]]:
        """The orders of a file: one, `{"order": …}`, `{"orders": […]}` or a list."""
        if isinstance(payload, dict):
            payload = payload["orders"] if "orders" in payload else [payload.get("order", payload)]
        return [one for one in payload if isinstance(one, dict)] if isinstance(payload, list) else []

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
        """Our order document; raises Refused for what is no amount or no order."""
        currency = Currency.named(parsing.text(payload, "currency"))
        billing, shipping = parsing.part(payload, "billing_address"), parsing.part(payload, "shipping_address")
        who, email = billing or shipping, parsing.email(payload, "email") or parsing.email(payload, "contact_email")
        name = _name_in(who) or _name_in(parsing.part(payload, "customer")) or email or NAMELESS
        here = parsing.address(billing, ADDRESS, _name_in(billing) or name)
        there = parsing.address(shipping, ADDRESS, _name_in(shipping) or name)
        locale = parsing.text(payload, "customer_locale") or ""
        return {
            "external_reference": cls.reference(payload, prefix),
            "placed_at": parsing.timestamp_text(
                parsing.timestamp(payload, "processed_at") or parsing.timestamp(payload, "created_at")
            ),
            "currency": currency.code,
            "language": locale[:2].lower() if re.match("[A-Za-z]{2}(-|$)", locale) else None,
            "prices_include_vat": True,
            "customer": {
                "name": name,
                "company": parsing.text(who, "company"),
                "email": email,
                "phone": parsing.text(payload, "phone", most=40) or parsing.text(who, "phone", most=40),
            },
            "billing_address": here or there or parsing.address({"city": "-"}, ADDRESS, name),
            "shipping_address": there or here,
            "payment": {"method": _method(_gateway(payload)), "paid": _paid(payload, currency)},
            "shipping": _shipping(payload, currency),
            "lines": _lines(payload, currency),
            "comment": parsing.text(payload, "note", most=10_000, lines=True),
            "shipped_at": _shipped_at(payload),
        }

    @classmethod
    def from_csv(cls, text: str) -> list[Callable[[], dict[str, Any]]]:
        """Our order documents from Shopify's export of orders, in which an order takes as many rows as it has lines.

        Each is made when called. Raises Refused where it is no such export.
        """
        limit = csv.field_size_limit(LONGEST_CSV_FIELD)
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
    is_included, lines = payload.get("taxes_included") is True, []
    for item in parsing.items(payload, "line_items"):
        quantity = parsing.whole(item, "current_quantity")
        ordered = parsing.whole(item, "quantity") or 0
        quantity = ordered if quantity is None else min(quantity, ordered)
        if quantity <= 0:
            continue
        price = currency.exact(item.get("price"), "price")
        net = price * ordered - _discount(item, currency)
        tax = sum((currency.exact(one.get("price"), "tax_lines") for one in _taxes(item)), Decimal(0))
        kept = Decimal(quantity) / Decimal(ordered)
        rate = _rate(item, tax, net - tax if is_included else net)
        before = price * ordered * (1 if is_included else 1 + Decimal(rate) / 10_000)
        after = net if is_included else net + tax
        if after < 0:
            raise RuleViolation(_("%(field)s is below nought.", field="line_items"))
        lines.append(
            parsing.line(
                sku=_sku(item),
                name=parsing.text(item, "name", most=300) or parsing.text(item, "title", most=300) or _sku(item),
                quantity=quantity,
                before=currency.round(before * kept),
                after=currency.round(after * kept),
                vat_rate=rate,
            )
        )
    tip = currency.minor(payload.get("total_tip_received"), "total_tip_received")
    if tip > 0:
        lines.append(parsing.line(sku="FEE", name="Tip", quantity=1, before=tip, after=tip, vat_rate=0))
    return lines


def _shipping(payload: dict[str, Any], currency: Currency) -> dict[str, Any] | None:
    chosen = parsing.items(payload, "shipping_lines")
    if not chosen:
        return None
    is_included, price, rates = payload.get("taxes_included") is True, 0, [0]
    for one in chosen:
        net = currency.exact(one.get("price"), "price") - _discount(one, currency)
        tax = sum((currency.exact(tax.get("price"), "tax_lines") for tax in _taxes(one)), Decimal(0))
        if net < 0 or tax < 0:
            raise RuleViolation(_("%(field)s is below nought.", field="shipping_lines"))
        rates.append(_rate(one, tax, net - tax if is_included else net))
        price += currency.round(net if is_included else net + tax)
    titles = [title for one in chosen if (title := parsing.text(one, "title"))]
    return {"method": ", ".join(dict.fromkeys(titles))[:200] or None, "price": price, "vat_rate": max(rates)}


def _discount(item: dict[str, Any], currency: Currency) -> Decimal:
    """What allocations take off; older orders tell the sum alone."""
    if "discount_allocations" in item:
        allocated = parsing.items(item, "discount_allocations")
        return sum((currency.exact(one.get("amount"), "discount_allocations") for one in allocated), Decimal(0))
    return currency.exact(item.get("total_discount"), "total_discount")


def _taxes(item: dict[str, Any]) -> list[dict[str, Any]]:
    return parsing.items(item, "tax_lines")


def _rate(item: dict[str, Any], tax: Decimal, net: Decimal) -> int:
    stated = [one.get("rate") for one in _taxes(item)]
    numbers = [rate for rate in stated if isinstance(rate, int | float) and not isinstance(rate, bool)]
    known = [Decimal(str(rate)) for rate in numbers if 0 <= rate <= 1]
    is_stated = bool(known) and len(known) == len(stated)
    return parsing.vat_rate(tax, net, sum(known, Decimal(0)) * 10_000 if is_stated else None)


def _paid(payload: dict[str, Any], currency: Currency) -> int:
    if parsing.text(payload, "financial_status") not in PAID:
        return 0
    refunded = 0
    for refund in parsing.items(payload, "refunds"):
        for one in parsing.items(refund, "transactions"):
            if parsing.text(one, "kind") == "refund" and parsing.text(one, "status") == "success":
                refunded += abs(currency.minor(one.get("amount"), "amount"))
    return max(0, currency.minor(payload.get("total_price"), "total_price") - refunded)


def _gateway(payload: dict[str, Any]) -> str | None:
    names = payload.get("payment_gateway_names")
    first = names[0] if isinstance(names, list) and names and isinstance(names[0], str) else None
    return parsing.text({"gateway": first}, "gateway") or parsing.text(payload, "gateway")


def _method(gateway: str | None) -> str | None:
    known = (ours for start, ours in GATEWAYS.items() if gateway and start in gateway.casefold())
    return next(known, None) or gateway


def _shipped_at(payload: dict[str, Any]) -> str | None:
    if parsing.text(payload, "fulfillment_status") != "fulfilled":
        return None
    done = [one for one in parsing.items(payload, "fulfillments") if parsing.text(one, "status") in {"success", None}]
    times = [at for one in done if (at := parsing.timestamp(one, "created_at"))]
    return parsing.timestamp_text(max(times, default=None) or parsing.timestamp(payload, "updated_at"))


def _name_in(value: dict[str, Any]) -> str | None:
    names = [parsing.text(value, "first_name"), parsing.text(value, "last_name")]
    return parsing.text(value, "name") or " ".join(name for name in names if name)[:200] or None


def _sku(item: dict[str, Any]) -> str:
    return parsing.text(item, "sku", most=100) or f"shopify-variant-{parsing.whole(item, 'variant_id') or 0}"


def _document_of_rows(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """One order of the export; what is of the order stands in its first row."""
    first = rows[0]
    currency = Currency.named(first.get("Currency") or None)
    name = parsing.text(first, "Billing Name") or parsing.text(first, "Shipping Name") or first.get("Email") or NAMELESS
    billing, shipping = _address_in(first, "Billing", name), _address_in(first, "Shipping", name)
    number = parsing.text(first, "Id") or parsing.text(first, "Name")
    if number is None:
        raise RuleViolation(_("%(field)s is missing.", field="Name"))
    lines = [_line_of_row(row, currency) for row in rows if row.get("Lineitem name")]
    total, paid_status = currency.minor(first.get("Total"), "Total"), (first.get("Financial Status") or "").lower()
    shipping_price = currency.minor(first.get("Shipping"), "Shipping")
    charged = sum(line["quantity"] * line["unit_price"] - line["discount"] for line in lines) + shipping_price
    rate = _rate_named(first)
    taxes = currency.minor(first.get("Taxes"), "Taxes")
    if charged + taxes - currency.minor(first.get("Discount Amount"), "Discount Amount") == total and taxes:
        raise RuleViolation(_("The prices of this export are without VAT. Import the order as JSON instead."))
    if charged > total:
        parsing.spread(lines, charged - total)
    return {
        "external_reference": f"{Shopify.prefix}{number}",
        "placed_at": _time(first, "Created at"),
        "currency": currency.code,
        "prices_include_vat": True,
        "customer": {
            "name": name,
            "company": parsing.text(first, "Billing Company"),
            "email": parsing.email(first, "Email"),
            "phone": parsing.text(first, "Phone", most=40) or parsing.text(first, "Billing Phone", most=40),
        },
        "billing_address": billing or shipping or parsing.address({"city": "-"}, ADDRESS, name),
        "shipping_address": shipping or billing,
        "payment": {
            "method": _method(parsing.text(first, "Payment Method")),
            "paid": max(0, total - currency.minor(first.get("Refunded Amount"), "Refunded Amount"))
            if paid_status in PAID
            else 0,
        },
        "shipping": {"method": parsing.text(first, "Shipping Method"), "price": shipping_price, "vat_rate": rate},
        "lines": [{**line, "vat_rate": rate} for line in lines],
        "comment": parsing.text(first, "Notes", most=10_000, lines=True),
        "shipped_at": _time(first, "Fulfilled at") if first.get("Fulfillment Status") == "fulfilled" else None,
    }


def _line_of_row(row: dict[str, Any], currency: Currency) -> dict[str, Any]:
    quantity = parsing.whole(row, "Lineitem quantity") or 0
    if quantity <= 0:
        raise RuleViolation(_("%(field)s must be a whole number.", field="Lineitem quantity"))
    before = currency.minor(row.get("Lineitem price"), "Lineitem price") * quantity
    discount = currency.minor(row.get("Lineitem discount"), "Lineitem discount")
    if before < 0 or not 0 <= discount <= before:
        raise RuleViolation(_("%(field)s is below nought.", field="Lineitem price"))
    name = parsing.text(row, "Lineitem name", most=300) or NAMELESS
    sku = parsing.text(row, "Lineitem sku", most=100) or re.sub(r"\W+", "-", name.casefold())[:100]
    return parsing.line(sku=sku, name=name, quantity=quantity, before=before, after=before - discount, vat_rate=0)


def _address_in(row: dict[str, Any], whose: str, name: str) -> dict[str, Any] | None:
    columns = {
        "company": "Company",
        "street": "Address1",
        "street2": "Address2",
        "postal_code": "Zip",
        "city": "City",
        "region": "Province",
        "country": "Country",
    }
    # Spreadsheets take a postal code for a number unless an apostrophe stands before it.
    row = {**row, f"{whose} Zip": (row.get(f"{whose} Zip") or "").lstrip("'")}
    own = parsing.text(row, f"{whose} Name") or name
    return parsing.address(row, {ours: f"{whose} {theirs}" for ours, theirs in columns.items()}, own)


def _rate_named(row: dict[str, Any]) -> int:
    """The VAT rate in the tax's name, such as `VAT 25%`."""
    match = re.search(r"([0-9]{1,2}(?:\.[0-9]{1,2})?)\s*%", row.get("Tax 1 Name") or "")
    return Currency.round(Decimal(match[1]) * 100) if match else 0


def _time(row: dict[str, Any], name: str) -> str | None:
    """A time as the export writes it, such as `2026-11-20 10:15:00 +0100`."""
    given = re.sub(r" ([+-][0-9]{2})([0-9]{2})$", r"\1:\2", (row.get(name) or "").strip())
    return parsing.timestamp_text(parsing.timestamp({name: given}, name))
