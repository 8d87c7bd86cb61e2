from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from webshop_orders.connectors.parsing import Currency
from webshop_orders.connectors.shopify.taxes import Taxed
from webshop_orders.connectors.sums import Rows
from webshop_orders.models.charge import ChargeKind


@dataclass
class Ledger:
    """An order while it is read: its rows, and the VAT in them by rate in basis points as the tax lines state it.

    `includes_vat` tells whether the prices in Shopify do; those of the rows always do. `is_void` tells that the order
    is cancelled or has nothing left, so that it is read as it was ordered.
    """

    currency: Currency
    includes_vat: bool
    is_void: bool
    rows: Rows = field(default_factory=Rows)
    taxes: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    shipping_price: int = 0

    @property
    def total(self) -> int:
        return self.rows.total + self.shipping_price

    @property
    def rounded_amounts(self) -> int:
        """How many amounts Shopify may have rounded."""
        return len(self.rows.lines) + len(self.rows.charges) + (1 if self.shipping_price else 0)

    def add_charge(self, kind: ChargeKind, name: str, taxed: Taxed) -> None:
        """Add a row that is neither a product nor shipping, with its VAT."""
        self.rows.add_charge(kind, name, taxed.charged, taxed.vat_rate)
        self.taxes[taxed.vat_rate] += taxed.tax
