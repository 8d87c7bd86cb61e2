"""The sums of another shop's order as rows of ours, exact to the öre. Amounts in minor units, rates in basis points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors.parsing import PLACEHOLDER, Currency
from webshop_orders.documents.fields import MAX_PRODUCT_NAME_LENGTH, MAX_SKU_LENGTH
from webshop_orders.errors import RuleViolation
from webshop_orders.models.charge import ChargeKind

MAX_CHARGE_NAME_LENGTH = 200
THOUSANDTH = Decimal("0.001")


class Rows:
    """The lines and charges of an order, built from amounts that may have fractions of minor units.

    Each row is rounded once, half up. `total` is what they cost together.
    """

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.charges: list[dict[str, Any]] = []

    @property
    def total(self) -> int:
        lines = sum(line["quantity"] * line["unit_price"] - line["discount"] for line in self.lines)
        return lines + sum(charge["amount"] for charge in self.charges)

    def add_item(
        self,
        *,
        sku: str,
        name: str,
        quantity: Decimal | None,
        before: Decimal,
        after: Decimal,
        vat_rate: int,
        **details: Any,
    ) -> int | None:
        """Add an item that costs `before` without and `after` with its discount; the index of its line.

        A quantity with a fraction becomes one unit that has the measure in its name. An item below zero is a
        deduction, and one of no units that costs something a fee: they have no line, and nothing to pack. `details`
        are further fields of the line, such as its properties. Raises RuleViolation, naming the item, for a quantity
        that is no number.
        """
        if quantity is None:
            raise RuleViolation(_("«%(name)s»: %(field)s is no number.", name=name, field="quantity"))
        if quantity < 0 or after < 0:
            self.add_charge(ChargeKind.DEDUCTION, name, after, vat_rate)
            return None
        if quantity == 0:
            if after:
                self.add_charge(ChargeKind.FEE, name, after, vat_rate)
            return None
        if quantity != quantity.to_integral_value():
            name, quantity = f"{name[: MAX_PRODUCT_NAME_LENGTH - 20]}, {_measure(quantity)}", Decimal(1)
        price, charged = Currency.round(before), Currency.round(after)
        row = _line(sku=sku, name=name, quantity=int(quantity), before=price, after=charged, vat_rate=vat_rate)
        self.lines.append(row | details)
        return len(self.lines) - 1

    def add_charge(self, kind: ChargeKind, name: str, amount: Decimal, vat_rate: int = 0) -> None:
        """Add a row that is neither a product nor shipping; its amount may be below zero."""
        self.charges.append(
            {
                "kind": kind.value,
                "name": name[:MAX_CHARGE_NAME_LENGTH].strip() or PLACEHOLDER,
                "amount": Currency.round(amount),
                "vat_rate": vat_rate,
            }
        )

    def add_rounding(self, name: str, missing: int, rounded_amounts: int) -> None:
        """Add what is missing of the source's total, if rounding explains it; a greater difference is left to show.

        `rounded_amounts` is how many amounts the source rounded, each of which may be half a minor unit off.
        """
        if missing and abs(missing) <= max_rounding(rounded_amounts):
            self.add_charge(ChargeKind.ROUNDING, name, Decimal(missing))


def max_rounding(rounded_amounts: int) -> int:
    """The most that a total may differ from the sum of its amounts by rounding."""
    return (rounded_amounts + 1) // 2 + 1


def vat_document(taxes: Mapping[int, Decimal]) -> dict[str, int] | None:
    """The VAT that a source states, by rate, as our `totals.vat`; None where that of a rate is below zero."""
    rounded = {str(rate): Currency.round(tax) for rate, tax in taxes.items()}
    return rounded if all(tax >= 0 for tax in rounded.values()) else None


def payment_document(
    parts: Iterable[tuple[str | None, int]], *, total: int, refunded: int = 0, outstanding: int | None = None
) -> dict[str, Any]:
    """Our payment, from what each method paid before refunds; `outstanding` is what the shop still asks for.

    What is neither paid nor asked for is written off. Without `outstanding` the shop asks for all that is not paid.
    """
    amounts: dict[str | None, int] = {}
    for method, amount in parts:
        amounts[method] = amounts.get(method, 0) + amount
    paid = max(0, sum(amounts.values()) - refunded)
    named = {method: amount for method, amount in amounts.items() if method and amount > 0}
    return {
        "method": max(named, key=lambda method: named[method], default=None) or next(iter(amounts), None),
        "paid": paid,
        "refunded": refunded,
        "written_off": 0 if outstanding is None else max(0, total - paid - outstanding),
        "parts": [{"method": method, "amount": amount} for method, amount in named.items()] if len(named) > 1 else [],
    }


def _line(*, sku: str, name: str, quantity: int, before: int, after: int, vat_rate: int) -> dict[str, Any]:
    """A line that costs exactly `before` without and `after` with its discount.

    If the sum is not a multiple of the quantity, the unit price is rounded up and the discount is the difference.
    """
    unit_price = -(-max(before, after) // quantity)
    return {
        "sku": sku[:MAX_SKU_LENGTH],
        "name": name[:MAX_PRODUCT_NAME_LENGTH],
        "quantity": quantity,
        "unit_price": unit_price,
        "vat_rate": vat_rate,
        "discount": unit_price * quantity - after,
    }


def _measure(quantity: Decimal) -> str:
    """A quantity as Swedish writes it: 2,5."""
    rounded = quantity.quantize(THOUSANDTH) if abs(quantity) >= THOUSANDTH else quantity
    return f"{rounded.normalize():f}".replace(".", ",")
