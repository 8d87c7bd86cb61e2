"""What left a Shopify shop: its fulfilments, with their tracking codes.

https://shopify.dev/docs/api/admin-rest/latest/resources/fulfillment
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from webshop_orders.connectors import parsing
from webshop_orders.documents.known_codes import normalise
from webshop_orders.models.order import MAX_SHIPMENTS
from webshop_orders.models.tracking_code import CODE, LINK, MAX_CODES
from webshop_orders.text.tracking_codes import compact, split
from webshop_orders.validation.writing import format_timestamp

DONE = {"success", None}  # the others failed, were cancelled, or have not begun
FULFILLED, PARTIAL = "fulfilled", "partial"
CARRIER_UNKNOWN = "other"
TIMES = ("updated_at", "closed_at", "processed_at", "created_at")
MAX_CARRIER_LENGTH, MAX_LINK_LENGTH = 60, 500


def shipped_at(payload: dict[str, Any], zone: tzinfo) -> str | None:
    """When the last parcel of an order left of which nothing is left to send."""
    if parsing.text(payload, "fulfillment_status") != FULFILLED:
        return None
    times = [time for fulfilment in _done(payload) if (time := _time(fulfilment, zone))]
    return format_timestamp(max(times, default=None) or _last_time(payload, zone))


def shipments(
    payload: dict[str, Any], lines: list[dict[str, Any]], indices: Mapping[str, int], zone: tzinfo
) -> list[dict[str, Any]]:
    """Our documents of what left; `indices` has the place of each of our lines by its id in Shopify.

    Units that were refunded after they left are no longer in the order, and so not in a shipment.
    """
    left = [line["quantity"] for line in lines]
    documents = []
    for fulfilment in _done(payload):
        packed = _packed(fulfilment, payload, left, indices)
        if packed:
            documents.append(
                {
                    "shipped_at": format_timestamp(_time(fulfilment, zone) or _last_time(payload, zone)),
                    "tracking": _tracking(fulfilment),
                    "lines": [{"line": index, "quantity": quantity} for index, quantity in sorted(packed.items())],
                }
            )
    if not parsing.items(payload, "fulfillments") and parsing.text(payload, "fulfillment_status") == PARTIAL:
        documents += _without_fulfilments(payload, left, indices, zone)
    return documents[: MAX_SHIPMENTS - 1]  # and one for the rest


def _done(payload: dict[str, Any]) -> list[dict[str, Any]]:
    fulfilments = parsing.items(payload, "fulfillments")
    return [fulfilment for fulfilment in fulfilments if parsing.text(fulfilment, "status") in DONE]


def _packed(
    fulfilment: dict[str, Any], payload: dict[str, Any], left: list[int], indices: Mapping[str, int]
) -> dict[int, int]:
    """The units of each line in a fulfilment, which are taken from those that are left."""
    packed: dict[int, int] = {}
    items = parsing.items(fulfilment, "line_items")
    units = [(parsing.text(item, "id"), _whole(parsing.quantity(item, "quantity"))) for item in items]
    if not items and len(_done(payload)) == 1:
        units = _units_of_only_fulfilment(payload)
    for line_id, quantity in units:
        index = indices.get(line_id or "")
        if index is not None and (taken := min(quantity, left[index])) > 0:
            packed[index] = packed.get(index, 0) + taken
            left[index] -= taken
    return packed


def _units_of_only_fulfilment(payload: dict[str, Any]) -> list[tuple[str | None, int]]:
    """The units in the only fulfilment of an order, where it names none: all, or those that need no more sending."""
    is_all = parsing.text(payload, "fulfillment_status") == FULFILLED
    items = parsing.items(payload, "line_items")
    return [(parsing.text(item, "id"), _whole(_ordered(item) if is_all else _fulfilled(item))) for item in items]


def _without_fulfilments(
    payload: dict[str, Any], left: list[int], indices: Mapping[str, int], zone: tzinfo
) -> list[dict[str, Any]]:
    """What left of an order that was sent in part, where it has no fulfilments: what needs no more sending."""
    lines = []
    for item in parsing.items(payload, "line_items"):
        index, open_units = indices.get(parsing.text(item, "id") or ""), parsing.integer(item, "fulfillable_quantity")
        if index is not None and open_units is not None and left[index] > open_units:
            lines.append({"line": index, "quantity": left[index] - max(0, open_units)})
    shipped_at = format_timestamp(_last_time(payload, zone))
    return [{"shipped_at": shipped_at, "tracking": [], "lines": lines}] if lines else []


def _fulfilled(item: dict[str, Any]) -> Decimal | None:
    ordered, open_units = _ordered(item), parsing.quantity(item, "fulfillable_quantity")
    if parsing.text(item, "fulfillment_status") == FULFILLED:
        return ordered
    return None if ordered is None or open_units is None else ordered - open_units


def _ordered(item: dict[str, Any]) -> Decimal | None:
    return parsing.quantity(item, "quantity")


def _whole(quantity: Decimal | None) -> int:
    """Whole units; a measure such as 2.5 metres is one of them."""
    return 0 if quantity is None or quantity <= 0 else max(1, int(quantity))


def _time(fulfilment: dict[str, Any], zone: tzinfo) -> datetime | None:
    return parsing.timestamp(fulfilment, "created_at", zone) or parsing.timestamp(fulfilment, "updated_at", zone)


def _last_time(payload: dict[str, Any], zone: tzinfo) -> datetime | None:
    """The best time that an order has for a fulfilment without one."""
    return next((time for name in TIMES if (time := parsing.timestamp(payload, name, zone))), None)


def _tracking(fulfilment: dict[str, Any]) -> list[dict[str, Any]]:
    """The tracking codes of a fulfilment, each with its link where there is one."""
    codes, urls = _texts(fulfilment, "tracking_number"), _texts(fulfilment, "tracking_url")
    carrier = parsing.text(fulfilment, "tracking_company", max_length=MAX_CARRIER_LENGTH)
    tracking: dict[str, dict[str, Any]] = {}
    for index, text in enumerate(codes):
        parts = split(text)
        for code in (
            code for part in parts if CODE.fullmatch(code := normalise(part)) and compact(code) not in tracking
        ):
            url = urls[index] if index < len(urls) and len(parts) == 1 else None
            tracking[compact(code)] = {
                "code": code,
                "carrier": None if carrier and carrier.casefold() == CARRIER_UNKNOWN else carrier,
                "url": url if url and LINK.fullmatch(url) else None,
            }
    return list(tracking.values())[:MAX_CODES]


def _texts(fulfilment: dict[str, Any], name: str) -> list[str]:
    """The texts of a field that is a list by its plural, and in older messages one text alone."""
    values = fulfilment.get(f"{name}s")
    raw = values if isinstance(values, list) and values else [fulfilment.get(name)]
    return [text for value in raw if (text := parsing.text({name: value}, name, max_length=MAX_LINK_LENGTH))]
