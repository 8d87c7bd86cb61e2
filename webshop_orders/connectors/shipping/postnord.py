"""Notifications of PostNord, whose shipments are written as its tracking API v5 writes them:
https://developer.postnord.com, Track & Trace, and the public clients `postnord_api` and `ha-postnord`.

`TrackingInformationResponse.shipments`, `shipments` or one shipment: `shipmentId`, `status`, `references`, and `items`,
each with its `itemId`, `status` and `events` (`status`, `eventTime`).
"""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors.parsing import items, part, text, timestamp
from webshop_orders.connectors.shipping.notifications import (
    CallbackSettings,
    NotifiedStatus,
    ShippingNotification,
    codes,
    ignore,
    ignore_status,
    is_code,
    objects,
    references,
)
from webshop_orders.documents.known_codes import normalise

STATUSES = {"DELIVERED": NotifiedStatus.DELIVERED, "RETURNED": NotifiedStatus.SENT_BACK}
MAX_REFERENCES = 20


class PostNord:
    """Parcels that were delivered or sent back, found by their numbers or the shop's reference."""

    name = "postnord"
    is_carrier = True

    @staticmethod
    def recognises(payload: Any) -> bool:
        return any("shipmentId" in shipment or "itemId" in shipment for shipment in _shipments(payload)[:1])

    @classmethod
    def read(cls, payload: Any, settings: CallbackSettings) -> list[ShippingNotification]:
        shipments = _shipments(payload)
        parcels = [(parcel, shipment) for shipment in shipments for parcel in items(shipment, "items") or [shipment]]
        notifications = [_read(parcel, shipment, settings) for parcel, shipment in parcels]
        return notifications or [ignore(_("There is no shipment in it."))]


def _shipments(payload: Any) -> list[dict[str, Any]]:
    if not isinstance(payload, dict):
        return objects(payload)
    envelope = next((name for name in payload if name.lower() == "trackinginformationresponse"), None)
    content = part(payload, envelope) if envelope else payload
    return items(content, "shipments") if "shipments" in content else [content]


def _read(parcel: dict[str, Any], shipment: dict[str, Any], settings: CallbackSettings) -> ShippingNotification:
    name = _status(parcel, settings) or _status(shipment, settings)
    status = STATUSES.get(name or "")
    if name is None or status is None:
        return ignore_status(name)
    number, consignment = parcel.get("itemId"), shipment.get("shipmentId")
    return ShippingNotification(
        references(*_reference_values(shipment), *_reference_values(parcel)),
        codes(number, carrier="PostNord"),
        (normalise(consignment),) if is_code(consignment) else (),
        status=status,
        at=_time_of(name, parcel, settings) or _time_of(name, shipment, settings),
    )


def _status(value: dict[str, Any], settings: CallbackSettings) -> str | None:
    """The status of a parcel or shipment; failing one, that of its latest event."""
    if status := text(value, "status"):
        return status.upper()
    events = [event for event in items(value, "events") if _event_status(event)]
    dated = [(at, event) for event in events if (at := timestamp(event, "eventTime", settings.zone))]
    latest = max(dated, key=lambda row: row[0])[1] if dated else (events or [{}])[-1]
    return _event_status(latest)


def _event_status(event: dict[str, Any]) -> str | None:
    status = text(event, "status") or text(event, "eventCode")
    return status.upper() if status else None


def _time_of(status: str, value: dict[str, Any], settings: CallbackSettings) -> datetime | None:
    """When a parcel or shipment came to a status, by its events; of a delivery also by its date."""
    events = (event for event in items(value, "events") if _event_status(event) == status)
    times = [at for event in events if (at := timestamp(event, "eventTime", settings.zone))]
    delivered_at = timestamp(value, "deliveryDate", settings.zone) if status == "DELIVERED" else None
    return max(times, default=None) or delivered_at


def _reference_values(value: dict[str, Any]) -> list[Any]:
    rows = items(value, "references")[:MAX_REFERENCES]
    return [row.get("value") or row.get("referenceNo") for row in rows] + [value.get("reference")]
