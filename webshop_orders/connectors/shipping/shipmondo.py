"""Webhooks of Shipmondo: https://shipmondo.dev/docs/webhooks, and its public client `Setono/shipmondo-php-sdk`.

The body is `{"data": …}` with a JSON web token that is signed (HS256) with the webhook's key. In it, `data` is a
shipment with `reference`, `pkg_no`, `parcels` and `carrier_code`, or a shipment monitor with `current_status`,
`current_status_registered_at` and `carrier_track_id`.
"""

import json
import re
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors.parsing import items, part, timestamp
from webshop_orders.connectors.shipping.notifications import (
    CallbackSettings,
    NotifiedStatus,
    ShippingNotification,
    codes,
    ignore,
    ignore_status,
    references,
    refuse,
)
from webshop_orders.errors import Unauthorized
from webshop_orders.models.tracking_code import MAX_CODES

DELIVERED = "DELIVERED"
TOKEN = re.compile(r"[\w-]+\.[\w-]*\.[\w-]+", re.ASCII)
RETURNS = re.compile(r".*(RETURN.*|_R)", re.IGNORECASE)  # product codes, such as DAO_R
CARRIERS = {"pdk": "PostNord", "posten_norge": "Bring"}


class Shipmondo:
    """Codes of shipments that are booked, and deliveries of the shipment monitor."""

    name = "shipmondo"
    is_carrier = True

    @staticmethod
    def recognises(payload: Any) -> bool:
        data = payload.get("data") if isinstance(payload, dict) else None
        return isinstance(data, str) and TOKEN.fullmatch(data) is not None

    @classmethod
    def read(cls, payload: Any, settings: CallbackSettings) -> list[ShippingNotification]:
        """Raises Unauthorized where the token is signed with another key, and InvalidDocument for other contents."""
        content = _content(payload["data"], settings.key)
        data = part(content, "data") or content
        if "current_status" in data:
            return [cls._monitor(data, settings)]
        if "pkg_no" in data or "parcels" in data:
            return [cls._shipment(data)]
        return [ignore(_("Calls of this kind are not about parcels."))]

    @staticmethod
    def _monitor(monitor: dict[str, Any], settings: CallbackSettings) -> ShippingNotification:
        status = monitor.get("current_status")
        if str(status).upper() != DELIVERED:
            return ignore_status(status)
        return ShippingNotification(
            references(monitor.get("reference")),
            codes(monitor.get("carrier_track_id"), monitor.get("pkg_no"), carrier=_carrier(monitor)),
            status=NotifiedStatus.DELIVERED,
            at=timestamp(monitor, "current_status_registered_at", settings.zone),
        )

    @staticmethod
    def _shipment(shipment: dict[str, Any]) -> ShippingNotification:
        if RETURNS.fullmatch(str(shipment.get("product_code"))):
            return ignore(_("It is a return, whose codes are not the customer's."))
        numbers = [parcel.get("pkg_no") for parcel in items(shipment, "parcels")[:MAX_CODES]]
        about = references(shipment.get("reference"))
        parcels = codes(*numbers, carrier=_carrier(shipment)) or codes(
            shipment.get("pkg_no"), carrier=_carrier(shipment)
        )
        if not about or not parcels:
            return ignore(_("There is no shipment in it."))
        return ShippingNotification(about, parcels)


def _content(token: str, key: str | None) -> Any:
    """What a token says; Shipmondo writes it as JSON in a JSON text."""
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jwk import OctKey

    try:
        if key is None:
            payload = jws.extract_compact(token.encode()).payload
        else:
            payload = jws.deserialize_compact(token, OctKey.import_key(key), algorithms=["HS256"]).payload
    except (JoseError, ValueError) as error:
        raise Unauthorized(_("The signature of the call does not fit the key that it came with.")) from error
    try:
        content = json.loads(payload or b"")
        return json.loads(content) if isinstance(content, str) else content
    except (ValueError, RecursionError) as error:
        raise refuse("/data", _("%(field)s must be an object in braces.", field="data")) from error


def _carrier(value: dict[str, Any]) -> str | None:
    code = value.get("carrier_code")
    return CARRIERS.get(code.lower(), code) if isinstance(code, str) else None
