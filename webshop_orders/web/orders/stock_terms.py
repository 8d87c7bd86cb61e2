"""How an order waits for stock: before older ones, and until all of it is there."""

from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Order
from webshop_orders.operations.orders import priority, whole_delivery
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.web.orders import page
from webshop_orders.web.orders.editing import edit_order
from webshop_orders.web.orders.forms.stock_terms import PriorityEndForm, PriorityForm, WholeDeliveryForm
from webshop_orders.web.orders.page import render, render_change

blueprint = Blueprint("stock_terms", __name__, url_prefix="/orders/<number:number>")


@blueprint.get("/priority")
def show_priority(number: str) -> Response:
    """The form that puts the order before older ones."""

    def open_form(order: Order) -> PriorityForm:
        whole_delivery.check_can_be_set(order)
        return PriorityForm.blank(reason=order.priority.reason if order.priority else None)

    try:
        return page.show(number, "shipping", open_form)
    except RuleViolation as reason:
        return render(get_order(number), "shipping", error_message=str(reason), status=reason.status)


@blueprint.post("/priority")
def prioritise(number: str) -> Response:
    form = PriorityForm()
    with edit_order(number, form) as order:
        priority.prioritise(order, form.reason.data or "", by=form.actor)
    return render_change(order, "shipping", _("%(number)s gets stock before older orders.", number=number))


@blueprint.post("/priority/removal")
def end_priority(number: str) -> Response:
    form = PriorityEndForm()
    with edit_order(number, form) as order:
        priority.end_priority(order, by=form.actor)
    return render_change(order, "shipping", _("%(number)s gets stock by its age again.", number=number))


@blueprint.post("/whole-delivery")
def set_whole_delivery(number: str) -> Response:
    form = WholeDeliveryForm()
    with edit_order(number, form) as order:
        whole_delivery.set_whole(order, form.ships_whole.data == "1", by=form.actor)
    if order.ships_whole:
        sentence = _("%(number)s is collected until all of it is in stock, and leaves whole.", number=number)
    else:
        sentence = _("%(number)s gets stock as it comes.", number=number)
    return render_change(order, "shipping", sentence)
