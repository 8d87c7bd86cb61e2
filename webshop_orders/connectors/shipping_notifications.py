"""What shipping systems call back with, in one form: which order or shipment, which codes, and whether it has left."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

from flask_babel import gettext as _

from webshop_orders.documents.fields import Name
from webshop_orders.documents.tracking import NewTrackingCode, TrackingCodes
from webshop_orders.errors import FieldError, InvalidDocument
from webshop_orders.validation.document import Document
from webshop_orders.validation.reading import read
from webshop_orders.validation.rules import Choice, Fault, Text


class NotifiedStatus(StrEnum):
    SHIPPED = "shipped"


@dataclass(frozen=True)
class ShippingNotification:
    """What a shipping system reports: `about` is an order's number or reference, or a shipment's reference."""

    about: str
    codes: list[NewTrackingCode] = field(default_factory=list)
    is_shipped: bool = False


@dataclass(frozen=True)
class NeutralNotification(Document):
    """The notification in a format of our own, for systems whose callbacks can be given a template."""

    shipment: Annotated[str, Text(80)] | None = None
    order: Name | None = None
    tracking: TrackingCodes = field(default_factory=list)
    status: Annotated[NotifiedStatus, Choice(NotifiedStatus, example=NotifiedStatus.SHIPPED)] | None = None

    @classmethod
    def check_together(cls, values: dict[str, Any]) -> None:
        if ("shipment" in values) == ("order" in values):
            values["shipment"] = Fault(lambda _field: _("Name either the order or the shipment."))


class Neutral:
    """Callbacks in our own format: `order` or `shipment`, `tracking`, `status`."""

    name = "neutral"

    @staticmethod
    def recognises(payload: Any) -> bool:
        return isinstance(payload, dict) and ("order" in payload or "shipment" in payload)

    @staticmethod
    def read(payload: Any) -> list[ShippingNotification]:
        """Raises InvalidDocument with each field that is wrong."""
        new = read(NeutralNotification, payload)
        is_shipped = new.status is NotifiedStatus.SHIPPED
        return [ShippingNotification(new.shipment or new.order or "", new.tracking, is_shipped)]


def refuse(pointer: str, sentence: str) -> InvalidDocument:
    return InvalidDocument([FieldError(pointer, sentence)])
