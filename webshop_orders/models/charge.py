"""Rows of an order's sum that are neither products nor shipping: values, replaced as a whole."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from webshop_orders.validation.document import Document
from webshop_orders.validation.rules import Choice, Integer, Text

MAX_CHARGE = 10**9  # öre, either way
MAX_CHARGES = 100  # of one order


class ChargeKind(StrEnum):
    FEE = "fee"
    DUTY = "duty"
    TIP = "tip"
    DEDUCTION = "deduction"
    ROUNDING = "rounding"


@dataclass(frozen=True)
class Charge(Document):
    """A fee, a customs duty, a tip, a deduction or a rounding: part of the total, and never packed.

    `amount` in öre is below zero where it is taken off; it includes VAT where the order's prices do. The VAT rate is
    in basis points.
    """

    kind: Annotated[ChargeKind, Choice(ChargeKind, example=ChargeKind.FEE)]
    name: Annotated[str, Text()]
    amount: Annotated[int, Integer(-MAX_CHARGE, MAX_CHARGE)]
    vat_rate: Annotated[int, Integer(0, 10_000)] = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", ChargeKind(self.kind))  # stored as text
