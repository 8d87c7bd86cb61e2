"""The only place that recomputes an order's total from its lines."""

from webshop_orders.models import Approval, BeforeAfter, Order
from webshop_orders.money import crediting, payments, source_credits
from webshop_orders.money.totals import compute_totals


def recalculate(order: Order, *, given_back: int = 0) -> BeforeAfter[int]:
    """Recompute the total of an order whose lines were changed; returns it before and after, in öre.

    The VAT is the order desk's own from then on, but for an order that is as the customer approved it again, and
    never less than was refunded. `given_back` is what goods cost that come back in exchange. Raises RuleViolation where
    the payment method forbids the new total, or more was refunded than the order has or costs now. Each operation that
    changes lines calls this once, after its last change of them.
    """
    approval = order.approval or Approval(order.total, order.vat_corrections)
    source_credits.fit(order)
    total = BeforeAfter(before=order.total, after=_new_total(order, approval))
    crediting.check_charged(order)
    payments.check_allows(order, approval, before=total.before, after=total.after, given_back=given_back)
    order.approval, order.total = approval, total.after
    return total


def _new_total(order: Order, approval: Approval) -> int:
    order.vat_corrections = approval.vat_corrections if _is_as_approved(order, approval) else {}
    if order.refunds:
        order.vat_corrections = crediting.vat_corrections(order)
    return compute_totals(order).total


def _is_as_approved(order: Order, approval: Approval) -> bool:
    if not approval.vat_corrections or any(line.price_change for line in order.lines):
        return False
    order.vat_corrections = approval.vat_corrections
    totals = compute_totals(order)
    return totals.total == approval.total and {str(rate) for rate in totals.vat} >= approval.vat_corrections.keys()
