"""What a shop states of an order, beside the order as the shop sends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Statement:
    """An order as a shop sends it, and what it states: amounts in minor units, VAT by rate in basis points.

    `units` is how many units of products are to be packed. `vat` and `vat_by_rate` differ where a shop rounds its VAT
    in all otherwise than that of each rate. `rounds_to` is the smallest amount that it states.
    """

    payload: dict[str, Any]
    total: int
    vat: int
    vat_by_rate: dict[int, int]
    paid: int
    balance: int
    units: int
    rounds_to: int = 1

    @property
    def rows(self) -> int:
        """How many rows it has that cost something."""
        return sum(len(self.payload.get(name, [])) for name in ("line_items", "shipping_lines", "fee_lines"))
