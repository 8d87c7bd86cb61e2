"""Sentences of what happened after an order was placed: holds, returns, refunds, payments and withdrawals."""

from datetime import date
from typing import assert_never

from flask_babel import ngettext

from webshop_orders.models import Order, ReturnKind, hold_label
from webshop_orders.models.event_facts import (
    HoldReleased,
    OrderHeld,
    PaymentRegistered,
    RefundCancelled,
    RefundDone,
    RefundRequested,
    ReturnClosed,
    ReturnReceived,
    ReturnRegistered,
    ShipmentSentBack,
    ShipmentUncollected,
    WithdrawalHandled,
    WithdrawalReceived,
)
from webshop_orders.text.languages import gettext as _
from webshop_orders.web.http.formatting import day, money

Facts = (
    OrderHeld
    | HoldReleased
    | ReturnRegistered
    | ReturnReceived
    | ReturnClosed
    | RefundRequested
    | RefundDone
    | RefundCancelled
    | PaymentRegistered
    | WithdrawalReceived
    | WithdrawalHandled
    | ShipmentUncollected
    | ShipmentSentBack
)


def sentence(facts: Facts, order: Order) -> str:
    """What an event did, without its actor and time."""
    match facts:
        case OrderHeld():
            return _held(facts, order)
        case HoldReleased():
            return _released(facts, order)
        case ReturnRegistered():
            return _return_registered(facts)
        case ReturnReceived():
            return _received(facts)
        case ReturnClosed():
            return _("%(reference)s was closed.", reference=facts.reference)
        case RefundRequested():
            return _with_reason(_refund_requested(facts, order.currency), facts.reason)
        case RefundDone():
            amount = money(facts.amount, order.currency)
            return _("%(amount)s was refunded, %(reference)s.", amount=amount, reference=facts.reference)
        case RefundCancelled():
            return _with_reason(_("The refund %(reference)s was given up.", reference=facts.reference), facts.reason)
        case PaymentRegistered():
            return _("A payment of %(amount)s was registered.", amount=money(facts.amount, order.currency))
        case WithdrawalReceived():
            return _withdrawn(facts)
        case WithdrawalHandled():
            return _("The withdrawal was handled.")
        case ShipmentUncollected():
            return _("Nobody collected %(shipment)s.", shipment=facts.shipment)
        case ShipmentSentBack():
            return _("%(shipment)s is on its way back from the carrier.", shipment=facts.shipment)
    assert_never(facts)


def _held(facts: OrderHeld, order: Order) -> str:
    values = {"what": facts.shipment or order.number, "reason": _reason(facts)}
    if facts.until:
        return _("%(what)s is paused until %(day)s: %(reason)s.", day=day(date.fromisoformat(facts.until)), **values)
    return _("%(what)s is paused: %(reason)s.", **values)


def _released(facts: HoldReleased, order: Order) -> str:
    values = {"what": facts.shipment or order.number, "reason": hold_label(facts.reason)}
    if facts.ended:
        return _("The pause of %(what)s has ended: %(reason)s.", **values)
    return _("The pause of %(what)s was released: %(reason)s.", **values)


def _reason(facts: OrderHeld) -> str:
    reason = hold_label(facts.reason, facts.rule)
    return f"{reason}, «{facts.note}»" if facts.note else reason


def _return_registered(facts: ReturnRegistered) -> str:
    values = {"reference": facts.reference, "products": ", ".join(facts.products)}
    match facts.return_kind:
        case ReturnKind.RETURN:
            return _("The return %(reference)s was registered: %(products)s.", **values)
        case ReturnKind.EXCHANGE:
            return _("The exchange %(reference)s was registered: %(products)s.", **values)
        case ReturnKind.CLAIM:
            return _("The claim %(reference)s was registered: %(products)s.", **values)


def _received(facts: ReturnReceived) -> str:
    return ngettext(
        "%(count)s pc of %(reference)s came back, %(restocked)s of them into stock.",
        "%(count)s pcs of %(reference)s came back, %(restocked)s of them into stock.",
        facts.quantity,
        count=facts.quantity,
        reference=facts.reference,
        restocked=facts.restocked,
    )


def _refund_requested(facts: RefundRequested, currency: str) -> str:
    values = {"reference": facts.reference, "credited": money(facts.credited, currency)}
    if facts.amount == 0:
        return _("%(credited)s was credited, %(reference)s.", **values)
    return _("A refund of %(amount)s was requested, %(reference)s.", amount=money(facts.amount, currency), **values)


def _with_reason(sentence: str, reason: str | None) -> str:
    return f"{sentence} «{reason}»" if reason else sentence


def _withdrawn(facts: WithdrawalReceived) -> str:
    if not facts.products:
        return _("The customer withdrew from the whole purchase.")
    return _("The customer withdrew from: %(products)s.", products=", ".join(facts.products))
