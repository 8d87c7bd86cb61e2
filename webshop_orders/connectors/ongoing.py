"""Webhooks of Ongoing WMS about shipments: https://developer.ongoingwarehouse.com, Webhooks.

The standard webhook names the shipment and its order; a webhook template of the shop's own can add
`waybill` or `trackingNumbers`, `carrier` and `trackingUrl`.
"""

from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors.shipping_notifications import ShippingNotification, refuse
from webshop_orders.documents.tracking import NewTrackingCode, normalise_carrier
from webshop_orders.models.tracking_code import CODE, LINK, MAX_CODES
from webshop_orders.text.patterns import CONTROL

MAX_TEXT_LENGTH, MAX_LINK_LENGTH = 200, 500


class Ongoing:
    """Webhooks of Ongoing WMS: the goods have left, with the codes that the template adds."""

    name = "ongoing"

    @staticmethod
    def recognises(payload: Any) -> bool:
        return isinstance(payload, dict) and "webhookEventId" in payload

    @classmethod
    def read(cls, payload: Any) -> list[ShippingNotification]:
        """Raises InvalidDocument for a webhook without an order's number, or with malformed tracking codes."""
        about = payload.get("shipmentOrderNumber") or payload.get("orderNumber")
        if not isinstance(about, str) or not about.strip() or len(about) > MAX_TEXT_LENGTH or CONTROL.search(about):
            raise refuse("/shipmentOrderNumber", _("%(field)s is missing.", field="shipmentOrderNumber"))
        return [ShippingNotification(about.strip(), cls._codes(payload), is_shipped=True)]

    @classmethod
    def _codes(cls, payload: dict[str, Any]) -> list[NewTrackingCode]:
        values = (payload.get(name) for name in ("trackingNumbers", "waybill"))
        numbers: Any = next((value for value in values if value is not None), [])
        numbers = [numbers] if isinstance(numbers, str) else numbers
        if not isinstance(numbers, list) or len(numbers) > MAX_CODES:
            raise refuse("/trackingNumbers", _("%(field)s must be a list in brackets.", field="trackingNumbers"))
        for index, number in enumerate(numbers):
            if not isinstance(number, str) or not CODE.fullmatch(number.strip()):
                raise refuse(
                    f"/trackingNumbers/{index}",
                    _("A tracking code has letters, digits, spaces and . _ / - only, at most 100."),
                )
        # A link belongs to one parcel.
        carrier, url = _carrier(payload), _link(payload) if len(numbers) == 1 else None
        return [NewTrackingCode(number.strip(), carrier, url) for number in numbers]


def _carrier(payload: dict[str, Any]) -> str | None:
    name = payload.get("carrier")
    is_name = isinstance(name, str) and 0 < len(name) <= MAX_TEXT_LENGTH and not CONTROL.search(name)
    return normalise_carrier(str(name)) if is_name else None


def _link(payload: dict[str, Any]) -> str | None:
    url = payload.get("trackingUrl")
    is_link = isinstance(url, str) and len(url) <= MAX_LINK_LENGTH and LINK.fullmatch(url)
    return str(url) if is_link else None
