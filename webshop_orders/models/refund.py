"""Money that is given back, and what it is for: values, replaced as a whole."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MAX_REFUNDS = 100  # of one order
MAX_REASON_LENGTH = 200


class RefundState(StrEnum):
    """A refund is requested until the payment system, or staff by hand, has carried it out or given it up."""

    REQUESTED = "requested"
    DONE = "done"
    CANCELLED = "cancelled"


class RefundRowKind(StrEnum):
    """What a row is for: units of a line, the shipping fee, a charge of the order, an amount for some other reason, or
    a fee that is kept back, which is below zero."""

    LINE = "line"
    SHIPPING = "shipping"
    CHARGE = "charge"
    AMOUNT = "amount"
    FEE = "fee"


@dataclass(frozen=True)
class RefundRow:
    """A row of a refund: `amount` in öre, with VAT where the order's prices have it; the VAT rate in basis points.

    `quantity` units of the line `line_id`; `charge` is the place among the order's charges, the first of which is 0.
    """

    kind: RefundRowKind
    name: str
    amount: int
    vat_rate: int
    line_id: int | None = None
    quantity: int | None = None
    charge: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", RefundRowKind(self.kind))  # stored as text


@dataclass(frozen=True)
class Refund:
    """A refund, which is a credit note too; `id` is its number within the order and is never given again.

    `credited` is what the order costs less: its rows, the VAT on top of them and `rounding`; `vat` is the VAT in it, by
    rate in basis points. `amount` is the money that is given back: less than `credited` where something was left to
    pay, more where the customer had paid too much. All in öre. `reference` is what the payment system calls it,
    `external_reference` what the order's source does, which such a refund came from. The credit note
    is mailed to the customer when the refund is done where `mails_customer`. Times are in UTC and ISO 8601.
    """

    id: int
    state: RefundState
    rows: list[RefundRow]
    credited: int
    amount: int
    requested_by: str
    requested_at: str
    vat: dict[str, int]
    rounding: int = 0
    reason: str | None = None
    method: str | None = None
    reference: str | None = None
    done_at: str | None = None
    return_id: int | None = None
    external_reference: str | None = None
    mails_customer: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", RefundState(self.state))  # stored as text
        stored: list[Any] = self.rows
        rows = [RefundRow(**row) if isinstance(row, dict) else row for row in stored]
        object.__setattr__(self, "rows", rows)

    def number_in(self, order: str) -> str:
        """What people call it in the order with this number, such as WS-100234-K1."""
        return f"{order}-K{self.id}"

    @property
    def stands(self) -> bool:
        return self.state is not RefundState.CANCELLED

    @property
    def is_pending(self) -> bool:
        return self.state is RefundState.REQUESTED
