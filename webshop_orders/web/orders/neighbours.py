"""From an order to the next or previous one of the list that the user came from, on the same tab."""

from flask import Blueprint, Response, g, redirect, url_for
from flask_babel import gettext as _

from webshop_orders.operations.order_list import neighbours
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.operations.orders.order_rows import Parts
from webshop_orders.operations.users import read_your_writes
from webshop_orders.web.http.query_args import text_arg
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
    order, order_filter = get_order(number, Parts.SHIPMENTS), list_query.order_filter(list_query.arguments())
    found = read_your_writes.read(g.user, lambda: neighbours.find(order, order_filter, backwards=backwards))
    if found is None:
        flash_message(at_end)
    tab = text_arg("tab") if text_arg("tab") in TABS else "summary"
    return redirect(url_for("order.tab", number=found or number, tab=tab))  # type: ignore[return-value]
