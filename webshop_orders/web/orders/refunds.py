"""Money that is given back: requested, done, given up."""

from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders import rendering
from webshop_orders.db.extensions import db
from webshop_orders.errors import ConfirmationWarning, NoChange, NotFound, RuleViolation
from webshop_orders.models import Order, Refund, RefundState
from webshop_orders.operations.after_sales import refunds
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.web.http.formatting import money
from webshop_orders.web.http.responses import wants_fragment
from webshop_orders.web.orders import page
from webshop_orders.web.orders.editing import FormRejected, edit_order, require_confirmation
from webshop_orders.web.orders.forms.refunds import RefundCancellationForm, RefundDoneForm, RefundForm
from webshop_orders.web.orders.page import render, render_change
from webshop_orders.web.orders.refund_rows import filled_form
from webshop_orders.web.orders.refund_sums import code_of, sum_of_form, wanted_by

blueprint = Blueprint("refunds", __name__, url_prefix="/orders/<number:number>/refunds")


@blueprint.get("")
def open_form(number: str) -> Response:
    try:
        return page.show(number, RefundForm.page, filled_form)
    except (NotFound, RuleViolation) as reason:
        return render(get_order(number), "summary", error_message=str(reason), status=reason.status)


@blueprint.post("")
def register(number: str) -> Response:
    form = RefundForm.of_request()
    # What was flushed would be taken for the same form, carried out before.
    with edit_order(number, form) as order, db.session.no_autoflush:
        refund = refunds.request(order, wanted_by(order, form), by=form.actor)
        require_confirmation(order, [_warn_of_sum(order, refund)], form)
    return render_change(order, "summary", _registered(order, refund))


@blueprint.post("/preview")
def preview(number: str) -> Response:
    """What the form comes to, for its place beside the fields or in the whole page; nothing is saved."""
    form = RefundForm.of_request()
    sum_ = sum_of_form(number, form)
    if wants_fragment():
        return Response(rendering.render("orders/refunds/_sum.html", sum=sum_))
    if sum_.reason is not None and not isinstance(sum_.reason, NoChange):
        raise FormRejected(number, form, sum_.reason) from sum_.reason
    form.shown = sum_
    return render(get_order(number), form.page, active_form=form)


@blueprint.post("/<id:refund_id>/done")
def finish(number: str, refund_id: int) -> Response:
    form = RefundDoneForm(refund_id)
    with edit_order(number, form) as order:
        refund = refunds.finish(order, refund_id, reference=form.reference.data, by=form.actor)
    return render_change(order, "summary", _registered(order, refund))


@blueprint.post("/<id:refund_id>/cancellation")
def cancel(number: str, refund_id: int) -> Response:
    form = RefundCancellationForm(refund_id)
    with edit_order(number, form) as order:
        refund = refunds.cancel(order, refund_id, reason=form.reason.data, by=form.actor)
    reference = refund.number_in(order.number)
    return render_change(order, "summary", _("The refund %(reference)s was given up.", reference=reference))


def _warn_of_sum(order: Order, refund: Refund) -> ConfirmationWarning:
    """Nothing is given back whose sum nobody has seen: the form confirms the one that was shown beside it."""
    back, credited = (money(amount, order.currency) for amount in (refund.amount, refund.credited))
    if refund.amount:
        sentence = _("%(amount)s goes back to the customer. Is that right?", amount=back)
    else:
        sentence = _("%(amount)s is credited, and no money goes back. Is that right?", amount=credited)
    return ConfirmationWarning(code_of(refund), sentence)


def _registered(order: Order, refund: Refund) -> str:
    reference = refund.number_in(order.number)
    amount, credited = (money(each, order.currency) for each in (refund.amount, refund.credited))
    if not refund.amount:
        return _("%(credited)s was credited, %(reference)s.", credited=credited, reference=reference)
    if refund.state is RefundState.DONE:
        return _("%(amount)s was refunded, %(reference)s.", amount=amount, reference=reference)
    return _("A refund of %(amount)s was requested, %(reference)s.", amount=amount, reference=reference)
