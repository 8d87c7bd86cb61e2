"""From an order to the next or previous one of the list or batch that the user came from, on the same tab."""

from flask import Blueprint, Response, g, redirect, url_for
from flask_babel import gettext as _

from webshop_orders.models import Order
from webshop_orders.operations.batches import neighbours as batch_neighbours
from webshop_orders.operations.order_list import neighbours
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.operations.orders.order_rows import Parts
from webshop_orders.operations.users import read_your_writes
from webshop_orders.web.http.query_args import id_arg, text_arg
from webshop_orders.web.http.responses import flash_message
from webshop_orders.web.orders import list_query
from webshop_orders.web.orders.page import TABS

blueprint = Blueprint("neighbours", __name__, url_prefix="/orders/<number:number>")


@blueprint.get("/next")
def next_order(number: str) -> Response:
    return _open(number, backwards=False, at_end=_("This is the last order of the list."))


@blueprint.get("/previous")
def previous_order(number: str) -> Response:
    return _open(number, backwards=True, at_end=_("This is the first order of the list."))


def _open(number: str, *, backwards: bool, at_end: str) -> Response:
    """Redirect to the neighbour in the list of the request's arguments, or back with a sentence at the list's end."""
    order = get_order(number, Parts.SHIPMENTS)
    found = read_your_writes.read(g.user, lambda: _find(order, backwards))
    if found is None:
        flash_message(at_end)
    tab = text_arg("tab") if text_arg("tab") in TABS else "summary"
    return redirect(url_for("order.tab", number=found or number, tab=tab))  # type: ignore[return-value]


def _find(order: Order, backwards: bool) -> str | None:
    batch_id = id_arg(list_query.BATCH)
    if batch_id is not None:
        return batch_neighbours.find(order, batch_id, backwards=backwards)
    return neighbours.find(order, list_query.order_filter(list_query.arguments()), backwards=backwards)
