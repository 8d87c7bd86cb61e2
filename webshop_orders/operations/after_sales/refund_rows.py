"""What is left to refund of an order, and the rows of a refund that is wanted of it. All amounts in öre."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import (
    Charge,
    Line,
    Order,
    RefundRow,
    RefundRowKind,
    Return,
    ReturnKind,
    ReturnReason,
)
from webshop_orders.money import crediting
from webshop_orders.money.crediting import Credited
from webshop_orders.money.totals import compute_totals
from webshop_orders.text.formatting import money

MAX_FEES = 10


@dataclass(frozen=True)
class Fee:
    """What the shop keeps back of a refund, such as the freight of a return, as the order's prices are."""

    name: str
    amount: int


@dataclass(frozen=True)
class RequestedRefund:
    """What is to be refunded: units of lines by their ids, so much of the shipping fee and of charges by their places,
    and an amount for a `reason`, less fees.

    Amounts are as the order's prices are, with VAT or without; that of a charge is below zero where the charge is.
    `overpaid` is given back besides, of what was paid and is not asked for. `done` is whether the money has gone
    already, and `mails_customer` whether the customer gets the credit note when it has.
    """

    lines: Mapping[int, int] = field(default_factory=dict)
    shipping: int = 0
    charges: Mapping[int, int] = field(default_factory=dict)
    amount: int = 0
    fees: Sequence[Fee] = ()
    overpaid: int = 0
    reason: str | None = None
    method: str | None = None
    reference: str | None = None
    return_id: int | None = None
    done: bool = False
    mails_customer: bool = False


@dataclass(frozen=True)
class RefundableLine:
    """The units of a line that are not refunded, and what is left of its price."""

    line: Line
    units: int
    amount: int


@dataclass(frozen=True)
class RefundableCharge:
    """What is not refunded of a charge, by its place in the order."""

    place: int
    charge: Charge
    amount: int


@dataclass(frozen=True)
class Refundable:
    """What is left to refund of an order.

    Rows as its prices are; `amount` is what they come to, fewer than all of them where an amount was refunded before.
    `paid` is the money that is here and not on its way back, `overpaid` the part of it that is not asked for, and
    `to_pay` what the customer owes, which a refund lowers before any money is given back.
    """

    lines: list[RefundableLine]
    shipping: int
    charges: list[RefundableCharge]
    amount: int
    paid: int
    overpaid: int
    to_pay: int

    @property
    def is_nothing(self) -> bool:
        has_rows = self.amount > 0 or self.lines or self.charges or self.shipping
        return not has_rows and self.overpaid == 0


def refundable(order: Order) -> Refundable:
    """What is left of an order's lines, shipping and charges, and of what was paid; of a cancelled one only money."""
    before = crediting.credited(order)
    pending = order.pending_refunds
    balance = compute_totals(order).balance + pending
    rates = {} if order.is_cancelled else crediting.left_by_rate(order)
    left = sum(rates.values())
    has_left = any(rates.values())  # which is nothing in all where a deduction is as large as the rest
    lines, charges = [], []
    if has_left:
        lines = [
            RefundableLine(line, units, crediting.of_line(line, units, before))
            for line in order.lines
            if (units := line.quantity - before.units[line.id]) > 0
        ]
        charges = [
            RefundableCharge(place, charge, amount)
            for place, charge in enumerate(order.charges)
            if (amount := charge.amount - before.charges[place])
        ]
    return Refundable(
        lines=lines,
        shipping=order.shipping_price - before.shipping if has_left else 0,
        charges=charges,
        amount=left,
        paid=order.paid - pending,
        overpaid=max(0, -balance),
        to_pay=max(0, balance),
    )


def everything_left(order: Order, *, reason: str | None = None) -> RequestedRefund:
    """The refund of all that is left of an order: it brings each VAT rate, and what the order costs, to zero."""
    left = refundable(order)
    wanted = RequestedRefund(
        lines={item.line.id: item.units for item in left.lines},
        shipping=left.shipping,
        charges={item.place: item.amount for item in left.charges},
        overpaid=left.overpaid,
        reason=reason,
    )
    kept = left.amount - sum(row.amount for row in rows_of(order, wanted))  # fees that were kept back
    return RequestedRefund(**{**vars(wanted), "amount": max(0, kept)})


def proposed_for(order: Order, a_return: Return) -> RequestedRefund:
    """The refund that a return gives reason to: its units that are not refunded, with their share of the deductions.

    Once everything came back that was sold, what is left of the shipping fee and the other charges too, but for what
    nobody collected.
    """
    before = crediting.credited(order)
    returned: Counter[int] = Counter()
    for other in order.returns:
        returned.update(_units_of(other))
    units = {
        line.id: min(of_return, returned[line.id] - before.units[line.id], line.quantity - before.units[line.id])
        for line in order.lines
        if (of_return := _units_of(a_return)[line.id])
    }
    lines = {line_id: count for line_id, count in units.items() if count > 0}
    is_all = all(before.units[line.id] + lines.get(line.id, 0) == line.quantity for line in order.lines)
    is_uncollected = any(line.reason is ReturnReason.NOT_COLLECTED for line in a_return.lines)
    with_rest = bool(lines) and is_all and not is_uncollected
    return RequestedRefund(
        lines=lines,
        shipping=order.shipping_price - before.shipping if with_rest else 0,
        charges=dict(_proposed_charges(order, lines, before, with_rest=with_rest)),
        return_id=a_return.id,
    )


def _units_of(a_return: Return) -> Counter[int]:
    """The units of a return by line, none where a claim was settled by sending others."""
    units: Counter[int] = Counter()
    if a_return.kind is ReturnKind.CLAIM and a_return.replacement is not None:
        return units
    for line in a_return.lines:
        units[line.line_id] += line.units
    return units


