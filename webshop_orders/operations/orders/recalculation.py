"""What an order keeps of its own sums, and whether the way it is paid allows a new one."""

from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Order
from webshop_orders.money import payments
from webshop_orders.money.payments import PaymentEdits
from webshop_orders.money.totals import compute_totals


def recalculate(order: Order) -> None:
    """Draw anew what the order keeps of its own sums, statuses and words, once its lines are as they will be."""
    order.total = compute_totals(order).total
    order.units = sum(line.quantity for line in order.lines)
    order.status = order.computed_status()
    order.refresh_search_keys()


def check_payment_allows(order: Order) -> None:
    """See that the way the order is paid allows its new total.

    Raises Refused where the payment method forbids it; `order.total` still is what it was before the edit.
    """
    before, after = order.total, compute_totals(order).total
    allowed, method = payments.allowed_edits(order.payment_method), payments.method_label(order.payment_method)
    if allowed is PaymentEdits.NONE and after != before:
        raise RuleViolation(_("An order paid by %(method)s cannot change its total.", method=method))
    if allowed is PaymentEdits.DECREASE_ONLY and after > before and after > order.paid:
        raise RuleViolation(
            _(
                "An order paid by %(method)s can become cheaper but not dearer: more than was approved cannot be "
                "charged. Place a new order for what is added.",
                method=method,
            )
        )
