"""The only place that recomputes an order's total from its lines."""

from webshop_orders.models import BeforeAfter, Order
from webshop_orders.money import payments
from webshop_orders.money.totals import compute_totals


def recalculate(order: Order) -> BeforeAfter[int]:
    """Recompute the total of an order whose lines were changed; returns it before and after, in öre.

    The VAT is the order desk's own from then on. Raises RuleViolation where the payment method forbids the new total.
    Each operation that changes lines calls this once, after its last change of them.
    """
    order.vat_corrections = {}
    total = BeforeAfter(before=order.total, after=compute_totals(order).total)
    payments.check_allows(order, before=total.before, after=total.after)
    order.total = total.after
    return total
