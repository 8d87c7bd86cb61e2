"""Currencies and rounding. Amounts in a shop's smallest unit, as integers or exact decimals; rates in basis points."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

SIX_PLACES = Decimal("0.000001")


@dataclass(frozen=True)
class Money:
    """A currency, with the decimals that a shop writes; `hidden` are those of its minor unit that the shop leaves out.

    Amounts are in the smallest unit that the shop counts in.
    """

    code: str
    decimals: int
    hidden: int = 0

    def minor(self, amount: int) -> int:
        """An amount in the currency's minor unit (ISO 4217)."""
        return amount * 10**self.hidden

    def text(self, amount: int | Decimal) -> str:
        """An amount as shops write it, rounded half up to the currency's decimals: 12345 is «123.45»."""
        return f"{Decimal(half_up(amount)).scaleb(-self.decimals):.{self.decimals}f}"

    def exact_text(self, amount: Decimal) -> str:
        """An amount with all of its decimals."""
        return f"{amount.scaleb(-self.decimals).normalize():f}"


YEN, KRONA, DINAR = CURRENCIES = Money("JPY", 0), Money("SEK", 2), Money("KWD", 3)
WHOLE_KRONOR = Money("SEK", 0, hidden=2)  # many shops in Sweden have set WooCommerce to no decimals


def half_up(amount: int | Decimal) -> int:
    """Rounded to an integer, a half away from zero."""
    return int(Decimal(amount).quantize(Decimal(1), ROUND_HALF_UP))


def half_down(amount: int | Decimal) -> int:
    """Rounded to an integer, a half towards zero."""
    return int(Decimal(amount).quantize(Decimal(1), ROUND_HALF_DOWN))


def tax_on_top(amount: int | Decimal, rate: int) -> Decimal:
    return Decimal(amount) * rate / 10_000


def tax_within(amount: int | Decimal, rate: int) -> Decimal:
    return Decimal(amount) * rate / (10_000 + rate)


def share_out(amount: int, weights: list[Decimal]) -> list[int]:
    """An amount shared out by weights, none more than its own; what rounding leaves goes to the first ones."""
    limits = [max(0, int(weight)) for weight in weights]
    shares = [amount * limit // sum(limits) if any(limits) else 0 for limit in limits]
    for index, limit in enumerate(limits):
        shares[index] += min(limit - shares[index], amount - sum(shares)) if any(limits) else 0
    return shares
