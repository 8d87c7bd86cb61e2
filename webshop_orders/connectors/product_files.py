"""Files of products that other shops export, converted to documents of our catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors.export_files import Documents, Format, Make
from webshop_orders.connectors.files import (
    json_files,
    order_shapes,
    product_entries,
    shopify_products,
    tables,
    woocommerce_products,
)
from webshop_orders.connectors.files.order_shapes import Record
from webshop_orders.connectors.files.product_entries import Entry
from webshop_orders.connectors.files.product_terms import ProductTerms
from webshop_orders.connectors.importing.files import readable
from webshop_orders.errors import RuleViolation

TABLES = (shopify_products, woocommerce_products)
KNOWN_COLUMNS = tuple(column for module in TABLES for column in module.KNOWN_COLUMNS)


def recognise(path: Path) -> Format:
    """The format of a file of products, told by its content; raises RuleViolation, in one sentence, for another."""
    with readable(path):
        if not json_files.is_json(path):
            module, _layout = _table(path)
            return Format.SHOPIFY if module is shopify_products else Format.WOOCOMMERCE
        first, is_lines = json_files.first_records(path)
    if not first:
        raise RuleViolation(_("%(path)s holds no products.", path=path))
    value = first[0].value
    if _is_shopify(value):
        return Format.SHOPIFY
    if _is_woocommerce(value):
        return Format.WOOCOMMERCE
    if any("vat_rate" in record.value for record in first) and "lines" not in value:
        return Format.JSON_LINES if is_lines else Format.DOCUMENTS
    raise RuleViolation(f"{path}: {_not_a_product(first[0])}")


def documents(path: Path, kind: Format, terms: ProductTerms) -> Documents:
    """The products in a file of a format that was recognised; raises RuleViolation where it is not that to its end."""
    start = partial(_makers, path, kind, terms)
    with readable(path):
        return Documents(sum(1 for _make in start()), start)


def _makers(path: Path, kind: Format, terms: ProductTerms) -> Iterator[Make]:
    if kind.is_ours:
        return (partial(_own_document, record.value) for record in json_files.records(path))
    return product_entries.makers(_entries(path, kind, terms), terms.currency.code)


def _own_document(value: dict[str, Any]) -> dict[str, Any]:
    return value


def _entries(path: Path, kind: Format, terms: ProductTerms) -> Iterator[Entry]:
    if not json_files.is_json(path):
        module, layout = _table(path)
        read: Callable[[tables.Layout, ProductTerms], Iterator[Entry]] = module.entries
        yield from read(layout, terms)
    elif kind is Format.WOOCOMMERCE:
        values = (record.value for record in json_files.records(path))
        yield from woocommerce_products.entries_of_json(values, terms)
    else:
        for record in json_files.records(path):
            yield from shopify_products.entries_of_json(record.value, terms)


def _table(path: Path) -> tuple[Any, tables.Layout]:
    layout = tables.read_layout(path, KNOWN_COLUMNS)
    module = next((module for module in TABLES if layout and module.recognises(layout)), None)
    if layout is None or module is None:
        raise RuleViolation(_("%(path)s is neither JSON nor a CSV of products that is known here.", path=path))
    if missing := module.missing_columns(layout):
        raise RuleViolation(_("%(path)s lacks these columns: %(columns)s.", path=path, columns=", ".join(missing)))
    return module, layout


def _is_shopify(value: dict[str, Any]) -> bool:
    return isinstance(value.get("variants"), list) and "title" in value


def _is_woocommerce(value: dict[str, Any]) -> bool:
    return {"sku", "regular_price"} <= set(value) and bool({"manage_stock", "stock_status"} & set(value))


def _not_a_product(record: Record) -> str:
    if "line_items" in record.value or "lines" in record.value:
        return _("These are orders, not products. Leave out --products.")
    kind = order_shapes.other_kind(record)
    if kind is not None:
        return _("These are %(kind)s, not products.", kind=kind)
    return _(
        "These are no products that are known here: they have %(names)s.", names=order_shapes.names_of(record.value)
    )
