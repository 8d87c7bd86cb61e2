"""Shopify's orders: the CSV of its export of orders, in which an order has as many rows as lines.

https://help.shopify.com/manual/fulfillment/managing-orders/exporting-orders
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.files import cells, shopify_sums, tables
from webshop_orders.connectors.files.cells import TimeReading
from webshop_orders.connectors.files.shopify_export import Export, orders
from webshop_orders.connectors.files.shopify_items import Item, find_rates, read_item
from webshop_orders.connectors.files.shopify_sums import OrderSums
from webshop_orders.connectors.files.tables import Row
from webshop_orders.connectors.parsing import Currency
from webshop_orders.connectors.shopify import attributes, gateways, holds
from webshop_orders.connectors.source_settings import SourceSettings
from webshop_orders.connectors.sums import Rows
from webshop_orders.documents.source_order import SUM_OF_REFUNDS
from webshop_orders.errors import RuleViolation
from webshop_orders.models import RefundRowKind
from webshop_orders.models.attribute import MAX_ATTRIBUTES
from webshop_orders.models.charge import ChargeKind
from webshop_orders.validation.writing import format_timestamp

PART_OF_NAME = re.compile(r"\s*\+\s*")
GIFT_CARD = re.compile(r"gift[ _]?card|presentkort", re.IGNORECASE)
TEST_GATEWAY = re.compile(r"\bbogus\b", re.IGNORECASE)
ADDRESS = {
    "company": "Company",
    "street": "Address1",
    "street2": "Address2",
    "postal_code": "Zip",
    "city": "City",
    "region": "Province Name",
    "country": "Country",
    "phone": "Phone",
}

DETAILS = ("Note Attributes", "Discount Code", "Receipt Number")
NO_DETAILS = attributes.Details(attributes=[], pickup_point=None, organisation_number=None)

Make = Callable[[], dict[str, Any]]


def documents(export: Export, settings: SourceSettings) -> Iterator[Make]:
    """The orders of an export, each as a function that makes its document."""
    reading = TimeReading(settings.zone, export.dates)
    return (partial(_make, rows, settings, reading) for rows in orders(export))


def _make(rows: list[Row], settings: SourceSettings, reading: TimeReading) -> dict[str, Any]:
    """The document of an order; what is wrong with it is said with its name."""
    _check_not_left_out(rows[0])
    try:
        return _document(rows, settings, reading)
    except RuleViolation as violation:
        name = tables.cell(rows[0], "Name") or "-"
        raise RuleViolation(f"{name}: {violation}") from None


def _document(rows: list[Row], settings: SourceSettings, reading: TimeReading) -> dict[str, Any]:
    first = rows[0]
    number = cells.whole_number(first, "Id") or tables.cell(first, "Name")
    if not number:
        raise RuleViolation(_("%(field)s is missing.", field="Name"))
    placed_at = cells.time(first, "Created at", reading)
    if placed_at is None:
        raise RuleViolation(_("%(field)s is missing.", field="Created at"))
    currency = Currency.from_code(tables.cell(first, "Currency") or None)
    items = [item for row in rows if (item := read_item(row, currency))]
    goods = [item for item in items if not item.is_tip]
    sums = shopify_sums.read(
        first,
        currency,
        goods=sum((item.after for item in goods), Decimal(0)),
        tip=sum((item.after for item in items if item.is_tip), Decimal(0)),
        line_discounts=sum((item.before - item.after for item in goods), Decimal(0)),
    )
    items, rates = find_rates(first, items, sums, currency)
    order_rows, shipped = Rows(), []
    for item, rate in zip(items, rates.rates, strict=False):
        index = item.add_to(order_rows, rate)
        if index is not None and item.is_shipped:
            shipped.append({"line": index, "quantity": order_rows.lines[index]["quantity"]})
    if sums.tip:
        order_rows.add_charge(ChargeKind.TIP, _("Tip"), Decimal(sums.tip))
    if sums.duties:
        order_rows.add_charge(ChargeKind.DUTY, _("Duties"), Decimal(sums.duties))
    buyer = tables.cell(first, "Billing Name") or tables.cell(first, "Shipping Name") or tables.cell(first, "Email")
    buyer = parsing.text({"name": buyer}, "name") or parsing.PLACEHOLDER
    billing, shipping = _address(first, "Billing", buyer), _address(first, "Shipping", buyer)
    details = _details(first)
    if details.pickup_point and (address := shipping or billing):
        shipping = {**address, "pickup_point": details.pickup_point}
    payment = _payment(first, currency, sums)
    return {
        "external_reference": f"{settings.prefix}{number}",
        "shop_number": _text(first, "Name"),
        "is_test": cells.flag(first, "Test") is True or bool(TEST_GATEWAY.search(tables.cell(first, "Payment Method"))),
        "placed_at": format_timestamp(placed_at),
        "currency": currency.code,
        "prices_include_vat": not sums.vat_is_on_top,
        "customer": {
            "name": buyer,
            "company": _text(first, "Billing Company"),
            **parsing.email_fields(tables.texts(first, "Email"), "Email"),
            "organisation_number": details.organisation_number,
            "phone": _phone(first, "Phone") or _phone(first, "Billing Phone") or _phone(first, "Shipping Phone"),
        },
        **parsing.address_documents(billing, shipping, buyer),
        "payment": payment,
        "refunds": _refunds(payment["refunded"]),
        "shipping": {
            "method": _text(first, "Shipping Method"),
            "price": sums.shipping,
            "vat_rate": rates.rates[-1],
        },
        "lines": order_rows.lines,
        "charges": order_rows.charges,
        "attributes": details.attributes,
        "comment": parsing.comment(tables.texts(first, "Notes"), "Notes"),
        "on_hold": holds.read({"fulfillment_status": tables.cell(first, "Fulfillment Status")}),
        **_shipments(first, shipped, items, order_rows, reading, placed_at),
        "totals": {
            "total": sums.total,
            "vat": {str(rate): vat for rate, vat in rates.vat.items()},
            "shipping": sums.shipping,
            "paid": payment["paid"],
            **({} if sums.outstanding is None else {"balance": sums.outstanding}),
        },
    }


def _check_not_left_out(first: Row) -> None:
    reference = tables.cell(first, "Name")
    status, fulfillment = (
        tables.cell(first, column).casefold() for column in ("Financial Status", "Fulfillment Status")
    )
    if tables.cell(first, "Cancelled at") or fulfillment == "restocked" or status == "voided":
        raise RuleViolation(_("%(reference)s was cancelled in the shop.", reference=reference))
    if status == "refunded":
        raise RuleViolation(_("%(reference)s was refunded in the shop.", reference=reference))


def _payment(first: Row, currency: Currency, sums: OrderSums) -> dict[str, Any]:
    methods = PART_OF_NAME.split(tables.cell(first, "Payment Method"))
    method = gateways.method_that_paid(gateways.payment_method(_gateway(name)) for name in methods)
    refunded = Currency.round(cells.amount(first, "Refunded Amount", currency))
    is_paid = tables.cell(first, "Financial Status").casefold() not in shopify_sums.NOT_YET_PAID
    paid = max(0, sums.total - (sums.outstanding or 0) - refunded) if is_paid else 0
    outstanding = sums.outstanding if sums.outstanding is not None else 0 if is_paid else None
    return {
        "method": method,
        "paid": paid,
        "refunded": refunded if is_paid else 0,
        "written_off": 0 if outstanding is None else max(0, sums.total - paid - outstanding),
    }


def _refunds(refunded: int) -> list[dict[str, Any]]:
    """All refunds of an order as one, since the file has their sum alone; a later message of the shop has each."""
    row = {"kind": RefundRowKind.AMOUNT.value, "amount": refunded}
    return [{"external_reference": SUM_OF_REFUNDS, "amount": refunded, "rows": [row]}] if refunded else []


def _gateway(name: str) -> str | None:
    return "gift_card" if GIFT_CARD.search(name) else parsing.text({"name": name}, "name")


def _shipments(
    first: Row, shipped: list[dict[str, int]], items: list[Item], rows: Rows, reading: TimeReading, placed_at: datetime
) -> dict[str, Any]:
    """What left already: `shipped_at` if all did, else a shipment of the lines that did."""
    status = tables.cell(first, "Fulfillment Status").casefold()
    shipped_at = cells.time(first, "Fulfilled at", reading)
    # Without that time, the latest one that the order has: it cannot have left before.
    at = format_timestamp(shipped_at or max(placed_at, cells.time(first, "Paid at", reading) or placed_at))
    if status == "fulfilled" or (shipped and len(shipped) == len(rows.lines)):
        return {"shipped_at": at}
    if partly := next((item for item in items if item.status == "partial"), None):
        raise RuleViolation(
            _(
                "The file does not tell how many of «%(name)s» have been shipped. Import the order as JSON instead.",
                name=partly.name,
            )
        )
    if status == "partial" and not shipped:
        raise RuleViolation(_("The file does not tell what has been shipped. Import the order as JSON instead."))
    return {"shipments": [{"shipped_at": at, "lines": shipped}]} if shipped else {}


def _details(first: Row) -> attributes.Details:
    """What the customer told or chose, as in the JSON of Shopify's API."""
    if not any(tables.cell(first, column) for column in DETAILS) and "+" not in tables.cell(first, "Payment Method"):
        return NO_DETAILS
    codes = [code for code in tables.cell(first, "Discount Code").split(", ") if code]
    details = attributes.details(
        {
            "note_attributes": [
                {"name": name, "value": value} for name, value in tables.pairs(tables.cell(first, "Note Attributes"))
            ],
            "discount_codes": [{"code": code} for code in codes],
        }
    )
    payment = tables.cell(first, "Payment Method")
    others = parsing.attribute_documents(
        [
            (_("Receipt number"), tables.cell(first, "Receipt Number")),
            (_("Payment methods"), payment if "+" in payment else ""),
        ]
    )
    return replace(details, attributes=[*details.attributes, *others][:MAX_ATTRIBUTES])


def _address(first: Row, kind: str, name: str) -> dict[str, Any] | None:
    value = {column: tables.cell(first, f"{kind} {column}") for column in ADDRESS.values()}
    value["Address1"] = value["Address1"] or tables.cell(first, f"{kind} Street")
    value["Province Name"] = value["Province Name"] or tables.cell(first, f"{kind} Province")
    value["Zip"] = cells.whole_number(first, f"{kind} Zip")
    return parsing.address_document(value, ADDRESS, _text(first, f"{kind} Name") or name)


def _phone(row: Row, column: str) -> str | None:
    text = cells.whole_number(row, column)
    return parsing.phone({column: text}, column)


def _text(row: Row, column: str) -> str | None:
    return parsing.text({column: tables.cell(row, column)}, column)
