"""The items of an order of Magento's: simple products, configurable ones with their variant, and bundles."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import Currency
from webshop_orders.connectors.sums import Rows
from webshop_orders.validation.writing import format_timestamp

BUNDLE = "bundle"
AMOUNTS = ("row_total_incl_tax", "row_total", "tax_amount", "discount_tax_compensation_amount", "discount_amount")


@dataclass
class Items:
    """What became of the items: how many amounts the shop rounded, and what it no longer charges, in minor units.

    `shipped` has the units that left, by index of the line.
    """

    amounts: int = 0
    removed: int = 0
    has_removed: bool = False
    shipped: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Item:
    """An item with what is charged for it and its quantities; a variant's are those of its configurable product."""

    payload: dict[str, Any]
    name: str
    before: Decimal
    after: Decimal
    ordered: Decimal | None
    removed: Decimal
    shipped: Decimal


def add(rows: Rows, payload: dict[str, Any], currency: Currency, *, keeps_all_units: bool) -> Items:
    """Add an order's items to its rows, without the units that were cancelled or refunded unless it keeps all."""
    result = Items()
    all_items = parsing.items(payload, "items")
    children: dict[str, list[dict[str, Any]]] = {}
    for item in all_items:
        if parent := _parent_of(item):
            children.setdefault(parent, []).append(item)
    for item in all_items:
        if _parent_of(item):  # it is read with its parent
            continue
        parts = children.get(parsing.text(item, "item_id") or "", [])
        if parsing.text(item, "product_type") == BUNDLE:
            _add_bundle(rows, result, item, parts, currency, keeps_all_units=keeps_all_units)
        else:  # a configurable product has its price, and its variant has the name of what is packed
            variant = next(iter(parts), item)
            name = parsing.product_name(variant, "name") or parsing.product_name(item, "name") or _sku(item)
            _add(rows, result, _read(item, name, currency), currency, keeps_all_units=keeps_all_units)
    return result


def _parent_of(item: dict[str, Any]) -> str | None:
    return parsing.text(item, "parent_item_id") or parsing.text(parsing.part(item, "parent_item"), "item_id")


def shipments(items: Items, changed_at: datetime | None) -> list[dict[str, Any]]:
    """What left of an order that is not complete, as one shipment; orders do not say when, so by their last change."""
    lines = [{"line": index, "quantity": units} for index, units in items.shipped.items() if units]
    return [{"shipped_at": format_timestamp(changed_at), "lines": lines}] if lines and changed_at else []


def rate_of(tax: dict[str, Any]) -> int:
    """The rate of a tax in basis points."""
    return parsing.vat_rate(Decimal(0), Decimal(0), (parsing.quantity(tax, "percent") or Decimal(0)) * 100)


def _add_bundle(
    rows: Rows,
    result: Items,
    item: dict[str, Any],
    parts: list[dict[str, Any]],
    currency: Currency,
    *,
    keeps_all_units: bool,
) -> None:
    """Add a bundle and its parts; either the bundle has a price, or its parts have, which it then only sums up."""
    name = parsing.product_name(item, "name") or _sku(item)
    bundle = _read(item, name, currency)
    read_parts = [_read(part, parsing.product_name(part, "name") or _sku(part), currency) for part in parts]
    if any(part.before or part.after for part in read_parts):
        bundle = _Item(item, name, Decimal(0), Decimal(0), bundle.ordered, bundle.removed, bundle.shipped)
    reference = f"magento-{parsing.text(item, 'item_id') or name}"[:200]
    _add(rows, result, bundle, currency, keeps_all_units=keeps_all_units, bundle=reference)
    for part in read_parts:
        units = part.ordered / bundle.ordered if part.ordered and bundle.ordered else Decimal(0)
        per_bundle = int(units) if units and units == int(units) else None
        details = {"bundle": reference, "units_per_bundle": per_bundle} if per_bundle else {"bundle": reference}
        _add(rows, result, part, currency, keeps_all_units=keeps_all_units, **details)


def _add(rows: Rows, result: Items, item: _Item, currency: Currency, *, keeps_all_units: bool, **details: Any) -> None:
    before, after, quantity = item.before, item.after, item.ordered
    if quantity and 0 < item.removed <= quantity and not keeps_all_units:
        left = quantity - item.removed
        removed = currency.round(after) - currency.round(after * left / quantity)
        before, after, quantity = before * left / quantity, after * left / quantity, left
        result.removed += removed
        result.has_removed = True
        if not left:
            return
    result.amounts += len(AMOUNTS)
    tax, net = _tax(item.payload, currency), item.after - _tax(item.payload, currency)
    index = rows.add_item(
        sku=_sku(item.payload),
        name=item.name,
        quantity=quantity,
        before=before,
        after=after,
        vat_rate=_rate(item.payload, tax, net),
        **details,
    )
    if index is not None and item.shipped:
        result.shipped[index] = min(int(item.shipped), rows.lines[index]["quantity"])


def _read(item: dict[str, Any], name: str, currency: Currency) -> _Item:
    def amount(field: str) -> Decimal:
        return currency.exact(item.get(field), f"items.{field}")

    def units(field: str) -> Decimal:
        return parsing.quantity(item, field) or Decimal(0)

    discount = amount("discount_amount")
    # The tax of what a discount took off prices with tax was computed and taken off again: the compensation.
    charged = amount("row_total") + amount("tax_amount") + amount("discount_tax_compensation_amount") - discount
    fixed_tax = amount("weee_tax_applied_row_amount")
    return _Item(
        payload=item,
        name=name,
        before=(amount("row_total_incl_tax") or charged + discount) + fixed_tax,
        after=charged + fixed_tax,
        ordered=parsing.quantity(item, "qty_ordered"),
        removed=units("qty_canceled") + units("qty_refunded"),
        shipped=units("qty_shipped"),
    )


def _tax(item: dict[str, Any], currency: Currency) -> Decimal:
    return currency.exact(item.get("tax_amount"), "items.tax_amount")


def _rate(item: dict[str, Any], tax: Decimal, net: Decimal) -> int:
    percent = parsing.quantity(item, "tax_percent")
    return parsing.vat_rate(tax, net, percent * 100 if percent is not None else None)


def _sku(item: dict[str, Any]) -> str:
    return parsing.sku(item, "sku") or f"magento-product-{parsing.integer(item, 'product_id') or 0}"