def _proposed_charges(
    order: Order, lines: Mapping[int, int], before: Credited, *, with_rest: bool
) -> Iterator[tuple[int, int]]:
    goods = sum(line.total for line in order.lines)
    refunded = before.of_lines.total() + sum(
        crediting.of_line(line, lines[line.id], before) for line in order.lines if line.id in lines
    )
    for place, charge in enumerate(order.charges):
        shared = crediting.share(charge.amount, refunded, goods) if charge.amount < 0 else 0
        amount = (charge.amount if with_rest else shared) - before.charges[place]
        if amount and (amount < 0) is (charge.amount < 0):
            yield place, amount


def rows_of(order: Order, wanted: RequestedRefund) -> list[RefundRow]:
    """The rows of a refund; raises RuleViolation at the field that asks for more than is left.

    Where an amount was refunded before, lines, shipping and charges bring no more than what is left of their VAT rate.
    """
    before = crediting.credited(order)
    deductions = [row for row in _charges(order, wanted.charges, before) if row.amount < 0]
    charges = [row for row in _charges(order, wanted.charges, before) if row.amount > 0]
    rows = deductions
    for row in [*_lines(order, wanted.lines, before), *_shipping(order, wanted.shipping, before), *charges]:
        left = max(0, crediting.left_by_rate(order, rows)[row.vat_rate])
        rows = [*rows, _limited(row, left)]
    rows = [*rows, *_amount(order, wanted, rows)]
    for fee in wanted.fees:
        rows = [*rows, *_fee(order, fee, rows)]
    return rows


def _limited(row: RefundRow, most: int) -> RefundRow:
    return row if row.amount <= most else RefundRow(**{**vars(row), "amount": most})


def _lines(order: Order, units_by_line: Mapping[int, int], before: Credited) -> Iterator[RefundRow]:
    for line_id, units in units_by_line.items():
        line = order.find_line(line_id)
        if line is None:
            raise NotFound(
                _("This product is no longer in order %(number)s.", number=order.number), field=f"lines-{line_id}"
            )
        left = line.quantity - before.units[line_id]
        if not 1 <= units <= left:
            raise RuleViolation(_too_many(line, left), field=f"lines-{line_id}")
        amount = crediting.of_line(line, units, before)
        yield RefundRow(RefundRowKind.LINE, line.name, amount, line.vat_rate, line_id=line_id, quantity=units)


def _too_many(line: Line, left: int) -> str:
    if left == 0:
        return _("All of %(name)s is refunded already.", name=line.name)
    return ngettext(
        "%(count)s pc of %(name)s is left to refund.",
        "%(count)s pcs of %(name)s are left to refund.",
        left,
        count=left,
        name=line.name,
    )


def _shipping(order: Order, amount: int, before: Credited) -> Iterator[RefundRow]:
    left = order.shipping_price - before.shipping
    if not 0 <= amount <= left:
        sentence = _("%(amount)s of the shipping fee is left to refund.", amount=_money(order, left))
        raise RuleViolation(sentence, field="shipping")
    if amount:
        yield RefundRow(RefundRowKind.SHIPPING, order.shipping_method or "", amount, order.shipping_vat_rate)


def _charges(order: Order, amounts: Mapping[int, int], before: Credited) -> Iterator[RefundRow]:
    for place, amount in amounts.items():
        if not 0 <= place < len(order.charges):
            sentence = _("This charge is no longer in order %(number)s.", number=order.number)
            raise NotFound(sentence, field=f"charges-{place}")
        charge = order.charges[place]
        left = charge.amount - before.charges[place]
        if not min(0, left) <= amount <= max(0, left):
            sentence = _("%(amount)s of %(name)s is left to refund.", amount=_money(order, left), name=charge.name)
            raise RuleViolation(sentence, field=f"charges-{place}")
        if amount:
            yield RefundRow(RefundRowKind.CHARGE, charge.name, amount, charge.vat_rate, charge=place)


def _amount(order: Order, wanted: RequestedRefund, rows: list[RefundRow]) -> list[RefundRow]:
    """The rows of an amount, by what is left of each VAT rate."""
    if not wanted.amount:
        return []
    weights = {rate: left for rate, left in crediting.left_by_rate(order, rows).items() if left > 0}
    if not 0 < wanted.amount <= sum(weights.values()):
        left = _money(order, sum(weights.values()))
        raise RuleViolation(_("%(amount)s is left to refund of this order.", amount=left), field="amount")
    if not wanted.reason:
        raise RuleViolation(_("Give the reason why the amount is refunded."), field="reason")
    parts = crediting.spread(wanted.amount, weights)
    return [RefundRow(RefundRowKind.AMOUNT, "", amount, rate) for rate, amount in parts.items()]


def _fee(order: Order, fee: Fee, rows: list[RefundRow]) -> list[RefundRow]:
    """The rows of a fee, by what is refunded of each VAT rate, so that none is charged again."""
    weights = {rate: amount for rate, amount in crediting.amounts_of(rows).items() if amount > 0}
    if not 0 < fee.amount <= sum(weights.values()):
        most = _money(order, sum(weights.values()))
        raise RuleViolation(
            _("No more than the %(amount)s that is refunded can be kept back.", amount=most), field="fees"
        )
    parts = crediting.spread(fee.amount, weights)
    return [RefundRow(RefundRowKind.FEE, fee.name, -amount, rate) for rate, amount in parts.items()]


def _money(order: Order, amount: int) -> str:
    return money(amount, order.currency, str(get_locale()))
