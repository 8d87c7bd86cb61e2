"""How an order waits for stock, over the API: until all of it is there, and before older ones."""

from flask import Blueprint, Response

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import actor, check_unchanged, order_response, read_body
from webshop_orders.documents.stock_terms import NewPriority, WholeDelivery
from webshop_orders.errors import AlreadyDone, NoChange
from webshop_orders.models import Scope
from webshop_orders.operations.orders import priority, whole_delivery
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.transactions.unit_of_work import editing

blueprint = Blueprint("stock_terms", __name__, url_prefix="/orders/<number:number>")


@blueprint.put("/whole-delivery")
@requires(Scope.ORDERS_WRITE)
def set_whole_delivery(number: str) -> Response:
    """Have an order ship whole, or not; one that does so already stays as it is."""
    new, by = read_body(WholeDelivery), actor()
    try:
        with editing(number, None, by) as order:
            check_unchanged(order)
            whole_delivery.set_whole(order, new.ships_whole, by=by)
    except (AlreadyDone, NoChange):
        order = get_order(number)
    return order_response(order)


@blueprint.put("/priority")
@requires(Scope.ORDERS_WRITE)
def set_priority(number: str) -> Response:
    """Put an order before older ones, or end that; one that is so already stays as it is."""
    new, by = read_body(NewPriority), actor()
    try:
        with editing(number, None, by) as order:
            check_unchanged(order)
            if new.reason is None:
                priority.end_priority(order, by=by)
            else:
                priority.prioritise(order, new.reason, by=by)
    except (AlreadyDone, NoChange):
        order = get_order(number)
    return order_response(order)
