"""The mails of an order: as they were sent, and what can be done with each."""

from flask import Blueprint, Response, make_response
from flask_babel import gettext as _

from webshop_orders.mailing.messages import warnings as send_warnings
from webshop_orders.models import Message, MessageKind
from webshop_orders.operations.orders import confirmations, messages
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.web.http.responses import edit_order, require_confirmation
from webshop_orders.web.http.security_headers import MAIL_POLICY
from webshop_orders.web.orders.forms.messages import CopyForm, OrderChangedForm, QueueAgainForm, SettlementForm
from webshop_orders.web.orders.page import opened_message, render, render_change

blueprint = Blueprint("messages", __name__, url_prefix="/orders/<number:number>/messages")


@blueprint.get("/<id:message_id>")
def show(number: str, message_id: int) -> Response:
    order = get_order(number)
    return render(order, "messages", **opened_message(messages.get(message_id, order)))


@blueprint.get("/<id:message_id>/body")
def body(number: str, message_id: int) -> Response:
    return as_it_looked(messages.get(message_id, get_order(number)))


@blueprint.post("/order-change")
def send_order_changed(number: str) -> Response:
    form = OrderChangedForm()
    with edit_order(number, form) as order:
        require_confirmation(order, send_warnings.before_sending(order, MessageKind.ORDER_CHANGED), form)
        confirmations.send_order_changed(order, form.recipient.data, by=form.actor)
    return render_change(
        order, "messages", _("Word of the change goes to %(recipient)s.", recipient=form.recipient.data)
    )


@blueprint.post("/<id:message_id>/queueing")
def queue_again(number: str, message_id: int) -> Response:
    form = QueueAgainForm(message_id)
    with edit_order(number, form) as order:
        message = messages.get(message_id, order, to_change=True)
        messages.queue_again(message, by=form.actor)
    return render_change(order, "messages", on_its_way(message))


@blueprint.post("/<id:message_id>/copies")
def send_copy(number: str, message_id: int) -> Response:
    form = CopyForm(message_id)
    with edit_order(number, form) as order:
        message = messages.get(message_id, order)
        require_confirmation(order, send_warnings.before_sending(order, message.kind, message.shipment_reference), form)
        copy = messages.send_copy(message, form.recipient.data, by=form.actor)
    return render_change(order, "messages", on_its_way(copy))


@blueprint.post("/<id:message_id>/settlement")
def settle(number: str, message_id: int) -> Response:
    form = SettlementForm(message_id)
    with edit_order(number, form) as order:
        messages.dismiss(messages.get(message_id, order, to_change=True), by=form.actor)
    return render_change(order, "messages", _("The mail is laid aside."))


def as_it_looked(message: Message) -> Response:
    """A mail's HTML in a page of its own, with the styles that it brings and nothing that runs."""
    response = make_response(message.html)
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def on_its_way(message: Message) -> str:
    return _("The mail goes to %(recipient)s.", recipient=message.recipient)
