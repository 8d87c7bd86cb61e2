"""Deliveries over the API, from ERPs that know of no shipments."""

from flask import Blueprint, Response

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import actor, body, check_unchanged, etag, json_response
from webshop_orders.documents.delivery import DeliveryDocument, NewDelivery, ReportedDelivery, digest
from webshop_orders.models import Scope
from webshop_orders.operations.inbox import attention
from webshop_orders.operations.orders import deliveries
from webshop_orders.transactions.refused_delivery import showing_refusal
from webshop_orders.transactions.unit_of_work import editing
from webshop_orders.validation.reading import read
from webshop_orders.validation.writing import write

blueprint = Blueprint("deliveries", __name__, url_prefix="/orders/<number:number>/deliveries")


@blueprint.post("")
@requires(Scope.SHIPMENTS_WRITE)
def report(number: str) -> Response:
    document = body()
    by = actor().with_request_key(None)  # a delivery leaves several events, and has an id of its own
    with showing_refusal(number, document):
        new = read(NewDelivery, document)
        with editing(number, None, by) as order:
            is_new = deliveries.find(order, new.id) is None
            if is_new:
                check_unchanged(order)
            delivery = deliveries.report(order, new, digest(document), by=by)
            attention.accept_delivery(order, new.id)
    return json_response(
        write(DeliveryDocument, ReportedDelivery(delivery, order)), 201 if is_new else 200, ETag=etag(order)
    )
