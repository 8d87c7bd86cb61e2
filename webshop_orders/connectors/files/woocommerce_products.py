"""WooCommerce's products: the CSV of its own exporter, and the JSON of its REST API.

https://github.com/woocommerce/woocommerce/wiki/Product-CSV-Import-Schema
https://woocommerce.github.io/woocommerce-rest-api-docs/#product-properties
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.files import cells, tables
from webshop_orders.connectors.files.product_entries import Entry, ProductFacts
from webshop_orders.connectors.files.product_terms import ZERO, ProductTerms
from webshop_orders.connectors.files.tables import Layout, Row
from webshop_orders.errors import RuleViolation
from webshop_orders.text.currencies import minor_digits

# Our names of the columns, with their headings in English and Swedish.
COLUMNS = {
    "id": ("ID",),
    "type": ("Type", "Typ"),
    "sku": ("SKU", "Artikelnummer", "Artikelnr"),
    "name": ("Name", "Namn"),
    "published": ("Published", "Publicerad"),
    "tax_status": ("Tax status", "Momsstatus", "Skattestatus"),
    "tax_class": ("Tax class", "Momsklass", "Skatteklass"),
    "stock": ("Stock", "Lager", "Lagersaldo"),
    "backorders": ("Backorders allowed?", "Restnoteringar tillåtna?", "Restorder tillåtna?"),
    "price": ("Regular price", "Ordinarie pris"),
    "barcode": ("GTIN, UPC, EAN, or ISBN", "GTIN, UPC, EAN eller ISBN", "EAN", "Meta: _alg_ean", "Meta: _ean"),
    "shelf_place": (
        "Bin location",
        "Shelf location",
        "Lagerplats",
        "Meta: bin_location",
        "Meta: _bin_location",
        "Meta: _shelf_location",
    ),
    "parent": ("Parent", "Överordnad", "Förälder"),
}
KNOWN_COLUMNS = tuple(heading for headings in COLUMNS.values() for heading in headings)
VARIABLE = "variable"
NOT_SOLD = {VARIABLE, "grouped", "external"}  # a variable product is sold as its variations
NO_TAX = "none"
PARENT = "parent"
ATTRIBUTES = range(1, 11)


@dataclass(frozen=True)
class Parent:
    name: str
    tax_class: str
    tax_status: str


def recognises(layout: Layout) -> bool:
    return _has(layout, "sku") and _has(layout, "price")


def missing_columns(layout: Layout) -> list[str]:
    return [COLUMNS[name][0] for name in ("name", "type") if not _has(layout, name)]


def entries(layout: Layout, terms: ProductTerms) -> Iterator[Entry]:
    """The products and variations of an export, which may come before the products that they are of."""
    parents: dict[str, Parent] = {}
    for row in tables.rows(layout):
        parent = Parent(_cell(row, "name"), _cell(row, "tax_class"), _cell(row, "tax_status"))
        parents[f"id:{cells.whole_number(row, 'ID')}"] = parent
        parents[_cell(row, "sku")] = parent
    for row in tables.rows(layout):
        types = {name.strip() for name in _cell(row, "type").casefold().split(",")}
        if types & NOT_SOLD:
            continue
        parent_row = parents.get(_cell(row, "parent")) if _cell(row, "parent") else None
        name = _name_of_row(row, parent_row, is_variation="variation" in types)
        yield Entry(_cell(row, "sku"), name, partial(_facts_of_row, row, name, parent_row, terms))


def _facts_of_row(row: Row, name: str, parent: Parent | None, terms: ProductTerms) -> ProductFacts:
    status = _cell(row, "tax_status") or (parent.tax_status if parent else "")
    rate = terms.vat_rate(ZERO if status.casefold() == NO_TAX else _tax_class(_cell(row, "tax_class"), parent))
    price = _cell(row, "price")
    if not price:
        raise RuleViolation(_("%(field)s is missing.", field=COLUMNS["price"][0]))
    amount = cells.decimal(price, COLUMNS["price"][0], decimals=minor_digits(terms.currency.code))
    stock = _cell(row, "stock").casefold()
    return ProductFacts(
        sku=_cell(row, "sku"),
        name=name,
        price=terms.price(terms.currency.exact(str(amount), COLUMNS["price"][0]), rate),
        vat_rate=rate,
        # Variations that share the stock of their product cannot each have all of it.
        stock=_whole(cells.decimal(stock, COLUMNS["stock"][0], decimals=3)) if stock not in {"", PARENT} else None,
        has_stock=any(tables.normalise(heading) in row for heading in COLUMNS["stock"]),
        backorderable=_allows(_cell(row, "backorders")),
        is_active=_cell(row, "published") in {"", "1"},
        shelf_place=_cell(row, "shelf_place"),
        barcode=_barcode(row),
    )


def entries_of_json(products: Iterable[Mapping[str, Any]], terms: ProductTerms) -> Iterator[Entry]:
    """Products and variations of the REST API; a product with variations is sold as these.

    A variation tells the product that it is of, or else the product tells its variations.
    """
    all_products = list(products)
    parents = {
        number: product
        for product in all_products
        if parsing.text(product, "type") in NOT_SOLD and (number := parsing.integer(product, "id"))
    }
    parent_of = {number: parent for parent in parents.values() for number in _variation_numbers(parent)}
    with_variations = set[int]()
    for product in all_products:
        number = parsing.integer(product, "id") or 0
        if number in parents:
            for variation in parsing.items(product, "variations"):
                with_variations.add(number)
                yield _entry_of_json(variation, product, terms)
            continue
        parent = parents.get(parsing.integer(product, "parent_id") or 0) or parent_of.get(number)
        if parent is not None:
            with_variations.add(parsing.integer(parent, "id") or 0)
        yield _entry_of_json(product, parent, terms)
    for number, product in parents.items():
        if parsing.text(product, "type") == VARIABLE and number not in with_variations:
            yield _without_variations(parsing.product_name(parsing.unescape(dict(product)), "name") or str(number))


def _variation_numbers(parent: Mapping[str, Any]) -> list[int]:
    variations = parent.get("variations")
    return [number for number in variations if isinstance(number, int)] if isinstance(variations, list) else []


def _without_variations(name: str) -> Entry:
    refusal = _("«%(name)s» has variations that are not in the file: export /products/ID/variations too.", name=name)
    return Entry("", name, _no_facts, refusal)


def _no_facts() -> ProductFacts:
    raise AssertionError("refused before it is read")


def _entry_of_json(product: Mapping[str, Any], parent: Mapping[str, Any] | None, terms: ProductTerms) -> Entry:
    name = _name_of_json(parsing.unescape(dict(product)), parsing.unescape(dict(parent or {})))
    sku = parsing.sku(product, "sku") or ""
    return Entry(sku, name, partial(_facts_of_json, product, sku, name, parent, terms))


def _facts_of_json(
    product: Mapping[str, Any], sku: str, name: str, parent: Mapping[str, Any] | None, terms: ProductTerms
) -> ProductFacts:
    of_parent = Parent("", parsing.text(parent, "tax_class") or "", parsing.text(parent, "tax_status") or "")
    status = parsing.text(product, "tax_status") or of_parent.tax_status
    tax_class = _tax_class(parsing.text(product, "tax_class") or "", of_parent if parent else None)
    rate = terms.vat_rate(ZERO if status == NO_TAX else tax_class)
    price = parsing.text(product, "regular_price") or parsing.text(product, "price")
    if price is None:
        raise RuleViolation(_("%(field)s is missing.", field="regular_price"))
    quantity = parsing.quantity(product, "stock_quantity")
    is_managed = product.get("manage_stock") is True
    return ProductFacts(
        sku=sku,
        name=name,
        price=terms.price(terms.currency.exact(price, "regular_price"), rate),
        vat_rate=rate,
        stock=_whole(quantity) if is_managed and quantity is not None else None,
        has_stock="manage_stock" in product,
        backorderable=_allows(parsing.text(product, "backorders") or ""),
        is_active=(parsing.text(product, "status") or "publish") == "publish",
        barcode=parsing.text(product, "global_unique_id"),
    )


def _name_of_row(row: Row, parent: Parent | None, *, is_variation: bool) -> str:
    name = _cell(row, "name") or (parent.name if parent else "")
    chosen = [value for index in ATTRIBUTES if (value := tables.cell(row, f"Attribute {index} value(s)"))]
    if not is_variation or (parent and name != parent.name):
        return name
    return f"{name} - {', '.join(chosen)}" if chosen else name


def _name_of_json(product: Mapping[str, Any], parent: Mapping[str, Any]) -> str:
    """A name as WooCommerce's orders have it: that of a variation may be its options alone."""
    name, title = parsing.product_name(product, "name") or "", parsing.product_name(parent, "name") or ""
    options = ", ".join(
        option for attribute in parsing.items(product, "attributes") if (option := parsing.text(attribute, "option"))
    )
    if title and not name.startswith(title):
        return f"{title} - {name or options}" if name or options else title
    return name or options or parsing.PLACEHOLDER


def _tax_class(own: str, parent: Parent | None) -> str:
    return parent.tax_class if parent and own.casefold() in {"", PARENT} else "" if own.casefold() == PARENT else own


def _allows(text: str) -> bool | None:
    name = text.casefold()
    if name in {"1", "yes", "notify"}:
        return True
    return False if name in {"0", "no"} else None


def _whole(quantity: Decimal) -> int:
    return max(0, int(quantity))


def _barcode(row: Row) -> str | None:
    return next((code for heading in COLUMNS["barcode"] if (code := cells.whole_number(row, heading))), None)


def _has(layout: Layout, name: str) -> bool:
    return any(layout.has(heading) for heading in COLUMNS[name])


def _cell(row: Row, name: str) -> str:
    return next((text for heading in COLUMNS[name] if (text := tables.cell(row, heading))), "")
