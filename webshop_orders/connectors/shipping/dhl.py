"""Pushes of DHL's unified shipment tracking: https://developer.dhl.com/api-reference/shipment-tracking-unified-push.

`scope` says what a push is about. One of `subscription.push` has `shipments` as the tracking API writes them: `id`,
`status` with its `statusCode` and `timestamp`, and `details` with `references` and `pieceIds`.
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
    is_code,
    references,
)

DELIVERED = "delivered"
PUSH, VALIDATION = "subscription.push", "subscription.validate"
MAX_NUMBERS = 50


class Dhl:
    """A delivered parcel, found by its number, a number of its pieces or the shop's reference."""

    name = "dhl"
    is_carrier = True

    @staticmethod
    def recognises(payload: Any) -> bool:
        if not isinstance(payload, dict):
            return False
        is_scope = str(payload.get("scope")).startswith("subscription.")
        return is_scope or any("id" in item and part(item, "status") for item in items(payload, "shipments")[:1])

    @classmethod
    def read(cls, payload: Any, settings: CallbackSettings) -> list[ShippingNotification]:
        scope = payload.get("scope") or PUSH
        if scope == VALIDATION:
            secret = text(payload, "secret") or ""
            return [
                ignore(_("DHL waits for the subscription to be activated, with the secret %(secret)s.", secret=secret))
            ]
        if scope != PUSH:
            return [ignore(_("Calls of this kind are not about parcels."))]
        shipments = [cls._read(item, settings) for item in items(payload, "shipments")]
        return shipments or [ignore(_("There is no shipment in it."))]

    @staticmethod
    def _read(shipment: dict[str, Any], settings: CallbackSettings) -> ShippingNotification:
        status, details = part(shipment, "status"), part(shipment, "details")
        if str(status.get("statusCode")).lower() != DELIVERED:
            return ignore_status(status.get("statusCode") or status.get("status"))
        pieces = details.get("pieceIds")
        return ShippingNotification(
            references(*(item.get("number") for item in items(details, "references")[:MAX_NUMBERS])),
            codes(shipment.get("id"), carrier="DHL"),
            tuple(piece for piece in pieces[:MAX_NUMBERS] if is_code(piece)) if isinstance(pieces, list) else (),
            status=NotifiedStatus.DELIVERED,
            at=timestamp(status, "timestamp", settings.zone),
        )
