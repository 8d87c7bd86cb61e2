"""What refunds take off an order, to the öre. Amounts in öre as the order's prices are, VAT rates in basis points.

Each share is a cumulative one: what all refunds so far should have, rounded half up, less what they have. So the last
refund brings whatever was left to exactly zero, in whichever parts the rest was given back.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Line, Order, RefundRow, RefundRowKind
from webshop_orders.money.rounding import round_half_up, round_to_whole_kronor
from webshop_orders.money.totals import amounts_by_rate, compute_totals
from webshop_orders.text.formatting import money


@dataclass(frozen=True)
class Credit:
    """What some rows take off what the order costs: `credited`, with the VAT on top of them and the öresavrundning."""

    vat: dict[int, int]
    rounding: int
    credited: int


@dataclass(frozen=True)
class Credited:
    """What the refunds of an order that stand have credited, each by what it was for."""

    units: Counter[int]  # by line
    of_lines: Counter[int]
    shipping: int
    charges: Counter[int]  # by their place
    by_rate: Counter[int]
    vat: Counter[int]
    rounding: int
    total: int


def credited(order: Order) -> Credited:
    """What was credited of an order so far."""
    standing = [refund for refund in order.refunds if refund.stands]
    rows = [row for refund in standing for row in refund.rows]
    vat: Counter[int] = Counter()
    for refund in standing:
        for rate, amount in refund.vat.items():
            vat[int(rate)] += amount
    return Credited(
        units=_sums((row.line_id, row.quantity or 0) for row in rows if row.line_id is not None),
        of_lines=_sums((row.line_id, row.amount) for row in rows if row.line_id is not None),
        shipping=sum(row.amount for row in rows if row.kind is RefundRowKind.SHIPPING),
        charges=_sums((row.charge, row.amount) for row in rows if row.charge is not None),
        by_rate=amounts_of(rows),
        vat=vat,
        rounding=sum(refund.rounding for refund in standing),
        total=sum(refund.credited for refund in standing),
    )


def amounts_of(rows: Iterable[RefundRow]) -> Counter[int]:
    """What some rows add up to, by VAT rate."""
    return _sums((row.vat_rate, row.amount) for row in rows)


def _sums(pairs: Iterable[tuple[int, int]]) -> Counter[int]:
    sums: Counter[int] = Counter()
    for key, amount in pairs:
        sums[key] += amount
    return sums


def share(whole: int, part: int, of: int) -> int:
    """The cumulative share that `part` of `of` has of a whole; all of it where `of` is nothing."""
    if of == 0:
        return whole
    return round_half_up(whole * part, of) if of > 0 else round_half_up(-whole * part, -of)


def of_line(line: Line, units: int, before: Credited) -> int:
    """The share of some more units in the price of a line and its discount, of which the last gets what is left."""
    due = share(line.total, before.units[line.id] + units, line.quantity)
    return max(0, due - before.of_lines[line.id])


def spread(amount: int, weights: Mapping[int, int]) -> dict[int, int]:
    """An amount by VAT rate, in proportion to weights that are at least 0: no rate gets more than its weight, as long
    as the amount is not more than all of them."""
    total, passed, given = sum(weights.values()), 0, 0
    parts = {}
    for rate, weight in sorted(weights.items()):
        passed += weight
        parts[rate] = share(amount, passed, total) - given
        given += parts[rate]
    return {rate: part for rate, part in parts.items() if part}


def left_by_rate(order: Order, rows: Iterable[RefundRow] = ()) -> dict[int, int]:
    """What is left to credit of each VAT rate, after some more rows; below zero where only deductions are."""
    taken = credited(order).by_rate
    taken.update(amounts_of(rows))
    charged = amounts_by_rate(order)
    return {rate: charged.get(rate, 0) - taken[rate] for rate in sorted({*charged, *taken})}


def exceeded_rates(order: Order, rows: Iterable[RefundRow] = ()) -> list[int]:
    """The VAT rates of which more would be credited than was charged, with some more rows."""
    charged = amounts_by_rate(order)
    return [rate for rate, left in left_by_rate(order, rows).items() if not _is_part(left, charged.get(rate, 0))]


def exceeded_vat(order: Order) -> list[int]:
    """The rates of which the VAT that was refunded is no part of the VAT that was charged."""
    charged, refunded = compute_totals(order).vat, credited(order).vat
    return [rate for rate in sorted({*charged, *refunded}) if not _is_part(refunded[rate], charged.get(rate, 0))]


def _is_part(amount: int, whole: int) -> bool:
    """Whether an amount is within a whole, which is below zero where deductions are larger."""
    return min(0, whole) <= amount <= max(0, whole)


def credit(order: Order, rows: list[RefundRow]) -> Credit:
    """What some more rows take off what an order costs, with the VAT and the öresavrundning that are in it."""
    before, charged, totals = credited(order), amounts_by_rate(order), compute_totals(order)
    amounts = amounts_of(rows)
    vat = {}
    for rate, of_rate in charged.items():
        if rate in amounts or not of_rate:
            due = share(totals.vat[rate], before.by_rate[rate] + amounts[rate], of_rate)
            vat[rate] = due - before.vat[rate]
    added = amounts.total() + (0 if order.prices_include_vat else sum(vat.values()))
    exact = before.total - before.rounding + added
    due = round_to_whole_kronor(exact) if order.rounds_to_whole_kronor else exact
    taken_off = due - before.total
    return Credit({rate: amount for rate, amount in vat.items() if amount}, taken_off - added, taken_off)


def vat_corrections(order: Order) -> dict[str, int]:
    """The corrections of an order's VAT by rate with which no rate has less VAT than was refunded of it.

    An order that has become cheaper since may lack an öre of it, as rounding falls elsewhere. A rate that was refunded
    whole has exactly the VAT that was refunded.
    """
    taken, left = credited(order), left_by_rate(order)
    corrections = {int(rate): correction for rate, correction in order.vat_corrections.items()}
    for rate, vat in compute_totals(order).vat.items():
        refunded = taken.vat[rate]
        if (taken.by_rate[rate] or refunded) and (left[rate] == 0 or abs(refunded) > abs(vat)):
            corrections[rate] = corrections.get(rate, 0) + refunded - vat
    return {str(rate): correction for rate, correction in corrections.items() if correction}


def check_charged(order: Order) -> None:
    """Raise RuleViolation where more of an order is refunded than it has or costs, as an edit would leave it."""
    if not order.refunds:
        return
    taken = credited(order)
    for line_id, units in taken.units.items():
        line = order.find_line(line_id)
        if line is None or line.quantity < units:
            raise RuleViolation(_units_refunded(_name_of_line(order, line_id), units), field="quantity")
    if taken.shipping > order.shipping_price:
        sentence = _(
            "%(amount)s of the shipping fee is refunded, so it cannot be less.", amount=_money(order, taken.shipping)
        )
        raise RuleViolation(sentence, field="price")
    if exceeded_rates(order) or taken.total > compute_totals(order).total:
        raise RuleViolation(
            _("%(amount)s is refunded of this order, so it cannot cost less.", amount=_money(order, taken.total))
        )


def check_line(line: Line) -> None:
    """Raise RuleViolation where more of a line is refunded than it costs, as another price would leave it."""
    order = line.shipment.order
    refunded = credited(order).of_lines[line.id] if order.refunds else 0
    if refunded > line.total:
        raise RuleViolation(
            _(
                "%(amount)s of %(name)s is refunded, so it cannot cost less.",
                amount=_money(order, refunded),
                name=line.name,
            ),
            field="discount",
        )


def _name_of_line(order: Order, line_id: int) -> str:
    rows = (row for refund in order.refunds for row in refund.rows if row.line_id == line_id)
    return next(row.name for row in rows)


def _units_refunded(name: str, units: int) -> str:
    return ngettext(
        "%(count)s pc of %(name)s is refunded, so it stays in the order.",
        "%(count)s pcs of %(name)s are refunded, so they stay in the order.",
        units,
        count=units,
        name=name,
    )


def _money(order: Order, amount: int) -> str:
    return money(amount, order.currency, str(get_locale()))
