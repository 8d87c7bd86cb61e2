"""What shipping systems call back with, read into one shape: which order or shipment, which codes, and if it left."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from webshop_orders.documents import delivery as delivery_document
from webshop_orders.documents.strict_json import Fields
from webshop_orders.errors import FieldError, InvalidDocument
from webshop_orders.operations.orders.tracking import NewTrackingCode


@dataclass(frozen=True)
class ShippingNotification:
    """What a shipping system says: `about` is an order's number or reference, or a shipment's reference."""

    about: str
    codes: list[NewTrackingCode] = field(default_factory=list)
    is_shipped: bool = False


class Neutral:
    """Our own shape, for systems that can be told what to send: `order` or `shipment`, `tracking`, `status`."""

    name = "neutral"

    @staticmethod
    def recognises(payload: Any) -> bool:
        return isinstance(payload, dict) and ("order" in payload or "shipment" in payload)

    @staticmethod
    def read(payload: Any) -> list[ShippingNotification]:
        """Raises WrongFields with each field that is wrong."""
        fields = Fields(payload)
        shipment, order = fields.text("shipment", most=80), fields.text("order")
        if (shipment is None) == (order is None):
            fields.refuse("shipment", _("Name either the order or the shipment."))
        codes = delivery_document.codes(fields, "tracking")
        status = fields.matching("status", "shipped", example="shipped")
        fields.finish()
        return [ShippingNotification(shipment or order or "", codes, is_shipped=status is not None)]


def refuse(pointer: str, sentence: str) -> InvalidDocument:
    return InvalidDocument([FieldError(pointer, sentence)])
