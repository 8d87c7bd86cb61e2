"""Shipments as nShift Delivery (Unifaun Online) answers them: https://help.unifaun.com, Shipments, `Shipment`.

One answer, or a list of them, with `orderNo`, `shipmentNo` and `parcels`, each with its `parcelNo`.
"""

from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors.shipping_notifications import ShippingNotification, refuse
from webshop_orders.documents.delivery import NewTrackingCode
from webshop_orders.models.tracking_code import CODE, MAX_CODES
from webshop_orders.text.patterns import CONTROL

MOST_SHIPMENTS = 100
LONGEST = 200
# The letters that a service's id begins with.
CARRIERS = {"P": "PostNord", "PN": "PostNord", "DHL": "DHL", "SB": "DB Schenker", "BR": "Bring", "UPS": "UPS"}


class NShift:
    """Answers of nShift Delivery: parcel numbers become tracking codes of the order that `orderNo` names."""

    name = "nshift"

    @staticmethod
    def recognises(payload: Any) -> bool:
        first = payload[0] if isinstance(payload, list) and payload else payload
        return isinstance(first, dict) and "parcels" in first and ("orderNo" in first or "shipmentNo" in first)

    @classmethod
    def read(cls, payload: Any) -> list[ShippingNotification]:
        """Raises WrongFields for an answer without an order's number, or with parcels that are none."""
        answers = payload if isinstance(payload, list) else [payload]
        if len(answers) > MOST_SHIPMENTS:
            raise refuse("", _("%(field)s holds too many: at most %(most)s.", field="JSON", most=MOST_SHIPMENTS))
        return [cls._read(answer, f"/{index}" if payload is answers else "") for index, answer in enumerate(answers)]

    @classmethod
    def _read(cls, answer: Any, pointer: str) -> ShippingNotification:
        if not isinstance(answer, dict):
            raise refuse(pointer, _("%(field)s must be an object in braces.", field="JSON"))
        about, parcels = answer.get("orderNo") or answer.get("reference"), answer.get("parcels")
        if not isinstance(about, str) or not about.strip() or len(about) > LONGEST or CONTROL.search(about):
            raise refuse(f"{pointer}/orderNo", _("%(field)s is missing.", field="orderNo"))
        if not isinstance(parcels, list) or len(parcels) > MAX_CODES:
            raise refuse(f"{pointer}/parcels", _("%(field)s must be a list in brackets.", field="parcels"))
        codes = [cls._code(parcel, answer, f"{pointer}/parcels/{place}") for place, parcel in enumerate(parcels)]
        if not codes and answer.get("shipmentNo"):
            codes = [cls._code({"parcelNo": answer["shipmentNo"]}, answer, f"{pointer}/shipmentNo")]
        return ShippingNotification(about.strip(), codes)

    @staticmethod
    def _code(parcel: Any, answer: dict[str, Any], pointer: str) -> NewTrackingCode:
        number = parcel.get("parcelNo") if isinstance(parcel, dict) else None
        if isinstance(number, int) and not isinstance(number, bool):
            number = str(number)
        if not isinstance(number, str) or not CODE.fullmatch(number.strip()):
            raise refuse(f"{pointer}/parcelNo", _("%(field)s is missing.", field="parcelNo"))
        service = answer.get("serviceId")
        prefix = "".join(sign for sign in service if sign.isalpha()) if isinstance(service, str) else ""
        return NewTrackingCode(number.strip(), CARRIERS.get(prefix))
