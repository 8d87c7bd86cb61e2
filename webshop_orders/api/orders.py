"""Orders over the API: placed, read, followed, cancelled."""

from flask import Blueprint, Response, url_for

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import (
    actor,
    body,
    body_fields,
    check_unchanged,
    json_response,
    order_response,
    page_size,
    query_fields,
)
from webshop_orders.documents import order as order_document
from webshop_orders.documents.order import format_timestamp
from webshop_orders.errors import AlreadyDone
from webshop_orders.models import OrderStatus, Scope
from webshop_orders.operations.orders import cancellation, change_feed
from webshop_orders.operations.orders.change_feed import FeedFilter
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.transactions import order_intake
from webshop_orders.transactions.unit_of_work import editing

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
    page = change_feed.page(_wanted())
    return json_response(
        {
            "orders": [order_document.to_json(order) for order in page.orders],
            "next_cursor": page.next_cursor,
            "complete_until": format_timestamp(page.complete_until),
        }
    )


@blueprint.get("/<number:number>")
@requires(Scope.ORDERS_READ)
def show(number: str) -> Response:
    return order_response(get_order(number))


@blueprint.post("/<number:number>/cancellation")
@requires(Scope.ORDERS_WRITE)
def cancel(number: str) -> Response:
    body_fields(optional=True).finish()
    try:
        with editing(number, None, actor()) as order:
            check_unchanged(order)
            if not order.is_cancelled:
                cancellation.cancel(order, by=actor())
    except AlreadyDone:
        order = get_order(number)
    return order_response(order)


def _wanted() -> FeedFilter:
    asked = query_fields()
    status = asked.matching("status", "|".join(OrderStatus), example="ready")
    wanted = FeedFilter(
        status=OrderStatus(status) if status else None,
        updated_since=asked.moment("updated_since"),
        external_reference=asked.text("external_reference"),
        limit=page_size(asked),
        cursor=asked.text("cursor"),
    )
    asked.finish()
    return wanted
