"""Putting an order before older ones that wait for the same products (rule 35)."""

from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders.clock import now
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, Order, Priority
from webshop_orders.models.event_facts import OrderPrioritised
from webshop_orders.models.priority import MAX_REASON_LENGTH
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import whole_delivery


def prioritise(order: Order, reason: str, *, by: Actor) -> None:
    """Have an order get what becomes free before older ones; what others have reserved stays theirs.

    Raises RuleViolation where nothing is left to leave, or without a reason of at most `MAX_REASON_LENGTH` characters,
    NoChange where it comes first for this reason already.
    """
    whole_delivery.check_can_be_set(order)
    reason = reason.strip()
    if not reason:
        raise RuleViolation(_("Say why this order comes first."), field="reason")
    if len(reason) > MAX_REASON_LENGTH:
        raise RuleViolation(
            ngettext(
                "Write at most %(most)s character.",
                "Write at most %(most)s characters.",
                MAX_REASON_LENGTH,
                most=MAX_REASON_LENGTH,
            ),
            field="reason",
        )
    if order.priority is not None and order.priority.reason == reason:
        raise NoChange(_("%(number)s already comes first for this reason.", number=order.number))
    order.priority = Priority(by.name, now().isoformat(), reason)
    history.record(order, OrderPrioritised(is_prioritised=True, reason=reason), by=by)


def end_priority(order: Order, *, by: Actor) -> None:
    """Have an order get stock by its age again; raises RuleViolation if it is cancelled, NoChange where it does."""
    order.check_not_cancelled()
    if order.priority is None:
        raise NoChange(_("%(number)s gets stock by its age already.", number=order.number))
    order.priority = None
    history.record(order, OrderPrioritised(is_prioritised=False), by=by)
