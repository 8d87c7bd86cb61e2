"""An order and its tabs."""

from flask import Blueprint, Response, abort

from webshop_orders.operations.finding import get_order
from webshop_orders.web import order_page

blueprint = Blueprint("order", __name__, url_prefix="/orders/<number:number>")


@blueprint.get("", defaults={"tab": "summary"})
@blueprint.get("/<tab>")
def tab(number: str, tab: str) -> Response:
    if tab not in order_page.TABS:
        abort(404)
    return order_page.draw(get_order(number), tab)
