from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.operations.orders import customers
from webshop_orders.web.labels import vat_sentence
from webshop_orders.web.orders.editing import edit_order
from webshop_orders.web.orders.forms.customers import CustomerForm
from webshop_orders.web.orders.page import render_change

blueprint = Blueprint("customers", __name__, url_prefix="/orders/<number:number>")


@blueprint.post("/customer")
def change(number: str) -> Response:
    form = CustomerForm()
    with edit_order(number, form) as order:
        country_before = order.shipping_address.country
        customers.change(order, *form.values(order), language=form.language.data, by=form.actor)
    message = _("Customer and addresses are saved.")
    if order.vat_country and order.shipping_address.country != country_before:
        message += f" {vat_sentence(order)}"
    return render_change(order, "customer", message)
