"""Deliveries over the API, from ERPs that know of no shipments."""

from flask import Blueprint, Response

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import actor, body, check_unchanged, etag, json_response
from webshop_orders.documents import delivery as delivery_document
from webshop_orders.documents import order as order_document
from webshop_orders.documents.order import format_timestamp
from webshop_orders.models import Delivery, Order, Scope
from webshop_orders.operations.orders import deliveries
from webshop_orders.transactions.unit_of_work import editing

blueprint = Blueprint("deliveries", __name__, url_prefix="/orders/<number:number>/deliveries")


@blueprint.post("")
@requires(Scope.SHIPMENTS_WRITE)
def report(number: str) -> Response:
    new = delivery_document.parse(body())
    by = actor().with_request_key(None)  # a delivery leaves several events, and has an id of its own
    with editing(number, None, by) as order:
        known = deliveries.find(order, new.reference)
        if known is None:
            check_unchanged(order)
        delivery = deliveries.report(order, new, by=by)
    return json_response(_to_json(order, delivery), 200 if known else 201, ETag=etag(order))


def _to_json(order: Order, delivery: Delivery) -> dict[str, object]:
    return {
        "id": delivery.reference,
        "shipment": f"{order.number}-{delivery.shipment_seq}",
        "reported_at": format_timestamp(delivery.reported_at),
        "order": order_document.to_json(order),
    }
