from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.mailing.messages import send_warnings
from webshop_orders.models import MessageKind
from webshop_orders.operations.orders import confirmations
from webshop_orders.web.orders.editing import edit_order, require_confirmation
from webshop_orders.web.orders.forms.confirmations import ConfirmationForm
from webshop_orders.web.orders.mail_sentences import goes_or_is_held
from webshop_orders.web.orders.page import render_done

blueprint = Blueprint("confirmations", __name__, url_prefix="/orders/<number:number>")


@blueprint.post("/confirmation")
def send(number: str) -> Response:
    form = ConfirmationForm()
    with edit_order(number, form) as order:
        require_confirmation(order, send_warnings.before_sending(order, MessageKind.ORDER_CONFIRMATION), form)
        message = confirmations.send_order_confirmation(order, form.recipient.data, by=form.actor)
    sentence = _("The order confirmation goes to %(recipient)s.", recipient=message.recipient)
    return render_done(order, "summary", goes_or_is_held(sentence, message))
