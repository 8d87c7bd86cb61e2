"""Credit notes over the API."""

from flask import Blueprint, Response

from webshop_orders.api.authentication import requires
from webshop_orders.models import Scope
from webshop_orders.operations.after_sales import refunds
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.operations.printing import credit_note_files
from webshop_orders.pdf.typesetting import MEDIA_TYPE

blueprint = Blueprint("credit_notes", __name__, url_prefix="/orders/<number:number>/refunds/<id:refund_id>")


@blueprint.get("/credit-note.pdf")
@requires(Scope.ORDERS_READ)
def show(number: str, refund_id: int) -> Response:
    order = get_order(number)
    return Response(credit_note_files.of_refund(order, refunds.get(order, refund_id)), mimetype=MEDIA_TYPE)
