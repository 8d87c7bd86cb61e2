"""What an export of products does not tell and its importer does: VAT rates, and whether prices include VAT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from flask_babel import gettext as _

from webshop_orders.connectors.parsing import BASIS_POINTS, Currency
from webshop_orders.errors import RuleViolation

STANDARD = "standard"
ZERO = "zero-rate"
# Sweden's, by the tax classes that WooCommerce has from the start; rates in basis points.
USUAL_RATES = {STANDARD: 2_500, "reduced-rate": 1_200, ZERO: 0}


@dataclass(frozen=True)
class ProductTerms:
    """`vat_rates` has rates in basis points by tax class, besides the usual ones."""

    currency: Currency
    prices_include_vat: bool = True
    vat_rates: Mapping[str, int] = field(default_factory=dict)

    def vat_rate(self, tax_class: str) -> int:
        """The rate of a tax class, an empty one being the standard; raises RuleViolation for one that is not known."""
        name = "-".join(tax_class.casefold().split()) or STANDARD
        rate = {**USUAL_RATES, **self.vat_rates}.get(name)
        if rate is None:
            raise RuleViolation(
                _("The tax class %(name)s has no VAT rate: say --vat %(name)s=12, or what it is.", name=name)
            )
        return rate

    def price(self, amount: Decimal, vat_rate: int) -> int:
        """A price with VAT, in minor units, from one as the shop states it."""
        return Currency.round(amount if self.prices_include_vat else amount * (1 + Decimal(vat_rate) / BASIS_POINTS))
