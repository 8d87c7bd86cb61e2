from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.operations.orders import cancellation
from webshop_orders.web.orders.editing import edit_order
from webshop_orders.web.orders.forms.cancellations import CancellationForm, RestorationForm
from webshop_orders.web.orders.page import render_change

blueprint = Blueprint("cancellations", __name__, url_prefix="/orders/<number:number>")


@blueprint.post("/cancellation")
def cancel(number: str) -> Response:
    form = CancellationForm()
    with edit_order(number, form) as order:
        cancellation.cancel(order, by=form.actor)
    return render_change(order, "summary", _("Order %(number)s is cancelled.", number=order.number))


@blueprint.post("/restoration")
def restore(number: str) -> Response:
    form = RestorationForm()
    with edit_order(number, form) as order:
        cancellation.restore(order, by=form.actor)
    return render_change(order, "summary", _("The cancellation of %(number)s is taken back.", number=order.number))
