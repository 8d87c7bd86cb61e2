"""Payments of an order that staff or an integration register: money that came in outside the checkout."""

from datetime import date
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.documents.fields import MAX_AMOUNT
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, BeforeAfter, HoldRule, Order, PaymentPart, RegisteredPayment
from webshop_orders.models.event_facts import PaymentRegistered
from webshop_orders.models.payment_part import MAX_PARTS
from webshop_orders.models.registered_payment import MAX_PAYMENTS
from webshop_orders.money import totals
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import holds


def today() -> date:
    """The day in the shop's time zone."""
    return now().astimezone(ZoneInfo(shop_settings.current().time_zone)).date()


def register(
    order: Order, amount: int, *, method: str | None, paid_on: date, reference: str | None = None, by: Actor
) -> RegisteredPayment:
    """Register money that came in, in öre, on a day in the shop's time zone; a cancelled order can be paid too.

    Raises RuleViolation for an amount that nobody pays, or a day to come.
    """
    if not 1 <= amount <= MAX_AMOUNT:
        raise RuleViolation(_("Nobody pays that: check the amount."), field="amount")
    if paid_on > today():
        raise RuleViolation(_("That day has not come yet."), field="paid_on")
    if len(order.registered_payments) >= MAX_PAYMENTS:
        raise RuleViolation(_("An order has at most %(most)s registered payments.", most=MAX_PAYMENTS))
    payment = RegisteredPayment(
        id=order.next_id("payment"),
        amount=amount,
        method=method,
        paid_on=paid_on.isoformat(),
        by=by.name,
        at=now().isoformat(),
        reference=reference,
    )
    paid = BeforeAfter(order.paid, order.paid + amount)
    order.payments = _parts(order, payment)
    order.registered_payments = [*order.registered_payments, payment]
    order.paid = paid.after
    history.record(order, PaymentRegistered(amount, paid, method), by=by)
    if totals.balance(order) <= 0:
        holds.release_of_rule(order, HoldRule.UNPAID, by=by.with_request_key(None))
    return payment


def _parts(order: Order, payment: RegisteredPayment) -> list[PaymentPart]:
    """What each method paid, once several have: a part more, or a larger one."""
    before = order.paid + order.refunded
    parts = order.payments or ([PaymentPart(order.payment_method, before)] if order.payment_method and before else [])
    if payment.method is None or len(parts) >= MAX_PARTS:
        return order.payments
    if not order.payments and (payment.method == order.payment_method or (before and not parts)):
        return []
    same = next((part for part in parts if part.method == payment.method), None)
    if same is None:
        return [*parts, PaymentPart(payment.method, payment.amount)]
    larger = PaymentPart(same.method, same.amount + payment.amount)
    return [larger if part is same else part for part in parts]
