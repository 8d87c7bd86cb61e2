"""Holds over the API: an order or a shipment is held, and one hold at a time is released."""

from flask import Blueprint, Response

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import actor, check_unchanged, order_response, read_body
from webshop_orders.documents.hold import HoldRelease, NewHold
from webshop_orders.errors import AlreadyDone, NoChange
from webshop_orders.models import Scope
from webshop_orders.operations.orders import holds, shipments
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.transactions.unit_of_work import editing

blueprint = Blueprint("holds", __name__, url_prefix="/orders/<number:number>")


@blueprint.post("/hold")
@requires(Scope.ORDERS_WRITE)
def hold(number: str) -> Response:
    new, by = read_body(NewHold), actor()
    try:
        with editing(number, None, by) as order:
            check_unchanged(order)
            holds.hold(
                order,
                new.reason,
                note=new.note,
                shipment=shipments.by_reference(order, new.shipment).seq if new.shipment else None,
                until=new.until,
                keeps_stock=new.keeps_stock,
                by=by,
            )
    except AlreadyDone:
        order = get_order(number)
    return order_response(order, 201)


@blueprint.post("/release")
@requires(Scope.ORDERS_WRITE)
def release(number: str) -> Response:
    """Release a hold; one that is released already stays so."""
    new, by = read_body(HoldRelease), actor()
    try:
        with editing(number, None, by) as order:
            check_unchanged(order)
            holds.release(order, new.hold, note=new.note, by=by)
    except (AlreadyDone, NoChange):
        order = get_order(number)
    return order_response(order)
