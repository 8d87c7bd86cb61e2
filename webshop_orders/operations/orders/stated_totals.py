"""The sums that an order's source states, compared with those of the order desk. All amounts in öre."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from flask_babel import get_locale
from flask_babel import gettext as _

from webshop_orders.documents.order import StatedTotals
from webshop_orders.errors import FieldError, InvalidDocument
from webshop_orders.models import Difference, Order
from webshop_orders.money.totals import compute_totals
from webshop_orders.text.formatting import money, percent
from webshop_orders.text.languages import lazy_gettext as _l

SUMS = {
    "total": _l("total"),
    "shipping": _l("shipping fee"),
    "paid": _l("paid"),
    "balance": _l("left to charge"),
}


@dataclass(frozen=True)
class SumDifference:
    """A sum that an order has and another that its source states; `name` is the field of `totals`, as in JSON."""

    name: str
    here: int
    stated: int

    def as_difference(self) -> Difference:
        return Difference(f"totals.{self.name}", str(self.here), str(self.stated))


def take_over_vat(order: Order, stated: StatedTotals) -> None:
    """Take over the VAT that the source states, per rate, where rounding explains how it differs from ours.

    A source may round the VAT of each amount, so that each can make an öre of difference.
    """
    if not stated.vat:
        return
    amounts = Counter(line.vat_rate for line in order.lines)
    amounts += Counter(charge.vat_rate for charge in order.charges)
    amounts += Counter([order.shipping_vat_rate] if order.shipping_price else [])
    corrections = {
        str(rate): stated.vat[str(rate)] - vat
        for rate, vat in compute_totals(order).vat.items()
        if str(rate) in stated.vat and abs(stated.vat[str(rate)] - vat) <= amounts[rate] + 1
    }
    order.vat_corrections = {rate: correction for rate, correction in corrections.items() if correction}


def differences(order: Order, stated: StatedTotals) -> list[SumDifference]:
    """The sums in which an order differs from what its source states."""
    there = stated_sums(stated)
    here = computed_sums(order, stated) if there or stated.vat is not None else {}
    return [SumDifference(name, here[name], there.get(name, 0)) for name in here if here[name] != there.get(name, 0)]


def stated_sums(stated: StatedTotals) -> dict[str, int]:
    """The sums that a source states, by name; the VAT of each rate has one of its own."""
    sums = {name: getattr(stated, name) for name in SUMS if getattr(stated, name) is not None}
    return sums | {_vat_name(rate): vat for rate, vat in (stated.vat or {}).items()}


def computed_sums(order: Order, stated: StatedTotals) -> dict[str, int]:
    """The sums of an order that correspond to those that its source states; all VAT where any is stated."""
    totals = compute_totals(order)
    sums = {name: getattr(totals, name) for name in SUMS if getattr(stated, name) is not None}
    if stated.vat is None:
        return sums
    rates = dict.fromkeys([*map(str, totals.vat), *stated.vat])
    return sums | {_vat_name(rate): totals.vat.get(int(rate), 0) for rate in rates}


def _vat_name(rate: str) -> str:
    return f"vat.{rate}"


def label(name: str) -> str:
    """The name of a sum in a sentence, such as «VAT at 25%»."""
    if name.startswith("vat."):
        return _("VAT at %(rate)s", rate=percent(int(name.removeprefix("vat.")), str(get_locale())))
    return str(SUMS[name])


def refusal(order: Order, found: list[SumDifference]) -> InvalidDocument:
    """The refusal of an order for the sums that differ, with both of each and the line that makes the difference."""
    faults = [
        FieldError("/totals/" + difference.name.replace(".", "/"), _sentence(order, difference)) for difference in found
    ]
    return InvalidDocument(faults, field="totals")


def _sentence(order: Order, difference: SumDifference) -> str:
    language = str(get_locale())
    name = label(difference.name)
    sentence = _(
        "%(sum)s: %(stated)s in the shop, but %(here)s by the lines of the order.",
        sum=name[0].upper() + name[1:],
        stated=money(difference.stated, order.currency, language),
        here=money(difference.here, order.currency, language),
    )
    cause = _find_cause(order, abs(difference.here - difference.stated))
    if cause is None:
        return sentence
    return f"{sentence} " + _("The difference is in «%(name)s».", name=cause)


def _find_cause(order: Order, amount: int) -> str | None:
    """The name of the line or charge that an amount is the price or discount of; None if there is none."""
    for line in order.lines:
        if amount in {line.total, line.unit_price, line.discount}:
            return line.name
    return next((charge.name for charge in order.charges if amount == abs(charge.amount)), None)
