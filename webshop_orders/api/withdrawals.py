"""Statements of withdrawal over the API, about an order that its customer made them elsewhere."""

from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import actor, json_response, read_body
from webshop_orders.documents.withdrawal import NewWithdrawal, to_json
from webshop_orders.errors import AlreadyDone, FieldError, InvalidDocument
from webshop_orders.models import Order, Scope, WithdrawnLine
from webshop_orders.operations.orders import withdrawals
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.operations.orders.withdrawals import Statement
from webshop_orders.transactions.unit_of_work import editing

blueprint = Blueprint("withdrawals", __name__, url_prefix="/orders/<number:number>/withdrawals")


@blueprint.get("")
@requires(Scope.ORDERS_READ)
def index(number: str) -> Response:
    order = get_order(number)
    return json_response({"withdrawals": [to_json(withdrawal) for withdrawal in withdrawals.of_order(order)]})


@blueprint.post("")
@requires(Scope.ORDERS_WRITE)
def register(number: str) -> Response:
    new, by = read_body(NewWithdrawal, optional=True), actor()
    try:
        with editing(number, None, by, is_step=False) as order:
            withdrawal = withdrawals.register(
                order,
                _statement(order, new),
                received_at=new.received_at,
                mails_receipt=new.send_receipt and not order.is_test,
                by=by,
            )
    except AlreadyDone:
        return json_response(to_json(withdrawals.of_request(by.request_key)), 200)
    return json_response(to_json(withdrawal), 201)


def _statement(order: Order, new: NewWithdrawal) -> Statement:
    email = new.email or order.customer.email
    if email is None:
        raise InvalidDocument([FieldError("/email", _("The customer has no e-mail address, so give one."))])
    return Statement(
        number=order.number,
        name=new.name or order.customer.display_name,
        email=email,
        language=new.language or order.language,
        lines=tuple(WithdrawnLine(line.product, line.quantity) for line in new.lines),
    )
