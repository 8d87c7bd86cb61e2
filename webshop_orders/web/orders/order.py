"""An order and its tabs."""

from flask import Blueprint, Response, abort

from webshop_orders.web.orders import page

blueprint = Blueprint("order", __name__, url_prefix="/orders/<number:number>")


@blueprint.get("", defaults={"tab": "summary"})
@blueprint.get("/<tab>")
def tab(number: str, tab: str) -> Response:
    if tab not in page.TABS:
        abort(404)
    return page.show(number, tab)
