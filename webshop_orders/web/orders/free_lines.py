"""Lines without a product, such as gift wrapping."""

from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.models import Line, Order
from webshop_orders.operations.orders import lines
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.web.orders import amounts, choices
from webshop_orders.web.orders.editing import edit_order
from webshop_orders.web.orders.forms.free_lines import FreeLineForm
from webshop_orders.web.orders.page import render, render_change
from webshop_orders.web.orders.previews import preview_order
from webshop_orders.web.orders.telling import tell_customer

blueprint = Blueprint("free_lines", __name__, url_prefix="/orders/<number:number>/free-lines")


@blueprint.get("")
def open_form(number: str) -> Response:
    order = get_order(number)
    return render(order, "shipping", active_form=None if order.is_cancelled else FreeLineForm.of(order))


@blueprint.post("")
def add(number: str) -> Response:
    form = FreeLineForm()
    with edit_order(number, form) as order:
        line = add_as_typed(order, form)
    message = _(
        "%(quantity)s × %(name)s added to %(shipment)s.",
        quantity=line.quantity,
        name=line.name,
        shipment=line.shipment.reference,
    )
    return render_change(order, "shipping", message, actions=tell_customer(order))


@blueprint.post("/receipt")
def preview_add(number: str) -> Response:
    return preview_order(number, FreeLineForm(), add_as_typed)


def add_as_typed(order: Order, form: FreeLineForm) -> Line:
    """Add a line as its form says."""
    return lines.add_free(
        order,
        form.name.data,
        form.quantity.data,
        unit_price=amounts.minor_units(form.unit_price, order.currency),
        vat_rate=form.vat_rate.data.basis_points,
        to=choices.get_shipment(order, form.shipment),
        by=form.actor,
    )
