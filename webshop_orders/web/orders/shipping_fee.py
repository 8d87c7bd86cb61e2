"""The shipping method and fee of an order."""

from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.models import Order
from webshop_orders.operations.orders import shipping_fee
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.web.http.formatting import money
from webshop_orders.web.orders import amounts
from webshop_orders.web.orders.editing import edit_order
from webshop_orders.web.orders.forms.shipping_fee import ShippingFeeForm
from webshop_orders.web.orders.page import render, render_change
from webshop_orders.web.orders.previews import preview_order
from webshop_orders.web.orders.telling import tell_customer

blueprint = Blueprint("shipping_fee", __name__, url_prefix="/orders/<number:number>/shipping-fee")


@blueprint.get("")
def edit(number: str) -> Response:
    order = get_order(number)
    return render(order, "shipping", active_form=None if order.is_cancelled else ShippingFeeForm.of(order))


@blueprint.post("")
def change(number: str) -> Response:
    form = ShippingFeeForm()
    with edit_order(number, form) as order:
        change_as_typed(order, form)
    fee = money(order.shipping_price, order.currency)
    sentence = _("The shipping fee is %(fee)s.", fee=fee)
    return render_change(order, "shipping", sentence, actions=tell_customer(order))


@blueprint.post("/receipt")
def preview_change(number: str) -> Response:
    return preview_order(number, ShippingFeeForm(), change_as_typed)


def change_as_typed(order: Order, form: ShippingFeeForm) -> None:
    """Change the shipping of an order as its form says."""
    price = amounts.minor_units(form.price, order.currency)
    shipping_fee.change(order, form.method.data, price, by=form.actor)
