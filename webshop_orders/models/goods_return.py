"""Goods that come back, or what is settled for them: values, replaced as a whole."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MAX_RETURNS = 50  # of one order


class ReturnKind(StrEnum):
    """A return is refunded, an exchange sends other goods, and a claim says that something was wrong."""

    RETURN = "return"
    EXCHANGE = "exchange"
    CLAIM = "claim"


class ReturnState(StrEnum):
    REGISTERED = "registered"
    RECEIVED = "received"
    CLOSED = "closed"


class ReturnReason(StrEnum):
    WITHDRAWN = "withdrawn"
    FAULTY = "faulty"
    WRONG_PRODUCT = "wrong_product"
    DAMAGED_IN_TRANSPORT = "damaged_in_transport"
    NOT_COLLECTED = "not_collected"


class Disposition(StrEnum):
    """What becomes of goods that came back."""

    RESTOCK = "restock"
    DISCARD = "discard"


@dataclass(frozen=True)
class ReturnLine:
    """Units of a line that has shipped; `received` of them came back, None while they are awaited.

    `restocked` of these went into the stock of the product.
    """

    line_id: int
    shipment: int
    product_id: int | None
    sku: str
    name: str
    quantity: int
    reason: ReturnReason
    disposition: Disposition = Disposition.RESTOCK
    received: int | None = None
    restocked: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", ReturnReason(self.reason))  # stored as text
        object.__setattr__(self, "disposition", Disposition(self.disposition))

    @property
    def units(self) -> int:
        """Units that came back or are awaited: nobody can return them again."""
        return self.quantity if self.received is None else self.received


@dataclass(frozen=True)
class Return:
    """A return, an exchange or a claim; `id` is its number within the order and is never given again.

    A claim without `expects_goods` is settled without goods that come back. `replacement` is the number of the shipment
    that leaves instead, and `withdrawal_id` the customer's statement that it comes from. `external_reference` is what
    its source calls it. Times are in UTC and ISO 8601.
    """

    id: int
    kind: ReturnKind
    state: ReturnState
    lines: list[ReturnLine]
    registered_by: str
    registered_at: str
    received_at: str | None = None
    closed_at: str | None = None
    note: str | None = None
    expects_goods: bool = True
    replacement: int | None = None
    withdrawal_id: int | None = None
    external_reference: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", ReturnKind(self.kind))  # stored as text
        object.__setattr__(self, "state", ReturnState(self.state))
        stored: list[Any] = self.lines
        lines = [ReturnLine(**line) if isinstance(line, dict) else line for line in stored]
        object.__setattr__(self, "lines", lines)

    @property
    def is_open(self) -> bool:
        return self.state is not ReturnState.CLOSED
