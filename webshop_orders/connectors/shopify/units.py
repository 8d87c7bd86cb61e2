"""The units of an order's lines: ordered, and left after edits and refunds.

`current_quantity` is what is left; orders of before 2021 have only their refunds to tell.
https://shopify.dev/docs/api/admin-rest/latest/resources/refund
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from webshop_orders.connectors import parsing
from webshop_orders.models import MAX_QUANTITY

VOID_PAYMENTS = {"refunded", "voided"}
RESTOCKED = "restocked"
TIP_FIELDS = {"tip_payment_gateway", "tip_payment_method"}  # only tips have them, also empty
TIP_TITLES = {"tip", "dricks"}

RefundLines = Mapping[str | None, list[dict[str, Any]]]


@dataclass(frozen=True)
class Units:
    """How many units of a line were ordered, and how many are left; below zero for a line that is a return."""

    ordered: Decimal
    left: Decimal
    refunded: Decimal

    @property
    def before_cancelling(self) -> Decimal:
        """The units that an order had before it was cancelled, which refunds all that was left."""
        return min(self.ordered, self.left + self.refunded)


def units_of(item: dict[str, Any], refunds: RefundLines) -> Units | None:
    """The units of a line; None if its quantity is no number."""
    ordered = parsing.quantity(item, "quantity")
    if ordered is None:
        return None
    lines = refunds.get(parsing.text(item, "id"), []) if refunds else []
    refunded = sum((parsing.quantity(line, "quantity") or Decimal(0) for line in lines), Decimal(0))
    left = parsing.quantity(item, "current_quantity")
    left = ordered - refunded if left is None else left
    return Units(ordered, ordered if ordered < 0 else min(max(left, Decimal(0)), ordered), refunded)


def refund_lines(payload: dict[str, Any]) -> RefundLines:
    """The lines of an order's refunds, by the id of the line that they refund."""
    by_line: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
    for refund in parsing.items(payload, "refunds"):
        for line in parsing.items(refund, "refund_line_items"):
            refunded = parsing.text(line, "line_item_id") or parsing.text(parsing.part(line, "line_item"), "id")
            by_line[refunded].append(line)
    return by_line


def refunded_items(refund: dict[str, Any], payload: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The lines of a refund, each with the line of the order that it refunds, or what it tells of that itself."""
    items = {parsing.text(item, "id"): item for item in parsing.items(payload, "line_items")}
    for line in parsing.items(refund, "refund_line_items"):
        own = parsing.part(line, "line_item")
        yield line, items.get(parsing.text(line, "line_item_id") or parsing.text(own, "id")) or own


def whole_units(line: dict[str, Any]) -> int | None:
    """The units of a line of a refund; None of a measure such as 2.5 metres, and of what is no number."""
    units = parsing.quantity(line, "quantity") or Decimal(0)
    return int(units) if 1 <= units <= MAX_QUANTITY and units == int(units) else None


def product_items(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of an order that are no tips."""
    return [item for item in parsing.items(payload, "line_items") if not is_tip(item)]


def tip_items(payload: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for item in parsing.items(payload, "line_items") if is_tip(item)]


def is_tip(item: dict[str, Any]) -> bool:
    if item.keys() & TIP_FIELDS:
        return True
    is_product = any(item.get(field) for field in ("product_id", "variant_id", "sku"))
    return not is_product and (parsing.text(item, "title") or "").casefold() in TIP_TITLES


def is_void(payload: dict[str, Any]) -> bool:
    """Whether an order is cancelled or wholly refunded, or nothing is left of any line."""
    if payload.get("cancelled_at") is not None or parsing.text(payload, "fulfillment_status") == RESTOCKED:
        return True
    return parsing.text(payload, "financial_status") in VOID_PAYMENTS or has_nothing_left(payload)


def has_nothing_left(payload: dict[str, Any]) -> bool:
    """Whether an order had lines, and edits or refunds took all of them away."""
    had_units = False
    for units in _all_units(payload):
        if units.left:
            return False
        had_units = had_units or bool(units.ordered)
    return had_units


def has_changed(payload: dict[str, Any]) -> bool:
    """Whether an order was edited or refunded, so that what it cost first is not what it costs now."""
    if parsing.items(payload, "refunds"):
        return True
    is_removed = any(method.get("is_removed") is True for method in parsing.items(payload, "shipping_lines"))
    return is_removed or any(units.left != units.ordered for units in _all_units(payload))


def _all_units(payload: dict[str, Any]) -> Iterator[Units]:
    refunds = refund_lines(payload)
    return (units for item in product_items(payload) if (units := units_of(item, refunds)))
