"""What left a WooCommerce shop, with its tracking codes: from plugins' meta data, and Order Fulfillments.

Shipment Tracking and Advanced Shipment Tracking keep `_wc_shipment_tracking_items`, WooCommerce Shipping its labels.
https://developer.woocommerce.com/docs/apis/rest-api/v3/order-fulfillments/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.woocommerce import meta
from webshop_orders.documents.known_codes import normalise
from webshop_orders.models.order import MAX_SHIPMENTS
from webshop_orders.models.tracking_code import CODE, LINK, MAX_CODES
from webshop_orders.text.tracking_codes import compact, split
from webshop_orders.validation.writing import format_timestamp

TRACKING_META = ("_wc_shipment_tracking_items", "_aftership_tracking_items")
LABELS_META = ("wc_connect_labels", "_wcshipping_labels", "wcshipping_labels")
SINGLE_CODE_KEYS = (
    "_tracking_number",
    "tracking_number",
    "_tracking_code",
    "tracking_code",
    "_aftership_tracking_number",
)
CARRIER_KEYS = (
    "_tracking_provider",
    "tracking_provider",
    "_custom_tracking_provider",
    "_aftership_tracking_provider_name",
)
LINK_KEYS = ("_tracking_url", "tracking_url", "_custom_tracking_link", "tracking_link")
CODE_NAMES = ("tracking_number", "tracking", "_tracking_number")
CARRIER_NAMES = (
    "formatted_tracking_provider",
    "custom_tracking_provider",
    "tracking_provider",
    "carrier",
    "carrier_id",
    "slug",
    "_shipment_provider",
)
LINK_NAMES = ("formatted_tracking_link", "ast_tracking_link", "custom_tracking_link", "tracking_link", "_tracking_url")
DATE_NAMES = ("date_shipped", "created", "created_date")
FULFILLED_NAMES = ("_date_fulfilled", "date_fulfilled", "date_updated")


@dataclass
class Parcel:
    """Units of the order's lines that left together, by the index of the line; none are not stated."""

    tracking: list[dict[str, Any]]
    shipped_at: datetime | None
    units: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Shipped:
    """The fields `shipments` and `shipped_at` of our document, and the codes that have no shipment yet."""

    shipments: list[dict[str, Any]]
    shipped_at: str | None
    codes: list[tuple[str, str]]


def read(
    payload: dict[str, Any],
    lines: list[dict[str, Any]],
    lines_by_item: dict[int | None, int | None],
    zone: tzinfo,
    *,
    shipped_at: datetime | None,
    fallback: datetime | None,
) -> Shipped:
    """What has left; `shipped_at` is when all had, and `fallback` the time of a part whose own is not stated.

    Codes of an order that has not left are booked in advance, and given back as pairs for its attributes.
    """
    parcels = [*_fulfillments(payload, lines_by_item, zone), *_tracked(payload, lines_by_item, zone)]
    left = [line["quantity"] for line in lines]
    shipments: list[dict[str, Any]] = []
    loose: list[dict[str, Any]] = []
    for parcel in parcels:
        units = {index: min(count, left[index]) for index, count in parcel.units.items() if left[index]}
        if not units or len(shipments) >= MAX_SHIPMENTS - 1:  # and one for the rest
            loose += parcel.tracking
            continue
        for index, count in units.items():
            left[index] -= count
        shipments.append(_shipment(parcel.shipped_at or shipped_at or fallback, parcel.tracking, units))
    times = [parcel.shipped_at for parcel in parcels if parcel.shipped_at]
    if shipped_at is None:
        codes = [(_("Tracking code"), " ".join(filter(None, (code["carrier"], code["code"])))) for code in loose]
        return Shipped(shipments, None, codes)
    if loose and any(left):
        shipments.append(_shipment(max(times, default=shipped_at), loose, {}))
    elif loose and shipments:
        shipments[-1]["tracking"] += loose
    return Shipped(shipments, format_timestamp(shipped_at), [])


