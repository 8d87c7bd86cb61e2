"""The only place that recomputes an order's total from its lines."""

from webshop_orders.models import Approval, BeforeAfter, Order
from webshop_orders.money import payments
from webshop_orders.money.totals import compute_totals


def recalculate(order: Order, *, given_back: int = 0) -> BeforeAfter[int]:
    """Recompute the total of an order whose lines were changed; returns it before and after, in öre.

    The VAT is the order desk's own from then on, but for an order that is as the customer approved it again.
    `given_back` is what goods cost that come back in exchange. Raises RuleViolation where the payment method forbids
    the new total. Each operation that changes lines calls this once,
    after its last change of them.
    """
    approval = order.approval or Approval(order.total, order.vat_corrections)
    total = BeforeAfter(before=order.total, after=_new_total(order, approval))
    payments.check_allows(order, approval, before=total.before, after=total.after, given_back=given_back)
    order.approval, order.total = approval, total.after
    return total


def _new_total(order: Order, approval: Approval) -> int:
    has_new_prices = any(line.price_change for line in order.lines)
    if approval.vat_corrections and not has_new_prices:
        order.vat_corrections = approval.vat_corrections
        totals = compute_totals(order)
        if totals.total == approval.total and {str(rate) for rate in totals.vat} >= approval.vat_corrections.keys():
            return totals.total
    order.vat_corrections = {}
    return compute_totals(order).total
