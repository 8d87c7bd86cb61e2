from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.mailing import guard
from webshop_orders.models import MessageKind
from webshop_orders.operations import confirmations
from webshop_orders.web.answers import ask, changing
from webshop_orders.web.forms.summary import ConfirmationForm
from webshop_orders.web.order_page import changed

blueprint = Blueprint("confirmations", __name__, url_prefix="/orders/<number:number>")


@blueprint.post("/confirmation")
def send(number: str) -> Response:
    form = ConfirmationForm()
    with changing(number, form) as order:
        ask(order, guard.before_sending(order, MessageKind.ORDER_CONFIRMATION), form)
        confirmations.send_order_confirmation(order, form.recipient.data, by=form.actor)
    return changed(order, "summary", _("The order confirmation goes to %(recipient)s.", recipient=form.recipient.data))
