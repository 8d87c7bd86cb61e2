"""Holds as JSON: what keeps an order or a shipment from leaving."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from webshop_orders.documents.fields import Flag, Name, RowId
from webshop_orders.models import HoldReason, HoldRule, Order
from webshop_orders.models.event_facts import HoldReleased, OrderHeld
from webshop_orders.models.hold import MAX_NOTE_LENGTH
from webshop_orders.validation.document import Document
from webshop_orders.validation.rules import Choice, Day, Description, Text

Note = Annotated[str, Text(MAX_NOTE_LENGTH, multiline=True)]
Reason = Annotated[HoldReason, Choice(HoldReason, example=HoldReason.WRONG_ADDRESS)]


@dataclass(frozen=True)
class NewHold(Document):
    """A hold of an order, or of one of its shipments."""

    reason: Reason
    note: Annotated[Note | None, Description("Required where the reason is `other`")] = None
    shipment: Annotated[Name | None, Description("Its reference, such as WS-100234-1; null for the order")] = None
    until: Annotated[
        Annotated[date, Day()] | None, Description("The day that it ends on by itself, in the shop's time zone")
    ] = None
    keeps_stock: Annotated[Flag, Description("False to let other orders have the stock meanwhile")] = True


@dataclass(frozen=True)
class HoldRelease(Document):
    """Which hold is released: one at a time, and never all of them."""

    hold: Annotated[RowId, Description("Its `id` in the order's `holds`")]
    note: Note | None = None


@dataclass(frozen=True)
class SourceHold(Document):
    """That an order is on hold in the shop that it comes from."""

    reason: Reason = HoldReason.OTHER
    note: Annotated[Note | None, Description("What the shop says of it")] = None


@dataclass(frozen=True)
class HoldDocument:
    """A hold that stands."""

    id: int
    reason: Reason
    rule: Annotated[
        Annotated[str, Choice(HoldRule, example=HoldRule.UNPAID)] | None,
        Description("What made it, where nobody did by hand"),
    ]
    note: str | None
    shipment: Annotated[str | None, Description("The reference of the held shipment; null for the whole order")]
    until: Annotated[Annotated[str, Day()] | None, Description("The day that it ends on")]
    keeps_stock: bool
    held_by: str
    held_at: str


def holds_of(order: Order) -> list[HoldDocument]:
    """The holds of an order as they are written."""
    return [
        HoldDocument(
            id=hold.id,
            reason=hold.reason,
            rule=hold.rule.value if hold.rule else None,
            note=hold.note,
            shipment=hold.reference(order.number),
            until=hold.until,
            keeps_stock=hold.keeps_stock,
            held_by=hold.by,
            held_at=hold.at.replace("+00:00", "Z"),
        )
        for hold in order.holds
    ]


def event_data(facts: OrderHeld | HoldReleased) -> dict[str, Any]:
    """What a webhook says of a hold that was made, or released."""
    values = {"id": facts.hold, "reason": facts.reason.value, "note": facts.note, "shipment": facts.shipment}
    if isinstance(facts, HoldReleased):
        return {**values, "ended": facts.ended}
    rule = facts.rule.value if facts.rule else None
    return {**values, "rule": rule, "until": facts.until, "keeps_stock": facts.keeps_stock}
