"""Bundles and composite products: which items of an order are parts of another one.

Product Bundles: https://woocommerce.com/document/bundles-rest-api-reference (`bundled_by`, the id of the parent item)
Composite Products: https://woocommerce.com/document/composite-products/composite-products-rest-api-reference
(`composite_parent`); both keep keys of the cart in their meta data too, as orders of older versions have alone.
"""

from __future__ import annotations

from typing import Any

from webshop_orders.connectors import parsing
from webshop_orders.connectors.woocommerce import meta

PARENT_ITEM = ("bundled_by", "composite_parent")
# The key of the cart that a part names its parent by, and the parent's own.
CART_KEYS = {
    "_bundled_by": ("_bundle_cart_key",),
    "_composite_parent": ("_composite_cart_key",),
    "_mnm_container": ("_mnm_cart_key",),
}
PARENT_PRODUCT = "_woosb_parent_id"  # WPC Product Bundles: the product of the parent


def read(items: list[dict[str, Any]]) -> dict[int | None, dict[str, Any]]:
    """The fields `bundle` and `units_per_bundle` of the lines in bundles, by the id of their item."""
    values = {parsing.integer(item, "id"): meta.values(item) for item in items}
    parents = {
        item_id: parent
        for item in items
        if (item_id := parsing.integer(item, "id")) is not None
        and (parent := _parent(item, items, values)) is not None
        and parent != item_id
    }
    by_id = {parsing.integer(item, "id"): item for item in items}
    result: dict[int | None, dict[str, Any]] = {}
    for item_id, direct in parents.items():
        root = _root(direct, parents)
        if units := _units_per_bundle(by_id[item_id], by_id[root]):
            result[root] = {"bundle": str(root)}
            result[item_id] = {"bundle": str(root), "units_per_bundle": units}
    return result


def _parent(item: dict[str, Any], items: list[dict[str, Any]], values: dict[int | None, dict[str, Any]]) -> int | None:
    ids = {parsing.integer(other, "id") for other in items}
    for name in PARENT_ITEM:
        parent = parsing.integer(item, name)
        if parent in ids:
            return parent
    own = values[parsing.integer(item, "id")]
    for child_key, parent_keys in CART_KEYS.items():
        if cart_key := own.get(child_key):
            for other_id, other in values.items():
                if any(other.get(parent_key) == cart_key for parent_key in parent_keys):
                    return other_id
    if product := parsing.integer(own, PARENT_PRODUCT):
        found = (parsing.integer(other, "id") for other in items if parsing.integer(other, "product_id") == product)
        return next(found, None)
    return None


def _root(item_id: int, parents: dict[int, int]) -> int:
    """The outermost bundle, which a bundle inside another one belongs to."""
    seen = {item_id}
    while item_id in parents and parents[item_id] not in seen:
        item_id = parents[item_id]
        seen.add(item_id)
    return item_id


def _units_per_bundle(part: dict[str, Any], bundle: dict[str, Any]) -> int | None:
    """The units of a part in one bundle; None where they are not a whole number."""
    units, bundles = parsing.quantity(part, "quantity"), parsing.quantity(bundle, "quantity")
    if not units or not bundles or units < 0 or bundles < 0 or units % bundles:
        return None
    return int(units // bundles)
