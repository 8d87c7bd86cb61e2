"""Goods that came back to a Shopify shop, by its refunds.

https://shopify.dev/docs/api/admin-graphql/latest/enums/RefundLineItemRestockType
"""

from __future__ import annotations

from typing import Any

from webshop_orders.connectors import parsing
from webshop_orders.connectors.shopify.lines import name_of, sku_of
from webshop_orders.connectors.shopify.units import is_tip, refunded_items, whole_units
from webshop_orders.documents.order import MAX_LINES

RETURNED = "return"  # had left, and is in stock there again; others never left, or nobody says that they are back


def returned_goods(refund: dict[str, Any], payload: dict[str, Any], *, is_left_out: bool) -> list[dict[str, Any]]:
    """Our documents of what came back with a refund; nothing of measures and of tips."""
    return [
        {"sku": sku_of(item, name_of(item), {}), "quantity": units, "is_left_out": is_left_out}
        for line, item in refunded_items(refund, payload)
        if parsing.text(line, "restock_type") == RETURNED and not is_tip(item) and (units := whole_units(line))
    ][:MAX_LINES]
