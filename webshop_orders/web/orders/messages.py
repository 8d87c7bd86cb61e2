"""The tab Utskick: the mails about an order."""

from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.mailing.messages import send_warnings
from webshop_orders.models import MessageKind
from webshop_orders.operations.orders import confirmations, messages
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.operations.orders.order_rows import Parts
from webshop_orders.web.http.security_headers import sandboxed_mail
from webshop_orders.web.orders.editing import edit_order, require_confirmation
from webshop_orders.web.orders.forms.messages import CopyForm, OrderChangedForm
from webshop_orders.web.orders.mail_sentences import goes_or_is_held
from webshop_orders.web.orders.message_actions import DISMISS, QUEUE_AGAIN, SEND_COPY, MessageAction
from webshop_orders.web.orders.page import render, render_done

blueprint = Blueprint("messages", __name__, url_prefix="/orders/<number:number>/messages")


@blueprint.get("/<id:message_id>")
def show(number: str, message_id: int) -> Response:
    return render(get_order(number, Parts.LINES), "messages", active_form=CopyForm.blank(key=message_id))


@blueprint.get("/<id:message_id>/body")
def body(number: str, message_id: int) -> Response:
    return sandboxed_mail(messages.get(message_id, get_order(number, Parts.SHIPMENTS)).html)


@blueprint.post("/order-change")
def send_order_changed(number: str) -> Response:
    form = OrderChangedForm()
    with edit_order(number, form) as order:
        require_confirmation(order, send_warnings.before_sending(order, MessageKind.ORDER_CHANGED), form)
        message = confirmations.send_order_changed(order, form.recipient.data, by=form.actor)
    sentence = _("Word of the change goes to %(recipient)s.", recipient=message.recipient)
    return render_done(order, "messages", goes_or_is_held(sentence, message))


@blueprint.post("/<id:message_id>/queueing")
def queue_again(number: str, message_id: int) -> Response:
    return _run(QUEUE_AGAIN, number, message_id)


@blueprint.post("/<id:message_id>/copies")
def send_copy(number: str, message_id: int) -> Response:
    return _run(SEND_COPY, number, message_id)


@blueprint.post("/<id:message_id>/settlement")
def settle(number: str, message_id: int) -> Response:
    return _run(DISMISS, number, message_id)


def _run(action: MessageAction, number: str, message_id: int) -> Response:
    form = action.form(message_id)
    with edit_order(number, form) as order:
        sentence = action.run(messages.get(message_id, order, for_update=True), order, form)
    return render_done(order, "messages", sentence)
