"""Shopify's orders: the CSV of its export of orders, in which an order has as many rows as lines.

https://help.shopify.com/manual/fulfillment/managing-orders/exporting-orders
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.countries import country_code
from webshop_orders.connectors.files import cells, shopify_sums, tables, vat_search
from webshop_orders.connectors.files.cells import DateOrder, TimeReading
from webshop_orders.connectors.files.shopify_sums import OrderSums
from webshop_orders.connectors.files.tables import Layout, Row
from webshop_orders.connectors.files.vat_search import Tax, TaxedAmount, VatRates
from webshop_orders.connectors.parsing import Currency
from webshop_orders.connectors.shopify import attributes, gateways
from webshop_orders.connectors.source_settings import SourceSettings
from webshop_orders.connectors.sums import Rows
from webshop_orders.errors import RuleViolation
from webshop_orders.models.attribute import MAX_ATTRIBUTES
from webshop_orders.models.charge import ChargeKind
from webshop_orders.validation.writing import format_timestamp

NAME = "shopify-csv"
REQUIRED_COLUMNS = (
    "Name",
    "Created at",
    "Currency",
    "Taxes",
    "Total",
    "Lineitem name",
    "Lineitem quantity",
    "Lineitem price",
)
KNOWN_COLUMNS = (
    *REQUIRED_COLUMNS,
    *("Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at", "Subtotal", "Shipping", "Id"),
    *("Discount Code", "Discount Amount", "Shipping Method", "Lineitem sku", "Billing Name", "Shipping Name", "Notes"),
    *("Cancelled at", "Payment Method", "Refunded Amount", "Outstanding Balance", "Lineitem discount", "Tax 1 Name"),
)
TIME_COLUMNS = ("Created at", "Paid at", "Fulfilled at", "Cancelled at")
TIP_NAMES = {"tip", "dricks"}
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


@dataclass
class Export:
    """An export of orders: how many orders it has, and what its dates prove about each other.

    `is_scattered` is true if a spreadsheet has sorted the rows of an order away from each other.
    """

    layout: Layout
    count: int = 0
    is_scattered: bool = False
    dates: DateOrder = field(default_factory=DateOrder)


def recognises(layout: Layout) -> bool:
    """Whether a table is an export of orders, even if columns that are needed are missing."""
    return layout.has("Name") and any(heading.startswith("lineitem ") for heading in layout.columns)


def open_export(layout: Layout) -> Export:
    """An export, read once from end to end; raises RuleViolation if it lacks columns, or is no CSV."""
    missing = layout.missing(REQUIRED_COLUMNS)
    if missing == ["Taxes"] and layout.has("Tax 1 Value"):
        missing = []
    if missing:
        raise RuleViolation(
            _(
                "%(path)s is an export of orders from Shopify that lacks these columns: %(columns)s.",
                path=layout.path,
                columns=", ".join(missing),
            )
        )
    export = Export(layout)
    finished: set[str] = set()
    current = None
    for row in tables.rows(layout):
        for column in TIME_COLUMNS:
            export.dates.learn(tables.cell(row, column))
        name = tables.cell(row, "Name") or current
        if name != current:
            export.is_scattered = export.is_scattered or name in finished
            export.count += name not in finished
            finished.add(name or "")
            current = name
    return export


def documents(export: Export, settings: SourceSettings) -> Iterator[tuple[int, Make]]:
    """The orders of an export, numbered, each as a function that makes its document."""
    reading = TimeReading(settings.zone, export.dates)
    for number, rows in enumerate(_orders(export), start=1):
        yield number, partial(_make, rows, settings, reading)


def _orders(export: Export) -> Iterator[list[Row]]:
    """The rows of each order, the one with the fields of the order itself first."""
    if export.is_scattered:
        groups: dict[str, list[Row]] = {}
        for row in tables.rows(export.layout):
            groups.setdefault(tables.cell(row, "Name"), []).append(row)
        yield from (sorted(rows, key=lambda row: not tables.cell(row, "Total")) for rows in groups.values())
        return
    group: list[Row] = []
    for row in tables.rows(export.layout):
        name = tables.cell(row, "Name")
        if group and name and name != tables.cell(group[0], "Name"):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


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
    items = [item for row in rows if (item := _read_item(row, currency))]
    goods = [item for item in items if not item.is_tip]
    sums = shopify_sums.read(
        first,
        currency,
        goods=sum((item.after for item in goods), Decimal(0)),
        tip=sum((item.after for item in items if item.is_tip), Decimal(0)),
        line_discounts=sum((item.before - item.after for item in goods), Decimal(0)),
    )
    items, rates = _find_rates(first, items, sums, currency)
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
        "shop_number": parsing.text(_texts(first, "Name"), "Name"),
        "is_test": cells.flag(first, "Test") is True or bool(TEST_GATEWAY.search(tables.cell(first, "Payment Method"))),
        "placed_at": format_timestamp(placed_at),
        "currency": currency.code,
        "prices_include_vat": not sums.vat_is_on_top,
        "customer": {
            "name": buyer,
            "company": parsing.text(_texts(first, "Billing Company"), "Billing Company"),
            **parsing.email_fields(_texts(first, "Email"), "Email"),
            "organisation_number": details.organisation_number,
            "phone": _phone(first, "Phone") or _phone(first, "Billing Phone") or _phone(first, "Shipping Phone"),
        },
        **parsing.address_documents(billing, shipping, buyer),
        "payment": payment,
        "shipping": {
            "method": parsing.text(_texts(first, "Shipping Method"), "Shipping Method"),
            "price": sums.shipping,
            "vat_rate": rates.rates[-1],
        },
        "lines": order_rows.lines,
        "charges": order_rows.charges,
        "attributes": details.attributes,
        "comment": parsing.comment(_texts(first, "Notes"), "Notes"),
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
    if tables.cell(first, "Cancelled at") or fulfillment == "restocked":
        raise RuleViolation(_("%(reference)s was cancelled in the shop.", reference=reference))
    if status == "refunded":
        raise RuleViolation(_("%(reference)s was refunded in the shop.", reference=reference))


@dataclass
class Item:
    """What a row of an order sells: amounts without and with its discounts, in minor units with fractions."""

    sku: str
    name: str
    quantity: Decimal
    before: Decimal
    after: Decimal
    is_taxed: bool | None
    is_tip: bool
    status: str
    properties: list[dict[str, str]]

    @property
    def key(self) -> str:
        return f"{self.sku}\n{self.name}\n{self.is_taxed}"

    @property
    def is_shipped(self) -> bool:
        return self.status == "fulfilled"

    def add_to(self, rows: Rows, rate: int) -> int | None:
        """Add the line, or a charge, to the rows of an order; the index of the line."""
        if self.is_tip:
            rows.add_charge(ChargeKind.TIP, self.name, self.after)
            return None
        return rows.add_item(
            sku=self.sku,
            name=self.name,
            quantity=self.quantity,
            before=self.before,
            after=self.after,
            vat_rate=rate,
            properties=self.properties,
        )


def _read_item(row: Row, currency: Currency) -> Item | None:
    name = parsing.product_name(_texts(row, "Lineitem name"), "Lineitem name")
    sku = parsing.sku(_texts(row, "Lineitem sku"), "Lineitem sku")
    amount_text = tables.cell(row, "Lineitem quantity")
    if not (name or sku):
        if amount_text or tables.cell(row, "Lineitem price"):
            raise RuleViolation(_("%(field)s is missing.", field="Lineitem name"))
        return None  # a row that has nothing but a further payment or tax of the order
    for column in ("Lineitem quantity", "Lineitem price"):
        if not tables.cell(row, column):
            raise RuleViolation(_("«%(name)s»: %(field)s is missing.", name=name or sku, field=column))
    quantity = cells.decimal(amount_text, "Lineitem quantity", decimals=3)
    before = cells.amount(row, "Lineitem price", currency) * quantity
    discount = cells.amount(row, "Lineitem discount", currency)
    is_taxed = cells.flag(row, "Lineitem taxable")
    label = name or sku or parsing.PLACEHOLDER
    is_tip = label.casefold() in TIP_NAMES and not sku and is_taxed is not True
    return Item(
        sku=sku or f"shopify-custom-{parsing.slug(label)}",
        name=label,
        quantity=quantity,
        before=before,
        after=before - discount,
        is_taxed=False if is_tip else is_taxed,
        is_tip=is_tip,
        status=tables.cell(row, "Lineitem fulfillment status").casefold(),
        properties=parsing.attribute_documents(_pairs(tables.cell(row, "Lineitem properties"))),
    )


def _find_rates(first: Row, items: list[Item], sums: OrderSums, currency: Currency) -> tuple[list[Item], VatRates]:
    """The items without the discount on the whole order, and their rates and, last, that of shipping.

    The export does not tell what the discount was on: all of it in proportion, or one product.
    """
    country = country_code(tables.cell(first, "Shipping Country") or tables.cell(first, "Billing Country")) or ""
    taxes = _taxes(first, currency)
    for discounted in _discounted(items, sums.goods_discount):
        amounts = [TaxedAmount(item.key, Currency.round(item.after), item.is_taxed) for item in discounted]
        amounts.append(TaxedAmount("", sums.shipping, None))
        found = vat_search.find_rates(amounts, taxes, sums.vat, includes_vat=not sums.vat_is_on_top, country=country)
        if found is not None:
            return discounted, found
    raise RuleViolation(_("The file does not tell which product has which VAT rate. Import the order as JSON instead."))


def _taxes(first: Row, currency: Currency) -> list[Tax]:
    taxes = []
    for index in range(1, shopify_sums.MAX_TAXES + 1):
        name, value = tables.cell(first, f"Tax {index} Name"), tables.cell(first, f"Tax {index} Value")
        if name or value:
            amount = Currency.round(cells.amount(first, f"Tax {index} Value", currency))
            taxes.append(Tax(name, amount if value else None))
    return taxes


def _discounted(items: list[Item], discount: int) -> Iterator[list[Item]]:
    """The items after a discount that is shared among all, or is on one of them."""
    shares = shopify_sums.share(discount, [Decimal(0) if item.is_tip else item.after for item in items])
    yield [replace(item, after=item.after - share) for item, share in zip(items, shares, strict=True)]
    for one in items if discount and len(items) > 1 else []:
        if one.after >= discount and not one.is_tip:
            yield [replace(item, after=item.after - discount) if item is one else item for item in items]


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
                {"name": name, "value": value} for name, value in _pairs(tables.cell(first, "Note Attributes"))
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


def _pairs(text: str) -> list[tuple[str, str]]:
    """Names and values that are written one per line, such as `Engraving: Ada`; a line without a name goes on."""
    pairs: list[tuple[str, str]] = []
    for line in text.splitlines():
        name, separator, value = line.partition(":")
        if separator and name.strip():
            pairs.append((name.strip(), value.strip()))
        elif pairs:
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]}\n{line}")
        elif line.strip():
            pairs.append((_("Note"), line.strip()))
    return pairs


def _address(first: Row, kind: str, name: str) -> dict[str, Any] | None:
    value = {column: tables.cell(first, f"{kind} {column}") for column in ADDRESS.values()}
    value["Address1"] = value["Address1"] or tables.cell(first, f"{kind} Street")
    value["Province Name"] = value["Province Name"] or tables.cell(first, f"{kind} Province")
    value["Zip"] = cells.whole_number(first, f"{kind} Zip")
    return parsing.address_document(value, ADDRESS, parsing.text(_texts(first, f"{kind} Name"), f"{kind} Name") or name)


def _phone(row: Row, column: str) -> str | None:
    text = cells.whole_number(row, column)
    return parsing.phone({column: text}, column)


def _texts(row: Mapping[str, str], *columns: str) -> dict[str, str]:
    return {column: tables.cell(row, column) for column in columns}
