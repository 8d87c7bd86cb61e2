"""Refunds: money that is given back, and what the order costs less for it. A refund is a credit note too."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import get_locale
from flask_babel import gettext as _

from webshop_orders.clock import now
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import Actor, BeforeAfter, Order, Refund, RefundRow, RefundState
from webshop_orders.models.event_facts import RefundCancelled, RefundDone, RefundRequested
from webshop_orders.models.refund import MAX_REFUNDS
from webshop_orders.money import crediting
from webshop_orders.money.crediting import Credit
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.after_sales import credit_notes
from webshop_orders.operations.after_sales.refund_rows import (
    Fee,
    Refundable,
    RequestedRefund,
    everything_left,
    proposed_for,
    refundable,
    rows_of,
)
from webshop_orders.operations.audit import history
from webshop_orders.text.formatting import money

__all__ = [
    "Fee",
    "Refundable",
    "RequestedRefund",
    "cancel",
    "everything_left",
    "finish",
    "get",
    "proposed_for",
    "refundable",
    "request",
]


def get(order: Order, refund_id: int) -> Refund:
    """A refund of this order; raises NotFound where it has none with this number."""
    refund = next((refund for refund in order.refunds if refund.id == refund_id), None)
    if refund is None:
        raise NotFound(_("There is no such refund of order %(number)s.", number=order.number))
    return refund


def request(order: Order, wanted: RequestedRefund, *, by: Actor) -> Refund:
    """Request a refund: the order costs less from now on, and the money is on its way back until it is done.

    What is left to pay is lowered first, so that it may need no money; such a refund is done at once, as is one whose
    money has gone already. The customer gets the credit note with it where that is wanted. Raises RuleViolation, at its
    field, for more than was charged or paid, and where the customer has no address.
    """
    if len(order.refunds) >= MAX_REFUNDS:
        raise RuleViolation(_("An order has at most %(most)s refunds.", most=MAX_REFUNDS))
    if wanted.return_id is not None and not any(item.id == wanted.return_id for item in order.returns):
        raise NotFound(_("There is no such return of order %(number)s.", number=order.number), field="return_id")
    if wanted.mails_customer:
        credit_notes.check_can_be_mailed(order)
    left = refundable(order)
    rows = rows_of(order, wanted)
    credit = _credit(order, rows, wanted)
    if not 0 <= wanted.overpaid <= left.overpaid:
        most = _money(order, left.overpaid)
        raise RuleViolation(_("%(amount)s was paid that is not asked for.", amount=most), field="overpaid")
    amount = min(max(0, credit.credited - left.to_pay), left.paid) + wanted.overpaid
    refund = Refund(
        id=order.next_id("refund"),
        state=RefundState.REQUESTED,
        rows=rows,
        credited=credit.credited,
        amount=amount,
        requested_by=by.name,
        requested_at=now().isoformat(),
        vat={str(rate): vat for rate, vat in credit.vat.items()},
        rounding=credit.rounding,
        reason=wanted.reason,
        method=(wanted.method or order.payment_method) if amount else None,
        reference=wanted.reference,
        return_id=wanted.return_id,
        mails_customer=wanted.mails_customer,
    )
    _store(order, [*order.refunds, refund])
    if wanted.done and amount:
        return _carry_out(order, refund, by=by)
    number = refund.number_in(order.number)
    history.record(order, RefundRequested(number, amount, credit.credited, wanted.reason), by=by)
    if amount:
        return refund
    done = _replace(order, refund, state=RefundState.DONE, done_at=refund.requested_at)
    credit_notes.send(order, done, by=by)
    return done


def finish(
    order: Order, refund_id: int, *, reference: str | None = None, method: str | None = None, by: Actor
) -> Refund:
    """Record that the money of a refund was given back.

    Raises NoChange where that is recorded, RuleViolation where the refund was cancelled or more than the order has
    paid would be given back.
    """
    refund = get(order, refund_id)
    number = refund.number_in(order.number)
    if refund.state is RefundState.DONE:
        raise NoChange(_("%(reference)s already is done.", reference=number))
    if refund.state is RefundState.CANCELLED:
        raise RuleViolation(_("%(reference)s was cancelled. Request a new refund.", reference=number))
    told = replace(refund, reference=reference or refund.reference, method=method or refund.method)
    _store(order, [told if item.id == refund.id else item for item in order.refunds])
    return _carry_out(order, told, by=by)


def cancel(order: Order, refund_id: int, *, reason: str | None = None, by: Actor) -> Refund:
    """Give up a refund that is requested: the order costs what it did, and nothing is given back.

    Raises NoChange where it was cancelled, RuleViolation where it is done or later ones rest on it.
    """
    refund = get(order, refund_id)
    number = refund.number_in(order.number)
    if refund.state is RefundState.CANCELLED:
        raise NoChange(_("%(reference)s already is cancelled.", reference=number))
    if refund.state is RefundState.DONE:
        raise RuleViolation(_("%(reference)s is done: the money was given back.", reference=number))
    cancelled = _replace(order, refund, state=RefundState.CANCELLED)
    # A later refund took more deductions than goods of a rate, or less VAT, as the order had become dearer.
    if crediting.exceeded_rates(order) or crediting.exceeded_vat(order):
        raise RuleViolation(_("Later refunds rest on %(reference)s: cancel them first.", reference=number))
    history.record(order, RefundCancelled(number, refund.amount, reason), by=by)
    return cancelled


def _credit(order: Order, rows: list[RefundRow], wanted: RequestedRefund) -> Credit:
    """What the rows credit; raises RuleViolation where that is nothing, or more than the order costs."""
    if rows and order.is_cancelled:
        sentence = _("%(number)s is cancelled and costs nothing: give back what was paid.", number=order.number)
        raise RuleViolation(sentence, field="overpaid")
    is_something = any(row.amount for row in rows) or wanted.overpaid
    if not is_something:
        raise RuleViolation(_("Choose what is refunded."), field="lines")
    credit = crediting.credit(order, rows)
    if credit.credited < 0:
        raise RuleViolation(_("Choose what is refunded."), field="lines")
    costs = compute_totals(order).total - crediting.credited(order).total
    if crediting.exceeded_rates(order, rows) or credit.credited > costs:
        sentence = _(
            "%(amount)s is left of what the order costs: refund its deductions too.", amount=_money(order, costs)
        )
        raise RuleViolation(sentence, field="charges")
    return credit


def _carry_out(order: Order, refund: Refund, *, by: Actor) -> Refund:
    """Take the money of a refund from what was paid."""
    if refund.amount > order.paid:
        most = _money(order, order.paid)
        raise RuleViolation(_("Only %(amount)s is paid of this order now.", amount=most), field="amount")
    paid = BeforeAfter(order.paid, order.paid - refund.amount)
    order.paid = paid.after
    order.refunded += refund.amount
    done = _replace(order, refund, state=RefundState.DONE, done_at=now().isoformat())
    facts = RefundDone(refund.number_in(order.number), refund.amount, paid, refund.method)
    history.record(order, facts, by=by)
    credit_notes.send(order, done, by=by)
    return done


def _replace(order: Order, refund: Refund, **values: object) -> Refund:
    changed = Refund(**{**vars(refund), **values})
    _store(order, [changed if item.id == refund.id else item for item in order.refunds])
    return changed


def _store(order: Order, refunds: list[Refund]) -> None:
    order.refunds = refunds
    order.credited = crediting.credited(order).total


def _money(order: Order, amount: int) -> str:
    return money(amount, order.currency, str(get_locale()))
