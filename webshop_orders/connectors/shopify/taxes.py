"""VAT of Shopify's orders, from the tax lines of each item. Amounts in minor units, rates in basis points.

https://shopify.dev/docs/api/admin-rest/latest/resources/order
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import BASIS_POINTS, Currency
from webshop_orders.connectors.shopify.amounts import amount_of, stated_minor
from webshop_orders.connectors.shopify.units import has_changed


@dataclass(frozen=True)
class Taxed:
    """What something costs with its VAT, and the VAT in that."""

    charged: Decimal
    tax: Decimal
    vat_rate: int

    def part(self, share: Decimal) -> Taxed:
        """A part of it, such as the units that are left."""
        return Taxed(self.charged * share, self.tax * share, self.vat_rate)


def with_tax(
    item: dict[str, Any], amount: Decimal, currency: Currency, *, includes_vat: bool, units: Decimal = Decimal(1)
) -> Taxed:
    """An item that costs `amount` after its discounts, with VAT only if the prices of its order include it.

    The stated rate is used where it gives the tax that is stated: a customer who pays no VAT has a tax line of 25 % of
    0, and taxes on taxes have rates that cannot be added.
    """
    tax = sum((amount_of(line, "price", currency) for line in tax_lines(item)), Decimal(0))
    net = amount - tax if includes_vat else amount
    tolerance = 1 + (abs(units) + len(tax_lines(item))) / 2  # each unit or tax may have been rounded
    stated = _stated_rate(item)
    is_right = stated is not None and abs(net * stated / BASIS_POINTS - tax) <= tolerance
    rate = parsing.vat_rate(tax, net, stated if is_right else None)
    return Taxed(amount if includes_vat else amount + tax, tax, rate)


def split_by_rate(item: dict[str, Any], taxed: Taxed, currency: Currency) -> list[Taxed]:
    """The parts of an item whose tax lines tax one part of it each, as shipping is taxed by what it carries."""
    lines = [(rate_of(line), amount_of(line, "price", currency)) for line in tax_lines(item)]
    if len(lines) < 2 or any(not rate or tax <= 0 for rate, tax in lines):
        return [taxed]
    whole = sum((tax for rate, tax in lines), Decimal(0))
    parts = [(rate, tax, tax * BASIS_POINTS / rate) for rate, tax in lines if rate]
    net, of_parts = taxed.charged - taxed.tax, sum((part for _rate, _tax, part in parts), Decimal(0))
    share = taxed.tax / whole
    # A tax of one öre more or less makes the part that it is on some öre larger or smaller.
    tolerance = sum((BASIS_POINTS / rate for rate, _tax, _part in parts), Decimal(1))
    if abs(of_parts * share - net) > tolerance:
        return [taxed]
    rest, taxed_parts = taxed.charged, []
    for rate, tax, part in parts[1:]:
        charged = Decimal(Currency.round((part + tax) * share))
        taxed_parts.append(Taxed(charged, tax * share, Currency.round(rate)))
        rest -= charged
    first_rate, first_tax, _part = parts[0]
    return [Taxed(rest, first_tax * share, Currency.round(first_rate)), *taxed_parts]


def stated_vat(payload: dict[str, Any], taxes: Mapping[int, Decimal], currency: Currency) -> dict[int, int] | None:
    """The VAT that an order states, by rate in basis points: that of its tax lines, and of their sum.

    Where the sum is another one, the order's own tax lines are used if they give it; else the rate with the most VAT
    has the difference, so that it shows. None if the order states no VAT.
    """
    total = stated_minor(payload, "current_total_tax", currency)
    if total is None and not has_changed(payload):
        total = stated_minor(payload, "total_tax", currency)
    if total is None and not any(taxes.values()):
        return None
    vat = {rate: Currency.round(tax) for rate, tax in taxes.items()}
    if total is None or sum(vat.values()) == total:
        return vat
    of_order = _taxes_of_order(payload, currency)
    if of_order.keys() == {rate for rate, tax in vat.items() if tax} and sum(of_order.values()) == total:
        return vat | of_order
    rate = max(vat, key=lambda rate: vat[rate], default=0)
    return vat | {rate: max(0, vat.get(rate, 0) + total - sum(vat.values()))}


def discounted(item: dict[str, Any], currency: Currency) -> Decimal:
    """What all units of an item cost after their discounts, with VAT only if the prices of its order include it."""
    units = parsing.quantity(item, "quantity") if "quantity" in item else Decimal(1)
    return amount_of(item, "price", currency) * (units or 0) - discount_of(item, currency)


def discount_of(item: dict[str, Any], currency: Currency) -> Decimal:
    """The discount of an item: its allocations, or in older orders their sum alone."""
    if allocated := parsing.items(item, "discount_allocations"):
        return sum((amount_of(part, "amount", currency) for part in allocated), Decimal(0))
    return amount_of(item, "total_discount", currency)


def _taxes_of_order(payload: dict[str, Any], currency: Currency) -> dict[int, int]:
    taxes: dict[int, int] = defaultdict(int)
    for line in tax_lines(payload):
        if (tax := currency.round(amount_of(line, "price", currency))) and (rate := rate_of(line)) is not None:
            taxes[Currency.round(rate)] += tax
    return dict(taxes)


def tax_lines(item: dict[str, Any]) -> list[dict[str, Any]]:
    return parsing.items(item, "tax_lines")


def _stated_rate(item: dict[str, Any]) -> Decimal | None:
    rates = [rate_of(line) for line in tax_lines(item)]
    known = [rate for rate in rates if rate is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(rates) else None


def rate_of(line: dict[str, Any]) -> Decimal | None:
    """The rate of a tax line, which Shopify gives as a fraction of 1."""
    rate = line.get("rate")
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
        return None
    return Decimal(str(rate)) * BASIS_POINTS
