"""A customer's statement of withdrawing from a purchase as JSON, for the API and webhooks."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from webshop_orders.documents.fields import Flag, Language, Name, ProductName, Quantity
from webshop_orders.documents.order import PastTimestamp
from webshop_orders.models import Withdrawal, WithdrawalSource
from webshop_orders.models.withdrawal import MAX_LINES
from webshop_orders.validation import writing
from webshop_orders.validation.document import Document
from webshop_orders.validation.rules import Choice, Description, Email, Items


@dataclass(frozen=True)
class StatedLine(Document):
    """Units of a product that a customer withdraws from."""

    product: Annotated[ProductName, Description("As the customer names it")]
    quantity: Annotated[Quantity | None, Description("Null for all of them")] = None


@dataclass(frozen=True)
class NewWithdrawal(Document):
    """A statement that the customer made elsewhere, such as in the shop itself; of the whole order without `lines`."""

    name: Name | None = None
    email: Annotated[
        Annotated[str, Email()] | None, Description("Where the receipt goes; null for the customer's address")
    ] = None
    language: Annotated[Language | None, Description("Of the receipt; null for the order's")] = None
    lines: Annotated[list[StatedLine], Items(MAX_LINES)] = field(default_factory=list)
    received_at: Annotated[PastTimestamp | None, Description("When it came; null for now")] = None
    send_receipt: Annotated[Flag, Description("False where the customer got a receipt from you")] = True


@dataclass(frozen=True)
class WithdrawalDocument:
    """A statement as it is written; `number` and `email` are what the customer stated."""

    id: int
    source: Annotated[WithdrawalSource, Choice(WithdrawalSource, example=WithdrawalSource.FORM)]
    received_at: datetime
    number: str
    name: str
    email: str
    language: str
    lines: list[StatedLine]
    handled_at: datetime | None


@dataclass(frozen=True)
class Withdrawals:
    """The statements about an order, the latest last."""

    withdrawals: list[WithdrawalDocument]


def to_json(withdrawal: Withdrawal) -> dict[str, Any]:
    """A statement as plain JSON values."""
    return writing.write(WithdrawalDocument, withdrawal)
