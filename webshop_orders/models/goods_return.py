"""Goods that come back, or what is settled for them: values, replaced as a whole."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from webshop_orders.text.languages import lazy_gettext as _l

MAX_RETURNS = 50  # of one order
MAX_NOTE_LENGTH = 500


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
    NOT_STATED = "not_stated"  # of goods that came back elsewhere


class Disposition(StrEnum):
    """What becomes of goods that came back."""

    RESTOCK = "restock"
    DISCARD = "discard"


KIND_LABELS = {
    ReturnKind.RETURN: _l("return"),
    ReturnKind.EXCHANGE: _l("exchange"),
    ReturnKind.CLAIM: _l("claim"),
}
STATE_LABELS = {
    ReturnState.REGISTERED: _l("registered"),
    ReturnState.RECEIVED: _l("received"),
    ReturnState.CLOSED: _l("closed"),
}
REASON_LABELS = {
    ReturnReason.WITHDRAWN: _l("withdrawn purchase"),
    ReturnReason.FAULTY: _l("claim"),
    ReturnReason.WRONG_PRODUCT: _l("wrong product"),
    ReturnReason.DAMAGED_IN_TRANSPORT: _l("damaged in transport"),
    ReturnReason.NOT_COLLECTED: _l("not collected"),
    ReturnReason.NOT_STATED: _l("no reason stated"),
}
DISPOSITION_LABELS = {
    Disposition.RESTOCK: _l("back into stock"),
    Disposition.DISCARD: _l("discarded"),
}


@dataclass(frozen=True)
class ReturnLine:
    """Units of a line that has shipped; `received` of them came back, None while they are awaited.

    More can come back than were announced. `restocked` of these went into the stock of the product.
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

    @property
    def awaited(self) -> list[ReturnLine]:
        """The lines of which nobody has said yet what came back."""
        return [line for line in self.lines if line.received is None] if self.expects_goods and self.is_open else []

    def reference(self, number: str) -> str:
        """What people call it: the return of the order with this number, such as WS-100234-R1."""
        return f"{number}-R{self.id}"
