"""Deliveries over the API, from ERPs that know of no shipments."""

from flask import Blueprint, Response

from webshop_orders import delivery_document, order_document
from webshop_orders.api.entrance import needs
from webshop_orders.api.exchange import actor, answer, body, check_unchanged, etag
from webshop_orders.models import Delivery, Order, Scope
from webshop_orders.operations import deliveries
from webshop_orders.order_document import moment_to_json
from webshop_orders.unit_of_work import editing

blueprint = Blueprint("deliveries", __name__, url_prefix="/orders/<number:number>/deliveries")


@blueprint.post("")
@needs(Scope.SHIPMENTS_WRITE)
def report(number: str) -> Response:
    new = delivery_document.parse(body())
    by = actor().asking(None)  # a delivery leaves several events, and has an id of its own
    with editing(number, None, by) as order:
        known = deliveries.find(order, new.reference)
        if known is None:
            check_unchanged(order)
        delivery = deliveries.report(order, new, by=by)
    return answer(_to_json(order, delivery), 200 if known else 201, ETag=etag(order))


def _to_json(order: Order, delivery: Delivery) -> dict[str, object]:
    return {
        "id": delivery.reference,
        "shipment": f"{order.number}-{delivery.shipment_seq}",
        "reported_at": moment_to_json(delivery.reported_at),
        "order": order_document.to_json(order),
    }
