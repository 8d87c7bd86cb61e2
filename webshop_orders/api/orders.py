"""Orders over the API: placed, read, followed, cancelled."""

from flask import Blueprint, Response, url_for

from webshop_orders import intake, order_document
from webshop_orders.api.entrance import needs
from webshop_orders.api.exchange import actor, answer, answer_order, body, check_unchanged, fields, page_size, query
from webshop_orders.errors import AlreadyDone
from webshop_orders.models import OrderStatus, Scope
from webshop_orders.operations import order_feed, orders
from webshop_orders.operations.finding import get_order
from webshop_orders.operations.order_feed import Wanted
from webshop_orders.order_document import moment_to_json
from webshop_orders.unit_of_work import editing

blueprint = Blueprint("orders", __name__, url_prefix="/orders")


@blueprint.post("")
@needs(Scope.ORDERS_WRITE)
def place() -> Response:
    document = body()
    order, is_new = intake.take_in(order_document.read(document), document, by=actor())
    if not is_new:
        intake.check_same(order, document)
    location = url_for("api.orders.show", number=order.number)
    return answer_order(order, 201 if is_new else 200, Location=location)


@blueprint.get("")
@needs(Scope.ORDERS_READ)
def follow() -> Response:
    page = order_feed.page(_wanted())
    return answer(
        {
            "orders": [order_document.to_json(order) for order in page.orders],
            "next_cursor": page.next_cursor,
            "complete_until": moment_to_json(page.complete_until),
        }
    )


@blueprint.get("/<number:number>")
@needs(Scope.ORDERS_READ)
def show(number: str) -> Response:
    return answer_order(get_order(number))


@blueprint.post("/<number:number>/cancellation")
@needs(Scope.ORDERS_WRITE)
def cancel(number: str) -> Response:
    fields(optional=True).finish()
    try:
        with editing(number, None, actor()) as order:
            check_unchanged(order)
            if not order.is_cancelled:
                orders.cancel(order, by=actor())
    except AlreadyDone:
        order = get_order(number)
    return answer_order(order)


def _wanted() -> Wanted:
    asked = query()
    status = asked.matching("status", "|".join(OrderStatus), example="ready")
    wanted = Wanted(
        status=OrderStatus(status) if status else None,
        updated_since=asked.moment("updated_since"),
        external_reference=asked.text("external_reference"),
        limit=page_size(asked),
        cursor=asked.text("cursor"),
    )
    asked.finish()
    return wanted
