"""Returns, exchanges and claims as JSON, for the API and webhooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from flask_babel import gettext as _

from webshop_orders.documents.fields import Flag, Quantity, RowId, Sku
from webshop_orders.models import (
    MAX_QUANTITY,
    Disposition,
    Order,
    Return,
    ReturnKind,
    ReturnLine,
    ReturnReason,
    ReturnState,
)
from webshop_orders.models.goods_return import MAX_NOTE_LENGTH
from webshop_orders.validation import writing
from webshop_orders.validation.document import Document, Source
from webshop_orders.validation.rules import Choice, Description, Fault, Integer, Items, Text

MAX_LINES = 500

Kind = Annotated[ReturnKind, Choice(ReturnKind, example=ReturnKind.RETURN)]
Reason = Annotated[ReturnReason, Choice(ReturnReason, example=ReturnReason.WITHDRAWN)]
Becomes = Annotated[Disposition, Choice(Disposition, example=Disposition.RESTOCK)]
LineId = Annotated[RowId | None, Description("The id of one of the order's lines")]
EitherSku = Annotated[Sku | None, Description("Either this or `line`")]


def _name_one(values: dict[str, Any]) -> None:
    if ("sku" in values) == ("line" in values):
        values["sku"] = Fault(lambda _field: _("Name either the SKU or the line."))


@dataclass(frozen=True)
class NewReturnLine(Document):
    """Units that come back or are claimed, named by their SKU or by the id of a line that has shipped."""

    quantity: Quantity
    reason: Reason
    sku: EitherSku = None
    line: LineId = None
    disposition: Becomes = Disposition.RESTOCK

    @classmethod
    def check_together(cls, values: dict[str, Any]) -> None:
        _name_one(values)


@dataclass(frozen=True)
class NewReplacement(Document):
    """Units that leave instead: of a product by its SKU, or of the same as a line of the order."""

    quantity: Quantity
    sku: EitherSku = None
    line: LineId = None

    @classmethod
    def check_together(cls, values: dict[str, Any]) -> None:
        _name_one(values)


@dataclass(frozen=True)
class NewReturn(Document):
    """Goods that come back, or that something is done about: an exchange sends other goods, a claim the same again."""

    lines: Annotated[list[NewReturnLine], Items(MAX_LINES, minimum=1)]
    kind: Kind = ReturnKind.RETURN
    note: Annotated[str, Text(MAX_NOTE_LENGTH, multiline=True)] | None = None
    expects_goods: Annotated[Flag, Description("Whether goods come back; only a claim can do without")] = True
    replacements: Annotated[
        list[NewReplacement],
        Items(MAX_LINES),
        Description("What is sent instead: an exchange at its price, a claim at no cost"),
    ] = field(default_factory=list)
    send_mail: Annotated[Flag, Description("Whether the customer is told")] = False


@dataclass(frozen=True)
class ReceivedLine(Document):
    """Units that came back, 0 where none did; once for each disposition of a line."""

    quantity: Annotated[int, Integer(0, MAX_QUANTITY)]
    sku: EitherSku = None
    line: LineId = None
    disposition: Becomes = Disposition.RESTOCK

    @classmethod
    def check_together(cls, values: dict[str, Any]) -> None:
        _name_one(values)


@dataclass(frozen=True)
class ReturnReceipt(Document):
    """What came back of a return; without lines, all that is awaited, as it was registered."""

    lines: Annotated[
        list[ReceivedLine], Items(MAX_LINES), Description("Lines that are not named are awaited still")
    ] = field(default_factory=list)


@dataclass(frozen=True)
class _ReturnOfOrder:
    order: Order
    value: Return

    @property
    def reference(self) -> str:
        return self.value.reference(self.order.number)

    @property
    def replacement(self) -> str | None:
        return f"{self.order.number}-{self.value.replacement}" if self.value.replacement else None

    @property
    def lines(self) -> list[_LineOfOrder]:
        return [_LineOfOrder(self.order, line) for line in self.value.lines]


@dataclass(frozen=True)
class _LineOfOrder:
    order: Order
    value: ReturnLine

    @property
    def shipment(self) -> str:
        return f"{self.order.number}-{self.value.shipment}"


def _at(name: str) -> Callable[[_ReturnOfOrder], datetime | None]:
    def read(source: _ReturnOfOrder) -> datetime | None:
        text: str | None = getattr(source.value, name)
        return datetime.fromisoformat(text) if text else None

    return read


@dataclass(frozen=True)
class ReturnLineDocument:
    """Units of a line of a return; `received` is null while they are awaited, `restocked` of them are in stock."""

    line: Annotated[int, Source("value.line_id"), Description("The id of one of the order's lines")]
    shipment: Annotated[str, Description("The shipment that they left with")]
    sku: Annotated[str, Source("value.sku")]
    name: Annotated[str, Source("value.name")]
    quantity: Annotated[int, Source("value.quantity")]
    reason: Annotated[Reason, Source("value.reason")]
    disposition: Annotated[Becomes, Source("value.disposition")]
    received: Annotated[int | None, Source("value.received")]
    restocked: Annotated[int, Source("value.restocked")]


@dataclass(frozen=True)
class ReturnDocument:
    """A return, an exchange or a claim of an order."""

    id: Annotated[int, Source("value.id"), Description("Its number within the order")]
    reference: str
    kind: Annotated[Kind, Source("value.kind")]
    state: Annotated[Annotated[ReturnState, Choice(ReturnState, example=ReturnState.REGISTERED)], Source("value.state")]
    expects_goods: Annotated[bool, Source("value.expects_goods")]
    lines: list[ReturnLineDocument]
    note: Annotated[str | None, Source("value.note")]
    replacement: Annotated[str | None, Description("The shipment that leaves instead")]
    withdrawal: Annotated[
        int | None, Source("value.withdrawal_id"), Description("The statement of withdrawal that it comes from")
    ]
    external_reference: Annotated[str | None, Source("value.external_reference")]
    registered_by: Annotated[str, Source("value.registered_by")]
    registered_at: Annotated[datetime, Source(_at("registered_at"))]
    received_at: Annotated[datetime | None, Source(_at("received_at"))]
    closed_at: Annotated[datetime | None, Source(_at("closed_at"))]


@dataclass(frozen=True)
class Returns:
    """The returns of an order, the latest last."""

    returns: list[ReturnDocument]


def of_order(order: Order) -> list[Any]:
    """What the documents of the returns of an order are written from."""
    return [_ReturnOfOrder(order, a_return) for a_return in order.returns]


def to_json(order: Order, a_return: Return) -> dict[str, Any]:
    """A return of an order as plain JSON values."""
    return writing.write(ReturnDocument, _ReturnOfOrder(order, a_return))
