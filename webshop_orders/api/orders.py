"""Orders over the API: place, read, list by changes, change, cancel."""

from flask import Blueprint, Response, url_for

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import (
    actor,
    body,
    check_unchanged,
    json_response,
    order_response,
    read_body,
    read_query,
)
from webshop_orders.documents import order as order_document
from webshop_orders.documents.changes import OrderChange
from webshop_orders.documents.order import EmptyDocument, OrderPage
from webshop_orders.documents.queries import OrdersQuery
from webshop_orders.errors import AlreadyDone, NoChange
from webshop_orders.models import Scope
from webshop_orders.operations.orders import cancellation, change_feed, shipping_fee
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.transactions import order_intake
from webshop_orders.transactions.unit_of_work import editing
from webshop_orders.validation.document import UNSET
from webshop_orders.validation.writing import write

blueprint = Blueprint("orders", __name__, url_prefix="/orders")


@blueprint.post("")
@requires(Scope.ORDERS_WRITE)
def place() -> Response:
    document = body()
    order, is_new = order_intake.place_once(order_document.read(document), document, by=actor())
    if not is_new:
        order_intake.check_matches_source_document(order, document)
    location = url_for("api.orders.show", number=order.number)
    return order_response(order, 201 if is_new else 200, Location=location)


@blueprint.get("")
@requires(Scope.ORDERS_READ)
def follow() -> Response:
    page = change_feed.page(read_query(OrdersQuery))
    return json_response(write(OrderPage, page))


@blueprint.get("/<number:number>")
@requires(Scope.ORDERS_READ)
def show(number: str) -> Response:
    return order_response(get_order(number))


@blueprint.patch("/<number:number>")
@requires(Scope.ORDERS_WRITE)
def change(number: str) -> Response:
    new = read_body(OrderChange).shipping
    try:
        with editing(number, None, actor()) as order:
            check_unchanged(order)
            method = order.shipping_method if new.method is UNSET else new.method
            price = order.shipping_price if new.price is None else new.price
            shipping_fee.change(order, method, price, vat_rate=new.vat_rate, by=actor())
    except (AlreadyDone, NoChange):
        order = get_order(number)
    return order_response(order)


@blueprint.post("/<number:number>/cancellation")
@requires(Scope.ORDERS_WRITE)
def cancel(number: str) -> Response:
    return _set_cancelled(number, is_cancelled=True)


@blueprint.post("/<number:number>/restoration")
@requires(Scope.ORDERS_WRITE)
def restore(number: str) -> Response:
    return _set_cancelled(number, is_cancelled=False)


def _set_cancelled(number: str, *, is_cancelled: bool) -> Response:
    """Cancel an order or take that back; one that is so already stays as it is."""
    read_body(EmptyDocument, optional=True)
    change = cancellation.cancel if is_cancelled else cancellation.restore
    try:
        with editing(number, None, actor()) as order:
            check_unchanged(order)
            if order.is_cancelled != is_cancelled:
                change(order, by=actor())
    except AlreadyDone:
        order = get_order(number)
    return order_response(order)
