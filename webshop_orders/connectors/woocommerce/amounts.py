"""The amounts of WooCommerce's orders: net, with the tax in a field beside them, and by rate in `taxes`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import BASIS_POINTS, Currency
from webshop_orders.connectors.sums import vat_document
from webshop_orders.text.currencies import minor_digits

AMOUNTS = ("total", "total_tax", "subtotal", "subtotal_tax", "shipping_total", "shipping_tax", "tax_total")
PERCENT = re.compile(r"([0-9]{1,2}(?:[.,][0-9]{1,3})?)\s*%")
ITEM_LISTS = ("line_items", "shipping_lines", "fee_lines")


@dataclass(frozen=True)
class Portion:
    """An item, or the part of it that one VAT rate is charged on; exact amounts in minor units."""

    net: Decimal
    tax: Decimal
    vat_rate: int

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True)
class TaxRate:
    """A tax rate in basis points; a compound one is charged on the other taxes too."""

    basis_points: Decimal
    is_compound: bool


class Amounts:
    """Reads the amounts of one order, and collects its VAT by rate."""

    def __init__(self, payload: dict[str, Any], currency: Currency) -> None:
        self.payload = payload
        self.currency = currency
        self.vat: dict[int, Decimal] = defaultdict(Decimal)
        self.tax_lines = parsing.items(payload, "tax_lines")
        stated = {parsing.integer(tax, "rate_id"): _stated_rate(tax) for tax in self.tax_lines}
        self.rates = self._computed_rates() | {rate_id: rate for rate_id, rate in stated.items() if rate}
        self.unit = _rounding_unit(payload, currency)

    def portions(self, item: dict[str, Any]) -> list[Portion]:
        """An item by its VAT rates, the greatest portion first.

        A line has one, of its taxes together. Fees below zero, and shipping by plugins, are shared between the rates
        of the basket: https://github.com/woocommerce/woocommerce, WC_Order_Item_Fee::calculate_taxes.
        """
        net = self.currency.exact(item.get("total"), "total")
        taxes = self._taxes(item)
        tax = self._tax(item, [amount for _rate, amount in taxes])
        rates = [rate for rate, _amount in taxes if rate is not None]
        portions = [Portion(net, tax, parsing.vat_rate(abs(tax), abs(net)))]
        if rates and len(rates) == len(taxes):
            combined, by_rate = _combined(rates), [(rate, amount) for rate, amount in taxes if rate is not None]
            is_near = self._is_near(net * combined / BASIS_POINTS, tax)
            if is_near and not _is_rather_shared(net, tax, combined, by_rate):
                portions = [Portion(net, tax, parsing.vat_rate(tax, net, combined))]
            elif shared := self._shared(net, by_rate):
                portions = shared
        elif not taxes and not net:
            portions = [Portion(net, tax, self._rate_without_amount(item))]
        for portion in portions:
            self.vat[portion.vat_rate] += portion.tax
        return sorted(portions, key=lambda portion: abs(portion.gross), reverse=True)

    def whole(self, item: dict[str, Any]) -> Portion:
        """An item with one VAT rate for all of it."""
        portions = self.portions(item)
        if len(portions) == 1:
            return portions[0]
        for portion in portions:
            self.vat[portion.vat_rate] -= portion.tax
        net, tax = sum(portion.net for portion in portions), sum(portion.tax for portion in portions)
        rate = parsing.vat_rate(abs(Decimal(tax)), abs(Decimal(net)))
        self.vat[rate] += tax
        return Portion(Decimal(net), Decimal(tax), rate)

    def before_discount(self, item: dict[str, Any], portion: Portion) -> Decimal:
        """What an item would cost without its discount; older shops leave out the tax of that."""
        subtotal = self.currency.exact(item.get("subtotal"), "subtotal")
        if item.get("subtotal") in (None, ""):
            return portion.gross
        if item.get("subtotal_tax") in (None, ""):
            return subtotal * (1 + portion.vat_rate / BASIS_POINTS)
        if subtotal == portion.net:  # its tax may be stated with other decimals than that of the total
            return portion.gross
        return subtotal + self.currency.exact(item.get("subtotal_tax"), "subtotal_tax")

    def stated_vat(self) -> dict[str, int] | None:
        """The VAT that the shop states, by rate: that of its tax lines, or else of the items, `total_tax` in all.

        None where the shop rounds to whole kronor, so that it states none to the öre.
        """
        if self.unit > 1:
            return None
        by_line = self._vat_of_tax_lines()
        stated = vat_document(by_line if by_line is not None else self.vat)
        if stated is None:
            return None
        if self.payload.get("total_tax") not in (None, "") and stated:
            greatest = max(stated, key=lambda rate: stated[rate])
            stated[greatest] += self.currency.minor(self.payload["total_tax"], "total_tax") - sum(stated.values())
        return stated if all(amount >= 0 for amount in stated.values()) else None

    def _vat_of_tax_lines(self) -> dict[int, Decimal] | None:
        """The sums of the tax lines; None where they have none, or where rates are charged together."""
        sums: dict[int, Decimal] = {rate: Decimal(0) for rate in self.vat}
        for tax in self.tax_lines:
            rate = self.rates.get(parsing.integer(tax, "rate_id"))
            names = ("tax_total", "shipping_tax_total")
            amount = sum((self.currency.exact(tax.get(name), name) for name in names), Decimal(0))
            if not amount:
                continue
            if any(name not in tax for name in names):
                return None
            if rate is None or Currency.round(rate.basis_points) not in sums:
                return None
            sums[Currency.round(rate.basis_points)] += amount
        return sums if any(sums.values()) else None

    def _computed_rates(self) -> dict[int | None, TaxRate]:
        """The rates that the sums of the items make, for shops that do not state them; of items with one tax each."""
        sums: dict[int | None, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        for item in (item for name in ITEM_LISTS for item in parsing.items(self.payload, name)):
            taxes = [tax for tax in parsing.items(item, "taxes") if self.currency.exact(tax.get("total"), "taxes")]
            if len(taxes) == 1:
                of_rate = sums[parsing.integer(taxes[0], "id")]
                of_rate[0] += self.currency.exact(taxes[0].get("total"), "taxes")
                of_rate[1] += self.currency.exact(item.get("total"), "total")
        return {rate_id: TaxRate(Decimal(parsing.vat_rate(tax, net)), False) for rate_id, (tax, net) in sums.items()}

    def _taxes(self, item: dict[str, Any]) -> list[tuple[TaxRate | None, Decimal]]:
        taxes = parsing.items(item, "taxes")
        amounts = [(parsing.integer(tax, "id"), self.currency.exact(tax.get("total"), "taxes")) for tax in taxes]
        return [(self.rates.get(rate_id), amount) for rate_id, amount in amounts if amount]

    def _tax(self, item: dict[str, Any], taxes: list[Decimal]) -> Decimal:
        """The tax of an item, with the decimals that `taxes` has where the shop rounds the tax of the sum."""
        exact = sum(taxes, Decimal(0))
        if item.get("total_tax") in (None, ""):
            return exact
        stated = self.currency.exact(item["total_tax"], "total_tax")
        return exact if taxes and abs(exact - stated) <= self.unit * len(taxes) else stated

    def _is_near(self, computed: Decimal, tax: Decimal) -> bool:
        """Whether a tax is what its rate makes, but for the rounding of the amount and of the tax."""
        return abs(computed - tax) <= 2 * self.unit

    def _shared(self, net: Decimal, taxes: list[tuple[TaxRate, Decimal]]) -> list[Portion] | None:
        """The portions of an amount that several rates are each charged on a part of; the rest has none."""
        if any(not rate.basis_points for rate, _tax in taxes):
            return None
        portions = [
            Portion(tax * BASIS_POINTS / rate.basis_points, tax, Currency.round(rate.basis_points))
            for rate, tax in taxes
        ]
        rest = net - sum((portion.net for portion in portions), Decimal(0))
        # A tax with decimals beyond those of the shop's amounts was not rounded.
        rounded = [rate for rate, tax in taxes if tax % self.unit == 0]
        uncertain = sum((self.unit * BASIS_POINTS / rate.basis_points for rate in rounded), self.unit)
        if abs(rest) <= uncertain:
            first = max(portions, key=lambda portion: abs(portion.net))
            portions.remove(first)
            return [Portion(first.net + rest, first.tax, first.vat_rate), *portions]
        return [*portions, Portion(rest, Decimal(0), 0)] if rest * net > 0 and abs(rest) < abs(net) else None

    def _rate_without_amount(self, item: dict[str, Any]) -> int:
        """The VAT rate of an item that costs nothing: that of its price before the discount, or of its taxes."""
        subtotal, tax = (self.currency.exact(item.get(name), name) for name in ("subtotal", "subtotal_tax"))
        if subtotal > 0 and tax > 0:
            return parsing.vat_rate(tax, subtotal)
        ids = [parsing.integer(tax, "id") for tax in parsing.items(item, "taxes") if tax.get("total") != ""]
        rates = [rate for rate_id in ids if (rate := self.rates.get(rate_id))]
        return Currency.round(min(_combined(rates), BASIS_POINTS))


def _is_rather_shared(net: Decimal, tax: Decimal, combined: Decimal, taxes: list[tuple[TaxRate, Decimal]]) -> bool:
    """Whether an amount is nearer to what its taxes are charged on apart than to what they are together."""
    if len(taxes) < 2 or not all(rate.basis_points for rate, _tax in taxes):
        return False
    apart = sum((amount * BASIS_POINTS / rate.basis_points for rate, amount in taxes), Decimal(0))
    return abs(apart - net) < abs(tax * BASIS_POINTS / combined - net)


def _combined(rates: list[TaxRate]) -> Decimal:
    """What several taxes on the same amount are together, in basis points."""
    factor = 1 + sum((rate.basis_points for rate in rates if not rate.is_compound), Decimal(0)) / BASIS_POINTS
    for rate in rates:
        if rate.is_compound:
            factor *= 1 + rate.basis_points / BASIS_POINTS
    return (factor - 1) * BASIS_POINTS


def _stated_rate(tax: dict[str, Any]) -> TaxRate | None:
    """The rate of a tax line; shops before WooCommerce 3.7 have it in its name alone, if at all."""
    percent = parsing.quantity(tax, "rate_percent")
    if percent is None and (named := PERCENT.search(parsing.text(tax, "label") or "")):
        percent = Decimal(named[1].replace(",", "."))
    if percent is None or not 0 <= percent <= 100:
        return None
    return TaxRate(percent * 100, tax.get("compound") is True)


def _rounding_unit(payload: dict[str, Any], currency: Currency) -> Decimal:
    """The minor units that the shop rounds its amounts to: 1, or 100 in one that shows no decimals."""
    texts = list(_amount_texts(payload))
    has_decimals = any("." in text for text in texts) or not texts
    return Decimal(1) if has_decimals else Decimal(10) ** minor_digits(currency.code)


def _amount_texts(payload: dict[str, Any]) -> Iterator[str]:
    for item in [payload, *(item for name in ITEM_LISTS for item in parsing.items(payload, name))]:
        yield from (item[name] for name in AMOUNTS if isinstance(item.get(name), str))
