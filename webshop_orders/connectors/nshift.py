"""Shipments as nShift Delivery (Unifaun Online) returns them: https://help.unifaun.com, Shipments, `Shipment`.

One shipment, or a list of them, with `orderNo`, `shipmentNo` and `parcels`, each with its `parcelNo`.
"""

from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors.shipping_notifications import ShippingNotification, refuse
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.models.tracking_code import CODE, MAX_CODES
from webshop_orders.text.patterns import CONTROL

MAX_SHIPMENTS = 100
MAX_TEXT_LENGTH = 200
# Carriers by the letters of a service's id.
CARRIERS = {"P": "PostNord", "PN": "PostNord", "DHL": "DHL", "SB": "DB Schenker", "BR": "Bring", "UPS": "UPS"}


class NShift:
    """Shipments of nShift Delivery: parcel numbers become tracking codes of the order in `orderNo`."""

    name = "nshift"

    @staticmethod
    def recognises(payload: Any) -> bool:
        first = payload[0] if isinstance(payload, list) and payload else payload
        return isinstance(first, dict) and "parcels" in first and ("orderNo" in first or "shipmentNo" in first)

    @classmethod
    def read(cls, payload: Any) -> list[ShippingNotification]:
        """Raises InvalidDocument for a shipment without an order's number, or with malformed parcels."""
        shipments = payload if isinstance(payload, list) else [payload]
        if len(shipments) > MAX_SHIPMENTS:
            raise refuse("", _("%(field)s holds too many: at most %(most)s.", field="JSON", most=MAX_SHIPMENTS))
        return [cls._read(item, f"/{index}" if payload is shipments else "") for index, item in enumerate(shipments)]

    @classmethod
    def _read(cls, shipment: Any, pointer: str) -> ShippingNotification:
        if not isinstance(shipment, dict):
            raise refuse(pointer, _("%(field)s must be an object in braces.", field="JSON"))
        about, parcels = shipment.get("orderNo") or shipment.get("reference"), shipment.get("parcels")
        if not isinstance(about, str) or not about.strip() or len(about) > MAX_TEXT_LENGTH or CONTROL.search(about):
            raise refuse(f"{pointer}/orderNo", _("%(field)s is missing.", field="orderNo"))
        if not isinstance(parcels, list) or len(parcels) > MAX_CODES:
            raise refuse(f"{pointer}/parcels", _("%(field)s must be a list in brackets.", field="parcels"))
        codes = [cls._code(parcel, shipment, f"{pointer}/parcels/{index}") for index, parcel in enumerate(parcels)]
        if not codes and shipment.get("shipmentNo"):
            codes = [cls._code({"parcelNo": shipment["shipmentNo"]}, shipment, f"{pointer}/shipmentNo")]
        return ShippingNotification(about.strip(), codes)

    @staticmethod
    def _code(parcel: Any, shipment: dict[str, Any], pointer: str) -> NewTrackingCode:
        number = parcel.get("parcelNo") if isinstance(parcel, dict) else None
        if isinstance(number, int) and not isinstance(number, bool):
            number = str(number)
        if not isinstance(number, str) or not CODE.fullmatch(number.strip()):
            raise refuse(f"{pointer}/parcelNo", _("%(field)s is missing.", field="parcelNo"))
        service = shipment.get("serviceId")
        prefix = "".join(character for character in service if character.isalpha()) if isinstance(service, str) else ""
        return NewTrackingCode(number.strip(), CARRIERS.get(prefix))
