"""Incoming deliveries as JSON: goods that are expected, and their receipt."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any

from webshop_orders.documents.fields import Flag, Name, Sku
from webshop_orders.documents.order import OrderNumber
from webshop_orders.documents.queries import DEFAULT_PAGE_SIZE, PageSize
from webshop_orders.models import IncomingDelivery
from webshop_orders.models.incoming_delivery import MAX_NOTE_LENGTH, MAX_UNITS
from webshop_orders.models.incoming_delivery import IncomingDeliveryState as State
from webshop_orders.validation import writing
from webshop_orders.validation.document import UNSET, Document, Source
from webshop_orders.validation.rules import Choice, Day, Description, Integer, Items, Text

MAX_FIRST = 50

Units = Annotated[int, Integer(1, MAX_UNITS)]
ExpectedDay = Annotated[date, Day()]
Note = Annotated[str, Text(MAX_NOTE_LENGTH)]
Version = Annotated[int, Integer(1, 10**9), Description("That of the delivery as it was read")]


@dataclass(frozen=True)
class IncomingDeliveriesQuery(Document):
    """Which incoming deliveries are listed: open ones by their day, closed ones the latest first."""

    state: Annotated[State, Choice(State, example=State.OPEN)] = State.OPEN
    limit: PageSize = DEFAULT_PAGE_SIZE
    cursor: Name | None = None


@dataclass(frozen=True)
class NewIncomingDelivery(Document):
    """Units of a product that are expected."""

    sku: Sku
    quantity: Units
    expected_on: Annotated[ExpectedDay | None, Description("Null where it is not known")] = None
    note: Note | None = None


@dataclass(frozen=True)
class IncomingDeliveryChange(Document):
    """What is changed of an incoming delivery; fields that are absent stay."""

    version: Version
    quantity: Units | None = None
    expected_on: Annotated[ExpectedDay | None, Description("Null where it is not known any more")] = UNSET
    note: Annotated[Note | None, Description("Null is none")] = UNSET


@dataclass(frozen=True)
class NewReceipt(Document):
    """Units of a delivery that came: into stock, and to the orders that wait for them."""

    version: Version
    quantity: Annotated[Units, Description("More or less than was expected")]
    closes: Annotated[Flag, Description("False where the rest is still to come")] = True
    first: Annotated[list[OrderNumber], Items(MAX_FIRST), Description("Orders that get theirs before others")] = field(
        default_factory=list
    )


@dataclass(frozen=True)
class IncomingDeliveryDocument:
    """An incoming delivery as it is written."""

    id: int
    sku: Annotated[str, Source("product.sku")]
    quantity: int
    received: int
    remaining: Annotated[int, Description("Units that are still expected")]
    expected_on: Annotated[Annotated[str, Day()] | None, Description("Null where it is not known")]
    note: str | None
    version: int
    closed_at: Annotated[datetime | None, Description("When all had come, or no more was expected")]


@dataclass(frozen=True)
class IncomingDeliveryPage:
    """A page of incoming deliveries."""

    incoming_deliveries: list[IncomingDeliveryDocument]
    next_cursor: str | None


@dataclass(frozen=True)
class ReceiptDocument:
    """What a receipt did: the orders that lack nothing any more, and the units that orders still wait for."""

    received: Annotated[int, Source("units")]
    ready: Annotated[list[str], Description("Numbers of orders; those that the worker covers are not among them")]
    waiting: Annotated[int, Source("waiting_left")]
    incoming_delivery: Annotated[IncomingDeliveryDocument, Source("delivery")]


def to_json(delivery: IncomingDelivery) -> dict[str, Any]:
    """An incoming delivery, loaded with its product, as plain JSON values."""
    return writing.write(IncomingDeliveryDocument, delivery)
