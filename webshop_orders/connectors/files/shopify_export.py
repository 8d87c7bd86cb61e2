"""Shopify's export of orders as a table: its columns, and which of its rows are one order.

https://help.shopify.com/manual/fulfillment/managing-orders/exporting-orders
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from flask_babel import gettext as _

from webshop_orders.connectors.files import tables
from webshop_orders.connectors.files.cells import DateOrder
from webshop_orders.connectors.files.tables import Layout, Row
from webshop_orders.errors import RuleViolation

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


def orders(export: Export) -> Iterator[list[Row]]:
    """The rows of each order, the one with the fields of the order itself first."""
    if export.is_scattered:
        groups: dict[str, list[Row]] = {}
        for row in tables.rows(export.layout):
            groups.setdefault(tables.cell(row, "Name"), []).append(row)
        yield from map(_with_fields_first, groups.values())
        return
    group: list[Row] = []
    for row in tables.rows(export.layout):
        name = tables.cell(row, "Name")
        if group and name and name != tables.cell(group[0], "Name"):
            yield _with_fields_first(group)
            group = []
        group.append(row)
    if group:
        yield _with_fields_first(group)


def _with_fields_first(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: not tables.cell(row, "Total"))
