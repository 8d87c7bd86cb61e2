"""Shopify's products: the CSV that its admin exports, in older and newer headings, and the JSON of its REST API.

https://help.shopify.com/manual/products/import-export/using-csv
https://shopify.dev/docs/api/admin-rest/latest/resources/product
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.files import cells, tables
from webshop_orders.connectors.files.product_entries import Entry, ProductFacts
from webshop_orders.connectors.files.product_terms import STANDARD, ZERO, ProductTerms
from webshop_orders.connectors.files.tables import Layout, Row
from webshop_orders.errors import RuleViolation

# Our names of the columns, with the headings that they have had.
COLUMNS = {
    "handle": ("Handle", "URL handle"),
    "title": ("Title",),
    "sku": ("Variant SKU", "SKU"),
    "price": ("Variant Price", "Price"),
    "taxable": ("Variant Taxable", "Charge tax"),
    "tracker": ("Variant Inventory Tracker", "Inventory tracker"),
    "quantity": ("Variant Inventory Qty", "Inventory quantity"),
    "policy": ("Variant Inventory Policy", "Continue selling when out of stock"),
    "status": ("Status",),
    "barcode": ("Variant Barcode", "Barcode"),
    "shelf_place": ("Bin name", "Bin location", "Bin", "Lagerplats"),
    "option1": ("Option1 Value",),
    "option2": ("Option2 Value",),
    "option3": ("Option3 Value",),
}
KNOWN_COLUMNS = tuple(heading for headings in COLUMNS.values() for heading in headings)
OPTIONS = ("option1", "option2", "option3")
NO_OPTION = "Default Title"


def recognises(layout: Layout) -> bool:
    return layout.has("Title") and any(layout.has(heading) for heading in COLUMNS["handle"])


def missing_columns(layout: Layout) -> list[str]:
    needed = ("sku", "price")
    return [COLUMNS[name][0] for name in needed if not any(layout.has(heading) for heading in COLUMNS[name])]


def entries(layout: Layout, terms: ProductTerms) -> Iterator[Entry]:
    """The variants of an export; the rows of a product follow each other, and only its first has its title."""
    has_quantity = any(layout.has(heading) for heading in COLUMNS["quantity"])
    product: dict[str, str] = {}
    for row in tables.rows(layout):
        values = {name: _cell(row, headings) for name, headings in COLUMNS.items()}
        if values["title"] or values["handle"] != product.get("handle"):
            product = values
        if not (values["sku"] or values["price"]):
            continue  # it has nothing but a further picture of the product
        name = _name(product["title"] or product["handle"], [values[option] for option in OPTIONS])
        yield Entry(
            values["sku"], name, partial(_facts_of_row, row, values, product, name, terms, has_quantity=has_quantity)
        )


def _facts_of_row(
    row: Row, values: dict[str, str], product: dict[str, str], name: str, terms: ProductTerms, *, has_quantity: bool
) -> ProductFacts:
    price = next((heading for heading in COLUMNS["price"] if tables.cell(row, heading)), None)
    if price is None:
        raise RuleViolation(_("%(field)s is missing.", field=COLUMNS["price"][0]))
    is_taxed = values["taxable"].casefold() not in {"false", "falskt", "no", "0"}
    rate = terms.vat_rate(STANDARD if is_taxed else ZERO)
    has_tracker = any(tables.normalise(heading) in row for heading in COLUMNS["tracker"])
    is_tracked = bool(values["tracker"]) or not has_tracker
    return ProductFacts(
        sku=values["sku"],
        name=name,
        price=terms.price(cells.amount(row, price, terms.currency), rate),
        vat_rate=rate,
        stock=_stock(values["quantity"]) if is_tracked and has_quantity else None,
        has_stock=not is_tracked or (has_quantity and bool(values["quantity"])),
        backorderable=_continues(values["policy"]),
        is_active=(values["status"] or product["status"] or "active").casefold() == "active",
        shelf_place=values["shelf_place"],
        barcode=_barcode(row),
    )


def entries_of_json(product: Mapping[str, Any], terms: ProductTerms) -> Iterator[Entry]:
    """The variants of a product of the REST API."""
    title = parsing.product_name(product, "title") or parsing.PLACEHOLDER
    is_active = (parsing.text(product, "status") or "active").casefold() == "active"
    for variant in parsing.items(product, "variants"):
        options = [parsing.text(variant, name) or "" for name in OPTIONS]
        name = _name(title, options if any(options) else [parsing.text(variant, "title") or ""])
        sku = parsing.sku(variant, "sku") or ""
        yield Entry(sku, name, partial(_facts_of_variant, variant, sku, name, terms, is_active=is_active))


def _facts_of_variant(
    variant: dict[str, Any], sku: str, name: str, terms: ProductTerms, *, is_active: bool
) -> ProductFacts:
    rate = terms.vat_rate(ZERO if variant.get("taxable") is False else STANDARD)
    quantity = variant.get("inventory_quantity")
    is_tracked = bool(variant.get("inventory_management", True))
    has_quantity = isinstance(quantity, int) and not isinstance(quantity, bool)
    return ProductFacts(
        sku=sku,
        name=name,
        price=terms.price(terms.currency.exact(variant.get("price"), "price"), rate),
        vat_rate=rate,
        stock=max(0, int(quantity or 0)) if is_tracked and has_quantity else None,
        has_stock=not is_tracked or has_quantity,
        backorderable=_continues(parsing.text(variant, "inventory_policy") or ""),
        is_active=is_active,
        barcode=parsing.text(variant, "barcode"),
    )


def _cell(row: Row, headings: tuple[str, ...]) -> str:
    return next((text for heading in headings if (text := tables.cell(row, heading))), "")


def _barcode(row: Row) -> str | None:
    return next((code for heading in COLUMNS["barcode"] if (code := cells.whole_number(row, heading))), None)


def _name(title: str, options: list[str]) -> str:
    """The name by which Shopify's orders call a variant: `Title - Red / M`."""
    chosen = [option for option in options if option and option != NO_OPTION]
    return f"{title} - {' / '.join(chosen)}" if chosen else title


def _stock(text: str) -> int | None:
    return max(0, int(cells.decimal(text, "Variant Inventory Qty", decimals=3))) if text else None


def _continues(policy: str) -> bool | None:
    name = policy.casefold()
    if name in {"continue", "true", "sant"}:
        return True
    return False if name in {"deny", "false", "falskt"} else None
