"""Callbacks of Sendify: https://api.sendify.com/docs.

Its API names the parcels of a shipment `main_tracking_id`, the shop's references `reference_id`, `sender_reference` and
`receiver_reference`, and gives each tracking event a `status` and a `created_at`. Which of them a webhook sends, and
whether in `shipment` or `data`, is not public: they are read wherever they are.
"""

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
    references,
)
from webshop_orders.models.tracking_code import MAX_CODES

DELIVERED = "DELIVERED"
REFERENCES = ("reference_id", "sender_reference", "receiver_reference")
NUMBERS = ("main_tracking_id", "tracking_id", "tracking_number")
TIMES = ("delivered_at", "created_at", "timestamp", "updated_at")


class Sendify:
    """Codes of shipments that are booked, and their delivery."""

    name = "sendify"
    is_carrier = True

    @staticmethod
    def recognises(payload: Any) -> bool:
        names = _fields(payload).keys()
        return (
            bool(names & {"main_tracking_id", "sender_reference", "reference_id"}) or {"shipment_id", "status"} <= names
        )

    @classmethod
    def read(cls, payload: Any, settings: CallbackSettings) -> list[ShippingNotification]:
        fields = _fields(payload)
        about = references(*(fields.get(name) for name in REFERENCES))
        packages = [_first(package, NUMBERS) for package in items(fields, "packages")[:MAX_CODES]]
        carrier = text(fields, "carrier_name") or text(fields, "carrier_code")
        parcels = codes(*packages, carrier=carrier) or codes(
            _first(fields, NUMBERS), carrier=carrier, url=fields.get("tracking_url")
        )
        event = _latest_event(fields, settings)
        is_delivered = str(event.get("status") or fields.get("status")).upper() == DELIVERED
        if not (parcels or about):
            return [ignore(_("There is no shipment in it."))]
        if not is_delivered and not (parcels and about):
            return [ignore_status(event.get("status") or fields.get("status"))]
        times = (timestamp(source, name, settings.zone) for source in (event, fields) for name in TIMES)
        at = next((time for time in times if time), None)
        return [ShippingNotification(about, parcels, status=NotifiedStatus.DELIVERED if is_delivered else None, at=at)]


def _fields(payload: Any) -> dict[str, Any]:
    """All fields of a call, those of the shipment in it before those around it."""
    if not isinstance(payload, dict):
        return {}
    data = part(payload, "data")
    return {**payload, **data, **part(payload, "shipment"), **part(data, "shipment")}


def _latest_event(fields: dict[str, Any], settings: CallbackSettings) -> dict[str, Any]:
    events = [
        *items(fields, "tracking"),
        *items(fields, "events"),
        part(fields, "tracking_event"),
        part(fields, "event"),
    ]
    dated = [(at, event) for event in events if (at := timestamp(event, "created_at", settings.zone))]
    return max(dated, key=lambda row: row[0])[1] if dated else {}


def _first(value: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((found for name in names if (found := text(value, name))), None)
