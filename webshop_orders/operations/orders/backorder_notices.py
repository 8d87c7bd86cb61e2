"""Telling customers when the products that they wait for are expected: once for the same days, unless staff agree."""

from datetime import date

from flask_babel import gettext as _

from webshop_orders import mailing
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.expected_days import Days
from webshop_orders.models import Actor, Line, Message, Order
from webshop_orders.models.event_facts import BackorderNoticeSent
from webshop_orders.operations.audit import history


def send(order: Order, days: Days, *, again: bool = False, by: Actor) -> Message:
    """Queue a mail with the day of each line that waits, as expected now, and note what the customer was told.

    Raises RuleViolation where nothing waits, no line has a day, or nobody can be mailed, and NoChange where the
    customer was told exactly these days before, unless they are to be told `again`.
    """
    order.check_not_cancelled()
    waiting = [line for line in order.lines if line.backordered]
    if not waiting:
        raise RuleViolation(_("Nothing in %(number)s waits for stock.", number=order.number))
    if not order.customer.email:
        raise RuleViolation(_("The customer has no e-mail address. Add one under Customer."))
    if not any(line in days for line in waiting):
        raise RuleViolation(_("It is not known when what %(number)s waits for is expected.", number=order.number))
    if _is_told(waiting, days) and not again:
        raise NoChange(_("The customer of %(number)s was told these days already.", number=order.number))
    message = mailing.queue_backorder_notice(order, days, order.customer.email, by=by)
    for line in waiting:
        line.promised_on = _stored(days.get(line))
    told = [line for line in waiting if line in days]
    facts = BackorderNoticeSent(
        mailed_to=order.customer.email,
        products=[line.name for line in told],
        days=[days[line].isoformat() for line in told],
        held=message.held_because,
    )
    history.record(order, facts, by=by)
    return message


def is_told(order: Order, days: Days) -> bool:
    """Whether the customer was told exactly the days that are expected now."""
    waiting = [line for line in order.lines if line.backordered]
    return bool(waiting) and _is_told(waiting, days)


def _is_told(waiting: list[Line], days: Days) -> bool:
    return all(line.promised_on == _stored(days.get(line)) for line in waiting)


def _stored(day: date | None) -> str | None:
    return day.isoformat() if day else None
