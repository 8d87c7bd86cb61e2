"""Shipments as nShift Delivery (Unifaun Online) returns them: https://help.unifaun.com, Shipments, `Shipment`.

One shipment, or a list of them, with `orderNo`, `shipmentNo` and `parcels`, each with its `parcelNo`.
"""

from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors.shipping.notifications import (
    CallbackSettings,
    NotifiedStatus,
    ShippingNotification,
    carrier_name,
    ignore,
    ignore_status,
    references,
    refuse,
)
from webshop_orders.connectors.shipping.nshift_services import carrier_of, is_return
from webshop_orders.documents.known_codes import normalise
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.models.tracking_code import CODE, MAX_CODES

MAX_SHIPMENTS = 100
ANNULLED = {"DELETED", "CANCELLED", "CANCELED"}


class NShift:
    """Shipments of nShift Delivery: parcel numbers become tracking codes of the order in `orderNo`."""

    name = "nshift"
    is_carrier = False

    @staticmethod
    def recognises(payload: Any) -> bool:
        first = payload[0] if isinstance(payload, list) and payload else payload
        return isinstance(first, dict) and "parcels" in first and ("orderNo" in first or "shipmentNo" in first)

    @classmethod
    def read(cls, payload: Any, settings: CallbackSettings) -> list[ShippingNotification]:
        """Raises InvalidDocument for a shipment without an order's number, or with malformed parcels."""
        shipments = payload if isinstance(payload, list) else [payload]
        if len(shipments) > MAX_SHIPMENTS:
            raise refuse("", _("%(field)s holds too many: at most %(most)s.", field="JSON", most=MAX_SHIPMENTS))
        return [
            cls._read(item, f"/{index}" if payload is shipments else "", settings)
            for index, item in enumerate(shipments)
        ]

    @classmethod
    def _read(cls, shipment: Any, pointer: str, settings: CallbackSettings) -> ShippingNotification:
        if not isinstance(shipment, dict):
            raise refuse(pointer, _("%(field)s must be an object in braces.", field="JSON"))
        if _is_return(shipment):
            return ignore(_("It is a return, whose codes are not the customer's."))
        status = str(shipment.get("status") or "").upper()
        if status in ANNULLED:
            return ignore_status(status)
        about = _text_references(shipment)
        parcels = shipment.get("parcels")
        if not about:
            raise refuse(f"{pointer}/orderNo", _("%(field)s is missing.", field="orderNo"))
        if not isinstance(parcels, list) or len(parcels) > MAX_CODES:
            raise refuse(f"{pointer}/parcels", _("%(field)s must be a list in brackets.", field="parcels"))
        codes = [
            cls._code(parcel, shipment, f"{pointer}/parcels/{index}")
            for index, parcel in enumerate(parcels)
            if not _has_return_alone(parcel)
        ]
        if not parcels and shipment.get("shipmentNo"):
            codes = [cls._code({"parcelNo": shipment["shipmentNo"]}, shipment, f"{pointer}/shipmentNo")]
        is_shipped = status.lower() in (settings.shipped or ())
        return ShippingNotification(about, codes, status=NotifiedStatus.SHIPPED if is_shipped else None)

    @staticmethod
    def _code(parcel: Any, shipment: dict[str, Any], pointer: str) -> NewTrackingCode:
        number = parcel.get("parcelNo") if isinstance(parcel, dict) else None
        if isinstance(number, int) and not isinstance(number, bool):
            number = str(number)
        if not isinstance(number, str) or not CODE.fullmatch(normalise(number)):
            raise refuse(f"{pointer}/parcelNo", _("%(field)s is missing.", field="parcelNo"))
        return NewTrackingCode(normalise(number), carrier_name(carrier_of(_service(shipment))))


def _text_references(shipment: dict[str, Any]) -> tuple[str, ...]:
    values = (shipment.get("orderNo"), shipment.get("reference"))
    return references(*(value for value in values if isinstance(value, str)))


def _service(shipment: dict[str, Any]) -> Any:
    service = shipment.get("service")
    return shipment.get("serviceId") or (service.get("id") if isinstance(service, dict) else None)


def _has_return_alone(parcel: Any) -> bool:
    return isinstance(parcel, dict) and not parcel.get("parcelNo") and bool(parcel.get("returnParcelNo"))


def _is_return(shipment: dict[str, Any]) -> bool:
    is_only_return = shipment.get("returnShipment") is True and shipment.get("normalShipment") is not True
    return is_only_return or is_return(_service(shipment))
