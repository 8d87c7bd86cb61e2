"""Events of Bring and Posten: https://developer.bring.com/api/event-cast, Callbacks.

An event has `status`, the numbers of the `shipment` and the `package`, and `created`, which is in UTC.
"""

from typing import Any

from webshop_orders.connectors.parsing import timestamp
from webshop_orders.connectors.shipping.notifications import (
    CallbackSettings,
    NotifiedStatus,
    ShippingNotification,
    codes,
    ignore_status,
    is_code,
    objects,
)
from webshop_orders.documents.known_codes import normalise

STATUSES = {
    "DELIVERED": NotifiedStatus.DELIVERED,
    "RETURN": NotifiedStatus.SENT_BACK,
    "DELIVERED_SENDER": NotifiedStatus.SENT_BACK,  # it has come back
}


class Bring:
    """Event Cast: a parcel that was delivered or sent back, found by its number or that of its consignment."""

    name = "bring"
    is_carrier = True

    @staticmethod
    def recognises(payload: Any) -> bool:
        return any("status" in event and ("package" in event or "pushed" in event) for event in objects(payload)[:1])

    @classmethod
    def read(cls, payload: Any, settings: CallbackSettings) -> list[ShippingNotification]:
        return [cls._read(event, settings) for event in objects(payload)]

    @staticmethod
    def _read(event: dict[str, Any], settings: CallbackSettings) -> ShippingNotification:
        status = STATUSES.get(str(event.get("status")))
        if status is None:
            return ignore_status(event.get("status"))
        package, consignment = event.get("package"), event.get("shipment")
        return ShippingNotification(
            codes=codes(package, carrier="Bring"),
            other_codes=(normalise(consignment),) if is_code(consignment) else (),
            status=status,
            at=timestamp(event, "created", settings.zone) or timestamp(event, "pushed", settings.zone),
        )