def last_shipped_at(payload: dict[str, Any], zone: tzinfo) -> datetime | None:
    """The latest time at which something left, by its tracking codes."""
    parcels = [*_fulfillments(payload, {}, zone), *_tracked(payload, {}, zone)]
    return max((parcel.shipped_at for parcel in parcels if parcel.shipped_at), default=None)


def _shipment(at: datetime | None, tracking: list[dict[str, Any]], units: dict[int, int]) -> dict[str, Any]:
    unique = list({compact(code["code"]): code for code in tracking}.values())[:MAX_CODES]
    lines = [{"line": index, "quantity": count} for index, count in units.items()]
    return {"shipped_at": format_timestamp(at), "tracking": unique, "lines": lines}


def _fulfillments(payload: dict[str, Any], lines_by_item: dict[int | None, int | None], zone: tzinfo) -> list[Parcel]:
    parcels = []
    for fulfillment in parsing.items(payload, "fulfillments"):
        is_done = fulfillment.get("is_fulfilled") is True or parsing.text(fulfillment, "status") == "fulfilled"
        if not is_done or fulfillment.get("date_deleted"):
            continue
        values = {**fulfillment, **meta.values(fulfillment)}
        at = next((time for name in FULFILLED_NAMES if (time := parsing.timestamp(values, name, UTC))), None)
        units = _units(parsing.items(values, "_items"), lines_by_item)
        parcels.append(Parcel(_tracking(values), at, units))
    return parcels


def _tracked(payload: dict[str, Any], lines_by_item: dict[int | None, int | None], zone: tzinfo) -> list[Parcel]:
    values = meta.values(payload)
    parcels = []
    for key in (*TRACKING_META, *LABELS_META):
        for item in parsing.items(values, key):
            if item.get("refund") or not (tracking := _tracking(item)):
                continue
            # Advanced Shipment Tracking, which can send part of an order.
            units = _units(parsing.items(item, "products_list"), lines_by_item)
            parcels.append(Parcel(tracking, _time_of(item, zone), units))
    code = meta.first(values, SINGLE_CODE_KEYS)
    if code and not parcels:
        tracking = _code(code, meta.first(values, CARRIER_KEYS), meta.first(values, LINK_KEYS, max_length=500))
        parcels.append(Parcel(tracking, None))
    return parcels


def _units(entries: list[dict[str, Any]], lines_by_item: dict[int | None, int | None]) -> dict[int, int]:
    units: dict[int, int] = {}
    for entry in entries:
        index = lines_by_item.get(parsing.integer(entry, "item_id"))
        quantity = parsing.quantity(entry, "qty") or parsing.quantity(entry, "quantity")
        if index is not None and quantity and quantity > 0:
            units[index] = units.get(index, 0) + max(1, int(quantity))
    return units


def _tracking(item: dict[str, Any]) -> list[dict[str, Any]]:
    code, carrier = meta.first(item, CODE_NAMES), meta.first(item, CARRIER_NAMES, max_length=60)
    return _code(code, carrier, meta.first(item, LINK_NAMES, max_length=500)) if code else []


def _code(code: str, carrier: str | None, url: str | None) -> list[dict[str, Any]]:
    """The tracking codes of a text as ours; the link is a single one's. None that has signs that no code has."""
    codes = [text for part in split(code) if CODE.fullmatch(text := normalise(part))]
    link = url.replace(" ", "%20") if url and len(codes) == 1 else ""
    return [{"code": text, "carrier": carrier, "url": link if LINK.fullmatch(link) else None} for text in codes]


def _time_of(item: dict[str, Any], zone: tzinfo) -> datetime | None:
    """The time of a tracking item: seconds since 1970, or milliseconds, or a date in the shop's zone."""
    for name in DATE_NAMES:
        seconds = parsing.integer(item, name)
        if seconds is not None and seconds > 0:
            try:
                return datetime.fromtimestamp(seconds / 1000 if seconds > 10**11 else seconds, UTC)
            except (ValueError, OverflowError, OSError):
                continue
        if time := parsing.timestamp(item, name, zone):
            return time
    return None
