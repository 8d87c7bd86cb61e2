"""Orders of other shops, as their connectors read them: ours, with what the shop gave back of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from webshop_orders.documents.fields import MAX_SUM, CommentText, Flag, Name, ProductName, Quantity, Sku, Sum
from webshop_orders.documents.order import MAX_LINES, NewOrder
from webshop_orders.models import RefundRowKind
from webshop_orders.models.refund import MAX_REFUNDS
from webshop_orders.validation.document import Document
from webshop_orders.validation.reading import read as read_document
from webshop_orders.validation.rules import Choice, Integer, Items, Timestamp

MAX_REFERENCES = 20  # of one refund in payment systems
SUM_OF_REFUNDS = "sum"  # the reference of all refunds together, where a file tells no more


@dataclass(frozen=True)
class SourceRefundRow(Document):
    """What a refund of another shop is for; `amount` and the `vat` in it in öre, with VAT, below zero for a fee.

    `vat` is absent where the shop does not tell it. `quantity` units of a product are of the line with this SKU.
    `is_left_out` tells that the lines and sums of the order's document are without it already.
    """

    kind: Annotated[RefundRowKind, Choice(RefundRowKind, example=RefundRowKind.LINE)]
    amount: Annotated[int, Integer(-MAX_SUM, MAX_SUM)]
    name: ProductName | None = None
    vat: Annotated[int, Integer(-MAX_SUM, MAX_SUM)] | None = None
    sku: Sku | None = None
    quantity: Quantity | None = None
    is_left_out: Flag = False


@dataclass(frozen=True)
class SourceReturnedGoods(Document):
    """Units of the product with this SKU that came back to the shop, into stock of its own.

    `is_left_out` tells that the lines of the order's document are without them already.
    """

    sku: Sku
    quantity: Quantity
    is_left_out: Flag = False


@dataclass(frozen=True)
class SourceRefund(Document):
    """A refund of another shop: `amount` is the money that was given back, in öre of the order's currency.

    `external_reference` is the shop's own within the order, and `references` are those of its payment system, the best
    one first.
    """

    external_reference: Name
    amount: Sum
    rows: Annotated[list[SourceRefundRow], Items(MAX_LINES)] = field(default_factory=list)
    at: Annotated[datetime, Timestamp()] | None = None
    reason: CommentText | None = None
    method: Name | None = None
    references: Annotated[list[Name], Items(MAX_REFERENCES)] = field(default_factory=list)
    returned: Annotated[list[SourceReturnedGoods], Items(MAX_LINES)] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class NewSourceOrder(NewOrder):
    """An order of another shop to be placed.

    Its `payment.written_off` is all that nobody is asked for, what was refunded too.
    """

    refunds: Annotated[list[SourceRefund], Items(MAX_REFUNDS)] = field(default_factory=list)


def read(value: Any) -> NewSourceOrder:
    """The order in a JSON value; raises InvalidDocument with each field that is wrong, missing or unknown."""
    return read_document(NewSourceOrder, value)


def refunds_of(new: NewOrder) -> list[SourceRefund]:
    """What the source of an order gave back of it; none of one that came over the API."""
    return new.refunds if isinstance(new, NewSourceOrder) else []
