from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.operations import customers
from webshop_orders.web.answers import changing
from webshop_orders.web.forms.customer import CustomerForm
from webshop_orders.web.order_page import changed

blueprint = Blueprint("customers", __name__, url_prefix="/orders/<number:number>")


@blueprint.post("/customer")
def change(number: str) -> Response:
    form = CustomerForm()
    with changing(number, form) as order:
        customers.change(order, *form.values(), by=form.actor)
    return changed(order, "customer", _("Customer and addresses are saved."))
