"""Payments that are registered by hand."""

from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.operations.after_sales import payments
from webshop_orders.web.http.formatting import money
from webshop_orders.web.orders import amounts, page
from webshop_orders.web.orders.editing import edit_order
from webshop_orders.web.orders.forms.payments import PaymentForm
from webshop_orders.web.orders.page import render_change
from webshop_orders.web.orders.payment_methods import typed_method

blueprint = Blueprint("payments", __name__, url_prefix="/orders/<number:number>/payments")


@blueprint.get("")
def open_form(number: str) -> Response:
    return page.show(number, PaymentForm.page, PaymentForm.of)


@blueprint.post("")
def register(number: str) -> Response:
    form = PaymentForm()
    with edit_order(number, form) as order:
        payment = payments.register(
            order,
            amounts.minor_units(form.amount, order.currency),
            method=typed_method(form.method.data),
            paid_on=form.paid_on.data,
            reference=form.reference.data,
            by=form.actor,
        )
    sentence = _("A payment of %(amount)s was registered.", amount=money(payment.amount, order.currency))
    return render_change(order, "summary", sentence)
