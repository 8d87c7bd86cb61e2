"""Payments over the API that came in outside the checkout, such as by invoice."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import actor, check_unchanged, json_response, order_response, read_body
from webshop_orders.documents import refund as refund_document
from webshop_orders.documents.refund import PaymentToRegister
from webshop_orders.errors import AlreadyDone, RuleViolation
from webshop_orders.models import Scope
from webshop_orders.operations.after_sales import payments
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.transactions.unit_of_work import editing

blueprint = Blueprint("payments", __name__, url_prefix="/orders/<number:number>/payments")


@blueprint.get("")
@requires(Scope.ORDERS_READ)
def index(number: str) -> Response:
    order = get_order(number)
    found = [refund_document.payment_to_json(payment) for payment in order.registered_payments]
    return json_response({"payments": found})


@blueprint.post("")
@requires(Scope.PAYMENTS_WRITE)
def register(number: str) -> Response:
    new = read_body(PaymentToRegister)
    paid_on = _day(new.paid_on) if new.paid_on else payments.today()
    try:
        with editing(number, None, actor()) as order:
            check_unchanged(order)
            payments.register(
                order, new.amount, method=new.method, paid_on=paid_on, reference=new.reference, by=actor()
            )
    except AlreadyDone:
        order = get_order(number)
    return order_response(order, 201)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RuleViolation(_("There is no such day."), field="paid_on") from None
