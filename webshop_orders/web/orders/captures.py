"""What the amount to be charged for a shipment is made of, shown in its place."""

from flask import Blueprint, Response

from webshop_orders.operations.orders import shipments
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.web.orders.page import render

blueprint = Blueprint("captures", __name__, url_prefix="/orders/<number:number>/shipments/<id:seq>/capture")


@blueprint.get("")
def show(number: str, seq: int) -> Response:
    order = get_order(number)
    return render(order, "shipping", shown_capture=shipments.get(order, seq).seq)
