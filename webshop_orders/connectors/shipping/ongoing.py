"""Webhooks of Ongoing WMS about orders and shipments: https://developer.ongoingwarehouse.com/webhook-order and
/webhook-shipment.

A webhook about an order has its status and its codes (`tracking`). One about a shipment names it and its order only; a
webhook template of the shop's own can add `waybill` or `trackingNumbers`, `carrier` and `trackingUrl`.
"""

from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _

from webshop_orders.connectors.parsing import items
from webshop_orders.connectors.shipping.notifications import (
    CallbackSettings,
    NotifiedStatus,
    ShippingNotification,
    carrier_name,
    ignore_status,
    is_code,
    link,
    references,
    refuse,
)
from webshop_orders.documents.known_carriers import find_by_host
from webshop_orders.documents.known_codes import normalise
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.models.tracking_code import MAX_CODES
from webshop_orders.text.tracking_codes import split

OWN_FIELDS = {"webhookEventId", "webhookOrdersId"}  # a template of the shop's own may leave one out
SENT_STATUSES = frozenset({"sent"})
NUMBERS = {"sent": "450"}  # of statuses, where a webhook has the number alone


class Ongoing:
    """Webhooks of Ongoing WMS: codes, and goods that have left at one of the statuses set for it."""

    name = "ongoing"
    is_carrier = False

    @staticmethod
    def recognises(payload: Any) -> bool:
        return isinstance(payload, dict) and not payload.keys().isdisjoint(OWN_FIELDS)

    @classmethod
    def read(cls, payload: Any, settings: CallbackSettings) -> list[ShippingNotification]:
        """Raises InvalidDocument for a webhook without an order's number, or with malformed tracking codes."""
        names = ("shipmentOrderNumber", "orderNumber", "goodsOwnerOrderId")
        about = references(*(value for name in names if isinstance(value := payload.get(name), str)))
        if not about:
            raise refuse("/shipmentOrderNumber", _("%(field)s is missing.", field="shipmentOrderNumber"))
        codes = _codes(payload)
        is_shipped = _is_shipped(payload, settings.shipped or SENT_STATUSES)
        if not codes and not is_shipped:
            return [ignore_status(_status_text(payload))]
        return [ShippingNotification(about, codes, status=NotifiedStatus.SHIPPED if is_shipped else None)]


def _is_shipped(payload: dict[str, Any], shipped: frozenset[str]) -> bool:
    """Whether the goods have left: by an order's status, and always for a shipment, which has no status."""
    if "orderStatus" not in payload and "webhookOrdersId" not in payload:
        return True
    status = payload.get("orderStatus")
    values = (status.get("number"), status.get("text")) if isinstance(status, dict) else (status,)
    known = {str(value).strip().lower() for value in values if isinstance(value, str | int)}
    return not known.isdisjoint(shipped | {NUMBERS[name] for name in shipped & NUMBERS.keys()})


def _status_text(payload: dict[str, Any]) -> Any:
    status = payload.get("orderStatus")
    return status.get("text") or status.get("number") if isinstance(status, dict) else status


def _codes(payload: dict[str, Any]) -> list[NewTrackingCode]:
    values = (payload.get(name) for name in ("trackingNumbers", "waybill"))
    numbers: Any = next((value for value in values if value is not None), None)
    if numbers is None:
        return _tracking(payload)
    numbers = split(numbers) or [numbers] if isinstance(numbers, str) else numbers
    if not isinstance(numbers, list) or len(numbers) > MAX_CODES:
        raise refuse("/trackingNumbers", _("%(field)s must be a list in brackets.", field="trackingNumbers"))
    for index, number in enumerate(numbers):
        if not is_code(number):
            raise _malformed(f"/trackingNumbers/{index}")
    # A link belongs to one parcel.
    url = link(payload.get("trackingUrl")) if len(numbers) == 1 else None
    carrier = _carrier(payload, url)
    return [NewTrackingCode(normalise(number), carrier, url) for number in numbers]


def _tracking(payload: dict[str, Any]) -> list[NewTrackingCode]:
    """The codes in `tracking`, those of returns left out; parcels without a waybill have none yet."""
    codes: dict[str, NewTrackingCode] = {}
    for index, parcel in enumerate(items(payload, "tracking")[:MAX_CODES]):
        number = parcel.get("waybill")
        if parcel.get("isReturn") is True or number is None or number == "":
            continue
        if not is_code(number):
            raise _malformed(f"/tracking/{index}/waybill")
        url = link(parcel.get("trackingUrl"))
        code = normalise(number)
        codes.setdefault(code, NewTrackingCode(code, _carrier(payload, url), url))
    return list(codes.values())


def _carrier(payload: dict[str, Any], url: str | None) -> str | None:
    known = find_by_host(urlsplit(url).hostname or "") if url else None
    return carrier_name(payload.get("carrier")) or carrier_name(known.name if known else None)


def _malformed(pointer: str) -> Exception:
    return refuse(pointer, _("A tracking code has letters, digits, spaces and . _ / - only, at most 100."))
