"""Which VAT rate each amount of an order has, found from the VAT that its source states for the order as a whole.

Amounts and VAT in minor units, rates in basis points.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from webshop_orders.connectors.parsing import BASIS_POINTS, Currency
from webshop_orders.connectors.sums import max_rounding

MAX_STATES = 5_000  # sums of VAT that are followed at once
RATE_IN_NAME = re.compile(r"([0-9]{1,2}(?:[.,][0-9]{1,4})?)\s*%")
WHOLE_PERCENT = 100
MAX_UNKNOWN_RATE = 3_100
# https://europa.eu/youreurope/business/taxation/vat/vat-rules-rates/index_en.htm, and Norway's Skatteetaten.
RATES_BY_COUNTRY = {
    "SE": (2_500, 1_200, 600),
    "NO": (2_500, 1_500, 1_200),
    "DK": (2_500,),
    "FI": (2_550, 1_400, 1_350, 1_000, 2_400),
    "DE": (1_900, 700),
    "NL": (2_100, 900),
    "FR": (2_000, 1_000, 550),
    "PL": (2_300, 800, 500),
    "EE": (2_400, 2_200, 900),
    "GB": (2_000, 500),
}
DEFAULT_COUNTRY = "SE"


@dataclass(frozen=True)
class Tax:
    """A tax that a source states, by its name; `amount` is None where only its name is known."""

    name: str
    amount: int | None

    @property
    def rate(self) -> int | None:
        """The rate in the name, as in `VAT 25%`."""
        match = RATE_IN_NAME.search(self.name)
        return Currency.round(Decimal(match[1].replace(",", ".")) * WHOLE_PERCENT) if match else None


@dataclass(frozen=True)
class TaxedAmount:
    """An amount that has one rate; amounts with the same key have the same. `is_taxed` is None where nobody tells."""

    key: str
    amount: int
    is_taxed: bool | None


@dataclass(frozen=True)
class VatRates:
    """The rate of each amount, and the VAT of each rate."""

    rates: list[int]
    vat: dict[int, int]


def find_rates(
    amounts: Sequence[TaxedAmount], taxes: Sequence[Tax], total_tax: int, *, includes_vat: bool, country: str
) -> VatRates | None:
    """The rates with which the amounts have the stated VAT; None if there are none, or several ways.

    Taxes without a rate in their name have a rate that the country knows, or a whole percentage if it is the only one.
    """
    if not total_tax:
        return VatRates([0] * len(amounts), {0: 0} if amounts else {})
    search = _Search(amounts, total_tax, includes_vat)
    taxes = [tax for tax in taxes if tax.rate != 0 and tax.amount != 0]
    rates = [rate for rate in dict.fromkeys(tax.rate for tax in taxes) if rate]
    if taxes and all(tax.rate for tax in taxes):
        stated = _stated_by_rate(taxes) if len(taxes) > 1 else {rates[0]: total_tax}
        if stated and abs(sum(stated.values()) - total_tax) > max_rounding(len(amounts)):
            stated = None
        # Taxes of a state and of its towns are paid on the same amounts, so that their rates add up.
        return search.uniform(sum(tax.rate or 0 for tax in taxes)) or search.mixed(rates, stated)
    if len(taxes) <= 1 and (uniform := search.uniform_of_unknown_rate(country)):
        return uniform
    candidates = list(dict.fromkeys([*rates, *_known_rates(country)]))
    return search.mixed(candidates, None) if candidates else None


def _known_rates(country: str) -> list[int]:
    """The rates of a country and those of Sweden, whose shops may sell there with their own."""
    known = RATES_BY_COUNTRY.get(country)
    return list(dict.fromkeys([*known, *RATES_BY_COUNTRY[DEFAULT_COUNTRY]])) if known else []


def _stated_by_rate(taxes: Sequence[Tax]) -> dict[int, int] | None:
    stated: dict[int, int] = {}
    for tax in taxes:
        if tax.amount is None or tax.rate is None:
            return None
        stated[tax.rate] = stated.get(tax.rate, 0) + tax.amount
    return stated


@dataclass(frozen=True)
class _Search:
    amounts: Sequence[TaxedAmount]
    total_tax: int
    includes_vat: bool

    def vat_of(self, amount: int, rate: int) -> int:
        base = BASIS_POINTS + rate if self.includes_vat else BASIS_POINTS
        return Currency.round(Decimal(amount) * rate / base)

    def uniform(self, rate: int) -> VatRates | None:
        """One rate for all that is taxed, with shipping, whose key is empty, or without it."""
        for taxes_shipping in (True, False):
            rates = [
                rate if amount.is_taxed is not False and (taxes_shipping or amount.key) else 0
                for amount in self.amounts
            ]
            taxed = [amount.amount for amount, rate in zip(self.amounts, rates, strict=True) if rate]
            difference = abs(self.vat_of(sum(taxed), rate) - self.total_tax)
            if taxed and difference <= max_rounding(len(taxed)):
                return VatRates(rates, {rate: self.total_tax})
        return None

    def uniform_of_unknown_rate(self, country: str) -> VatRates | None:
        """The same for the rates that are known, or for whole percentages where none are."""
        candidates = _known_rates(country) or range(WHOLE_PERCENT, MAX_UNKNOWN_RATE, WHOLE_PERCENT)
        found = [rates for rate in candidates if (rates := self.uniform(rate))]
        exact = [rates for rates in found if self._computes_exactly(rates)]
        return next(iter(found if len(found) == 1 else exact if len(exact) == 1 else []), None)

    def _computes_exactly(self, rates: VatRates) -> bool:
        rate = next(iter(rates.vat))
        taxed = sum(amount.amount for amount, own in zip(self.amounts, rates.rates, strict=True) if own)
        return self.vat_of(taxed, rate) == self.total_tax

    def mixed(self, candidates: Sequence[int], stated: dict[int, int] | None) -> VatRates | None:
        """Several rates; where `stated` has no VAT of each, the sum of all decides. None unless only one way fits."""
        for allows_untaxed in (False, True):
            ways = self._ways(candidates, stated, allows_untaxed=allows_untaxed)
            if ways is None:
                return None
            exact = [way for way in ways if way[1]]
            if len(ways) == 1 or len(exact) == 1:
                return self._result((exact or ways)[0][0], stated)
            if ways:
                return None
        return None

    def _ways(
        self, candidates: Sequence[int], stated: dict[int, int] | None, *, allows_untaxed: bool
    ) -> list[tuple[dict[str, int], bool]] | None:
        """At most a few ways to give each key a rate, and whether each fits to the minor unit; None if too many."""
        groups: dict[str, list[TaxedAmount]] = {}
        for amount in self.amounts:
            groups.setdefault(amount.key, []).append(amount)
        targets = list(stated.values()) if stated else [self.total_tax]
        places = {rate: index for index, rate in enumerate(stated)} if stated else dict.fromkeys(candidates, 0)
        tolerance = max_rounding(len(self.amounts))
        states: dict[tuple[int, ...], list[tuple[tuple[str, int], ...]]] = {(0,) * len(targets): [()]}
        # Those below zero first, so that a sum beyond its target can be given up.
        for key, members in sorted(groups.items(), key=lambda group: sum(member.amount for member in group[1])):
            following: dict[tuple[int, ...], list[tuple[tuple[str, int], ...]]] = {}
            for rate in self._rates_of(key, members, candidates, allows_untaxed=allows_untaxed):
                vat = sum(self.vat_of(member.amount, rate) for member in members)
                for sums, ways in states.items():
                    reached = list(sums)
                    if rate:
                        reached[places[rate]] += vat
                    if all(value <= target + tolerance for value, target in zip(reached, targets, strict=True)):
                        known = following.setdefault(tuple(reached), [])
                        known.extend((*way, (key, rate)) for way in ways[: 3 - len(known)])
            states = following
            if len(states) > MAX_STATES:
                return None
        return [
            (dict(way), list(sums) == targets)
            for sums, ways in states.items()
            if all(abs(value - target) <= tolerance for value, target in zip(sums, targets, strict=True))
            for way in ways
            if {rate for rate, vat in (stated or {}).items() if vat} <= {rate for _key, rate in way}
        ]

    @staticmethod
    def _rates_of(
        key: str, members: Sequence[TaxedAmount], candidates: Sequence[int], *, allows_untaxed: bool
    ) -> Sequence[int]:
        if all(member.is_taxed is False for member in members) or not any(member.amount for member in members):
            return (0,)
        is_certain = key and any(member.is_taxed for member in members)
        return candidates if is_certain and not allows_untaxed else (*candidates, 0)

    def _result(self, rate_of: dict[str, int], stated: dict[int, int] | None) -> VatRates:
        rates = [rate_of[amount.key] for amount in self.amounts]
        if stated:
            return VatRates(rates, stated)
        vat: dict[int, int] = {}
        for amount, rate in zip(self.amounts, rates, strict=True):
            vat[rate] = vat.get(rate, 0) + self.vat_of(amount.amount, rate)
        vat[max(vat)] += self.total_tax - sum(vat.values())
        return VatRates(rates, vat)
