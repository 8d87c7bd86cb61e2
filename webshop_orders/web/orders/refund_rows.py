"""What the form for a refund shows: what is left of an order, and what the form comes to."""

from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from wtforms import Field

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Order
from webshop_orders.operations.after_sales import refunds, returns
from webshop_orders.operations.after_sales.refunds import RequestedRefund, refundable
from webshop_orders.web.http.query_args import id_arg, text_arg
from webshop_orders.web.orders.forms.refunds import RefundForm
from webshop_orders.web.orders.payment_methods import offered_methods
from webshop_orders.web.orders.refund_sums import RefundSum, sum_of_form, sum_of_proposal


@dataclass(frozen=True)
class Row:
    """A line with its field, the units that are left of it, and what these cost."""

    line: Any
    units: int
    amount: int
    field: Field


def filled_form(order: Order) -> RefundForm:
    """The form with what is proposed: for a return, for everything, or for what was paid too much.

    Fees that were kept back are left to an amount with a reason. Raises RuleViolation where nothing is left, and
    NotFound for a return that the order does not have.
    """
    left = refundable(order)
    if left.is_nothing:
        raise RuleViolation(_("Nothing of %(number)s is left to refund.", number=order.number))
    return_id = id_arg("return_id")
    if return_id is not None:
        proposed = refunds.proposed_for(order, returns.get(order, return_id))
    else:
        everything = replace(refunds.everything_left(order), amount=0)
        proposed = everything if text_arg("all") else RequestedRefund(overpaid=left.overpaid)
    return RefundForm.of(order, [item.line.id for item in left.lines], proposed)


def form_context(order: Order, form: RefundForm) -> dict[str, Any]:
    """The rows that the form has, of the lines that the order has still."""
    left = refundable(order)
    of_lines = {item.line.id: item for item in left.lines}
    rows = []
    for line in order.lines:
        if line.id in form.line_ids:
            item = of_lines.get(line.id)
            units, amount = (item.units, item.amount) if item else (0, 0)
            rows.append(Row(line, units, amount, form.of_line(line.id)["lines"]))
    has_several = len({line.shipment.seq for line in order.lines}) > 1
    return {
        "form": form,
        "rows": rows,
        "left": left,
        "has_several": has_several,
        "methods": offered_methods(order),
        "sum": _sum(order, form),
    }


def _sum(order: Order, form: RefundForm) -> RefundSum | None:
    """What the form comes to; None where it was refused, and says why itself."""
    if form.shown is not None:
        return form.shown
    if form.proposed is not None:
        return sum_of_proposal(order.number, form.proposed)
    return None if form.errors or form.form_errors else sum_of_form(order.number, form)
