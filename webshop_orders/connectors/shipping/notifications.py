"""What shipping systems call back with, in one form: which parcels, and whether they have left or were delivered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Annotated, Any, Protocol, TypeGuard

from flask_babel import gettext as _

from webshop_orders.documents.fields import Name
from webshop_orders.documents.known_codes import normalise
from webshop_orders.documents.tracking import NewTrackingCode, TrackingCodes, normalise_carrier
from webshop_orders.errors import FieldError, InvalidDocument
from webshop_orders.models.tracking_code import CODE, LINK
from webshop_orders.text.patterns import CONTROL, without_direction_marks
from webshop_orders.validation.document import Document
from webshop_orders.validation.reading import read
from webshop_orders.validation.rules import Choice, Fault, Text, Timestamp

MAX_REFERENCE_LENGTH, MAX_LINK_LENGTH = 200, 500
MAX_NOTIFICATIONS, MAX_CARRIER_LENGTH = 1_000, 60


class NotifiedStatus(StrEnum):
    """What became of a parcel; whatever it is, the parcel has left."""

    SHIPPED = "shipped"
    DELIVERED = "delivered"
    UNCOLLECTED = "uncollected"
    SENT_BACK = "sent_back"


@dataclass(frozen=True)
class CallbackSettings:
    """What an operator sets in a callback's address, and what the request came with.

    `shipped` has the statuses at which goods have left, in lower case, None for the usual ones of the system; `zone` is
    that of times without one; `key` verifies signed bodies, None for a body that was verified before.
    """

    shipped: frozenset[str] | None = None
    zone: tzinfo = UTC
    key: str | None = None


@dataclass(frozen=True)
class ShippingNotification:
    """What a shipping system reports of parcels.

    `references` are candidates for an order's number or external reference or a shipment's reference, the best first.
    `codes` are of the parcels, and `other_codes` are numbers that the same parcels may be noted by; a shipment is found
    by them where no reference fits. `at` is when it came to its `status`, None for the time of the call. `ignored` is
    why there is nothing to do.
    """

    references: tuple[str, ...] = ()
    codes: list[NewTrackingCode] = field(default_factory=list)
    other_codes: tuple[str, ...] = ()
    status: NotifiedStatus | None = None
    at: datetime | None = None
    ignored: str | None = None

    @property
    def name(self) -> str | None:
        """What the notification is about, as its system names it."""
        codes = (new.code for new in self.codes)
        return next(iter((*self.references, *codes, *self.other_codes)), None)


class ShippingAdapter(Protocol):
    """The format of a shipping system; `read` raises InvalidDocument where a call cannot be understood.

    A carrier reports all parcels of an agreement, and would stop after refusals: what does not concern an order is
    ignored, and what cannot be taken is accepted and waits in the log.
    """

    name: str
    is_carrier: bool

    @staticmethod
    def recognises(payload: Any) -> bool: ...

    @classmethod
    def read(cls, payload: Any, settings: CallbackSettings) -> list[ShippingNotification]: ...


@dataclass(frozen=True)
class NeutralNotification(Document):
    """The notification in a format of our own, for systems whose callbacks can be given a template."""

    shipment: Annotated[str, Text(80)] | None = None
    order: Name | None = None
    tracking: TrackingCodes = field(default_factory=list)
    status: (
        Annotated[NotifiedStatus, Choice(NotifiedStatus, example=NotifiedStatus.SHIPPED, can_be_blank=True)] | None
    ) = None
    delivered_at: Annotated[datetime, Timestamp()] | None = None
    uncollected_at: Annotated[datetime, Timestamp()] | None = None
    sent_back_at: Annotated[datetime, Timestamp()] | None = None

    @property
    def at(self) -> datetime | None:
        """When it came to its status, where that is said."""
        times = {
            NotifiedStatus.DELIVERED: self.delivered_at,
            NotifiedStatus.UNCOLLECTED: self.uncollected_at,
            NotifiedStatus.SENT_BACK: self.sent_back_at,
        }
        return times.get(self.status) if self.status else None

    @classmethod
    def check_together(cls, values: dict[str, Any]) -> None:
        if ("shipment" in values and "order" in values) or not {"shipment", "order", "tracking"} & values.keys():
            values["shipment"] = Fault(lambda _field: _("Name either the order or the shipment."))


class Neutral:
    """Callbacks in our own format: `order`, `shipment` or neither, `tracking`, `status` and when it came to that."""

    name = "neutral"
    is_carrier = False

    @staticmethod
    def recognises(payload: Any) -> bool:
        return isinstance(payload, dict) and ("order" in payload or "shipment" in payload)

    @classmethod
    def read(cls, payload: Any, settings: CallbackSettings) -> list[ShippingNotification]:
        """Raises InvalidDocument with each field that is wrong."""
        new = read(NeutralNotification, payload)
        reference = new.shipment or new.order
        about = (reference,) if reference else ()
        return [ShippingNotification(about, new.tracking, status=new.status, at=new.at)]


def refuse(pointer: str, sentence: str) -> InvalidDocument:
    return InvalidDocument([FieldError(pointer, sentence)])


def ignore(reason: str) -> ShippingNotification:
    return ShippingNotification(ignored=reason)


def ignore_status(status: Any) -> ShippingNotification:
    """Nothing is done at this status of a carrier, which may be any value."""
    return ignore(_("Nothing is done at the status %(status)s.", status=str(status)[:MAX_REFERENCE_LENGTH]))


def references(*values: Any) -> tuple[str, ...]:
    """Those of the values that can be the reference of an order or a shipment, each once."""
    texts = (
        without_direction_marks(str(value)).strip()
        for value in values
        if isinstance(value, str | int) and not isinstance(value, bool)
    )
    return tuple(
        dict.fromkeys(text for text in texts if 0 < len(text) <= MAX_REFERENCE_LENGTH and not CONTROL.search(text))
    )


def objects(payload: Any) -> list[dict[str, Any]]:
    """The objects of a payload that is one, or a list of them."""
    values = payload if isinstance(payload, list) else [payload]
    return [value for value in values[:MAX_NOTIFICATIONS] if isinstance(value, dict)]


def is_code(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and CODE.fullmatch(normalise(value)) is not None


def codes(*values: Any, carrier: str | None = None, url: Any = None) -> list[NewTrackingCode]:
    """Those of the values that are tracking codes, each once; the link, where it is one, is of a single code."""
    numbers = list(dict.fromkeys(normalise(value) for value in values if is_code(value)))
    name = carrier_name(carrier)
    return [NewTrackingCode(number, name, link(url) if len(numbers) == 1 else None) for number in numbers]


def carrier_name(name: Any) -> str | None:
    """A carrier as the shop writes it; None for a value that is no name."""
    text = without_direction_marks(name).strip() if isinstance(name, str) else ""
    return normalise_carrier(text) if 0 < len(text) <= MAX_CARRIER_LENGTH and not CONTROL.search(text) else None


def link(url: Any) -> str | None:
    is_link = isinstance(url, str) and len(url) <= MAX_LINK_LENGTH and LINK.fullmatch(url)
    return str(url) if is_link else None
