from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.operations import orders
from webshop_orders.web.answers import changing
from webshop_orders.web.forms.summary import CancellationForm
from webshop_orders.web.order_page import changed

blueprint = Blueprint("cancellations", __name__, url_prefix="/orders/<number:number>")


@blueprint.post("/cancellation")
def cancel(number: str) -> Response:
    form = CancellationForm()
    with changing(number, form) as order:
        orders.cancel(order, by=form.actor)
    return changed(order, "summary", _("Order %(number)s is cancelled.", number=order.number))
