"""Refunds and registered payments of an order as JSON, for the API and webhooks. Amounts in öre."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from webshop_orders.documents.fields import MAX_SUM, Amount, Flag, Name, Quantity, RowId, Sum
from webshop_orders.models import Refund, RefundRowKind, RefundState, RegisteredPayment
from webshop_orders.models.charge import MAX_CHARGES
from webshop_orders.models.refund import MAX_REASON_LENGTH
from webshop_orders.validation import writing
from webshop_orders.validation.document import Document, Source
from webshop_orders.validation.rules import Choice, Description, Integer, Items, Pattern, Text

MAX_LINES = 500
MAX_FEES = 10

Reason = Annotated[str, Text(MAX_REASON_LENGTH)]
Number = Annotated[int, Integer(1, 10**6)]  # of a refund or a return within its order
Place = Annotated[int, Integer(0, MAX_CHARGES - 1)]
Day = Annotated[str, Pattern(pattern="[0-9]{4}-[0-9]{2}-[0-9]{2}", example="2026-11-23")]


def _requested_at(refund: Refund) -> datetime:
    return datetime.fromisoformat(refund.requested_at)


def _done_at(refund: Refund) -> datetime | None:
    return datetime.fromisoformat(refund.done_at) if refund.done_at else None


def _registered_at(payment: RegisteredPayment) -> datetime:
    return datetime.fromisoformat(payment.at)


@dataclass(frozen=True)
class RefundedLine(Document):
    """Units of a line to be refunded, at its price and their share of its discount."""

    id: RowId
    quantity: Quantity


@dataclass(frozen=True)
class RefundedCharge(Document):
    """What is refunded of a charge, by its place among the order's, the first of which is 0."""

    place: Place
    amount: Annotated[int, Integer(-MAX_SUM, MAX_SUM), Description("Below zero where the charge is")]


@dataclass(frozen=True)
class KeptFee(Document):
    """What the shop keeps back, such as the freight of a return."""

    name: Name
    amount: Amount


@dataclass(frozen=True)
class NewRefund(Document):
    """What is to be refunded. Amounts are as the order's prices are: with VAT, or without.

    With a `return_id` and no rows, what that return gives reason to.
    """

    lines: Annotated[list[RefundedLine], Items(MAX_LINES)] = field(default_factory=list)
    shipping: Annotated[Sum, Description("Of the shipping fee")] = 0
    charges: Annotated[list[RefundedCharge], Items(MAX_CHARGES)] = field(default_factory=list)
    amount: Annotated[Sum, Description("For a reason; shared by what is left of each VAT rate")] = 0
    fees: Annotated[list[KeptFee], Items(MAX_FEES)] = field(default_factory=list)
    overpaid: Annotated[Sum, Description("Of what was paid and is not asked for, such as of a cancelled order")] = 0
    everything: Annotated[Flag, Description("All that is left, in place of rows")] = False
    reason: Reason | None = None
    method: Annotated[Name | None, Description("Null for the order's")] = None
    reference: Annotated[Name | None, Description("What the payment system calls it")] = None
    return_id: Annotated[Number | None, Description("The return that it is for")] = None
    done: Annotated[Flag, Description("Whether the money has gone already")] = False
    send_credit_note: Annotated[Flag, Description("Whether the customer is mailed it when the refund is done")] = False

    @property
    def has_rows(self) -> bool:
        return any([self.lines, self.shipping, self.charges, self.amount, self.overpaid])


@dataclass(frozen=True)
class DoneRefund(Document):
    """How a refund was carried out; what is null stays as it was requested."""

    reference: Annotated[Name | None, Description("What the payment system calls it")] = None
    method: Name | None = None


@dataclass(frozen=True)
class CancelledRefund(Document):
    """Why a refund is given up."""

    reason: Reason | None = None


@dataclass(frozen=True)
class RefundRowDocument:
    """What a refund is for. Amounts are as the order's prices are; the VAT rate in basis points."""

    kind: Annotated[RefundRowKind, Choice(RefundRowKind, example=RefundRowKind.LINE)]
    name: str
    amount: int
    vat_rate: int
    line_id: int | None
    quantity: int | None
    charge: Annotated[int | None, Description("The place of a charge among the order's")]


@dataclass(frozen=True)
class RefundDocument:
    """A refund, which is a credit note too, as it is written; people call it by the order's number, -K and its id."""

    id: int
    state: Annotated[RefundState, Choice(RefundState, example=RefundState.REQUESTED)]
    amount: Annotated[int, Description("The money that is given back")]
    credited: Annotated[int, Description("What the order costs less")]
    vat: Annotated[dict[str, int], Description("The VAT in `credited`, by rate in basis points")]
    rounding: int
    rows: list[RefundRowDocument]
    reason: str | None
    method: str | None
    reference: str | None
    return_id: int | None
    external_reference: str | None
    requested_by: str
    requested_at: Annotated[datetime, Source(_requested_at)]
    done_at: Annotated[datetime | None, Source(_done_at)]


@dataclass(frozen=True)
class Refunds:
    """The refunds of an order, the latest last."""

    refunds: list[RefundDocument]


@dataclass(frozen=True)
class PaymentToRegister(Document):
    """Money that came in outside the checkout."""

    amount: Amount
    method: Name | None = None
    reference: Annotated[Name | None, Description("What the payment system calls it")] = None
    paid_on: Annotated[Day | None, Description("In the shop's time zone; null for today")] = None


@dataclass(frozen=True)
class RegisteredPaymentDocument:
    """A registered payment as it is written."""

    id: int
    amount: int
    method: str | None
    reference: str | None
    paid_on: str
    registered_by: Annotated[str, Source("by")]
    registered_at: Annotated[datetime, Source(_registered_at)]


@dataclass(frozen=True)
class RegisteredPayments:
    """The registered payments of an order, the latest last."""

    payments: list[RegisteredPaymentDocument]


def to_json(refund: Refund) -> dict[str, Any]:
    """A refund as plain JSON values."""
    return writing.write(RefundDocument, refund)


def payment_to_json(payment: RegisteredPayment) -> dict[str, Any]:
    """A registered payment as plain JSON values."""
    return writing.write(RegisteredPaymentDocument, payment)
