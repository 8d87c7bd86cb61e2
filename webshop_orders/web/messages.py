"""One mail of an order, as it was sent."""

from flask import Blueprint, Response, make_response
from flask_babel import gettext as _

from webshop_orders.errors import NotFound
from webshop_orders.extensions import db
from webshop_orders.models import Message, Order
from webshop_orders.operations.finding import get_order
from webshop_orders.web.order_page import draw
from webshop_orders.web.security import MAIL_POLICY

blueprint = Blueprint("messages", __name__, url_prefix="/orders/<number:number>/messages/<id:message_id>")


@blueprint.get("")
def show(number: str, message_id: int) -> Response:
    order = get_order(number)
    return draw(order, "messages", shown_message=_get(order, message_id))


@blueprint.get("/body")
def body(number: str, message_id: int) -> Response:
    response = make_response(_get(get_order(number), message_id).html)
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def _get(order: Order, message_id: int) -> Message:
    message = db.session.get(Message, message_id)
    if message is None or message.order_id != order.id:
        raise NotFound(_("Order %(number)s has no such message.", number=order.number))
    return message
