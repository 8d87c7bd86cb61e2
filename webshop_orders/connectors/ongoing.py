"""Shipments as Ongoing WMS tells of them by webhook: https://developer.ongoingwarehouse.com, Webhooks.

The plain webhook names the shipment and its order; a webhook template of the shop's own can add
`waybill` or `trackingNumbers`, `carrier` and `trackingUrl`.
"""

from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors.shipping_notifications import ShippingNotification, refuse
from webshop_orders.documents import delivery as delivery_document
from webshop_orders.operations.orders.tracking import CODE, LINK, MAX_CODES, NewTrackingCode
from webshop_orders.text.patterns import CONTROL

LONGEST, LONGEST_LINK = 200, 500


class Ongoing:
    """Webhooks of Ongoing WMS: the goods have left, with the codes that the template adds."""

    name = "ongoing"

    @staticmethod
    def recognises(payload: Any) -> bool:
        return isinstance(payload, dict) and "webhookEventId" in payload

    @classmethod
    def read(cls, payload: Any) -> list[ShippingNotification]:
        """Raises WrongFields for a webhook that names no order, or codes that are none."""
        about = payload.get("shipmentOrderNumber") or payload.get("orderNumber")
        if not isinstance(about, str) or not about.strip() or len(about) > LONGEST or CONTROL.search(about):
            raise refuse("/shipmentOrderNumber", _("%(field)s is missing.", field="shipmentOrderNumber"))
        return [ShippingNotification(about.strip(), cls._codes(payload), is_shipped=True)]

    @classmethod
    def _codes(cls, payload: dict[str, Any]) -> list[NewTrackingCode]:
        told = (payload.get(name) for name in ("trackingNumbers", "waybill"))
        numbers: Any = next((one for one in told if one is not None), [])
        numbers = [numbers] if isinstance(numbers, str) else numbers
        if not isinstance(numbers, list) or len(numbers) > MAX_CODES:
            raise refuse("/trackingNumbers", _("%(field)s must be a list in brackets.", field="trackingNumbers"))
        url, carrier = payload.get("trackingUrl"), payload.get("carrier")
        is_link = isinstance(url, str) and len(url) <= LONGEST_LINK and LINK.fullmatch(url)
        is_carrier = isinstance(carrier, str) and 0 < len(carrier) <= LONGEST and not CONTROL.search(carrier)
        for place, number in enumerate(numbers):
            if not isinstance(number, str) or not CODE.fullmatch(number.strip()):
                raise refuse(
                    f"/trackingNumbers/{place}",
                    _("A tracking code has letters, digits, spaces and . _ / - only, at most 100."),
                )
        return [
            NewTrackingCode(
                number.strip(),
                delivery_document.carrier_named(carrier) if is_carrier else None,
                url if is_link and len(numbers) == 1 else None,
            )
            for number in numbers
        ]
