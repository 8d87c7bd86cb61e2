"""Incoming deliveries over the API: what is expected of products, and its receipt."""

from flask import Blueprint, Response, url_for

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import actor, json_response, read_body, read_query
from webshop_orders.documents.incoming_delivery import (
    IncomingDeliveriesQuery,
    IncomingDeliveryChange,
    NewIncomingDelivery,
    NewReceipt,
    ReceiptDocument,
    to_json,
)
from webshop_orders.models import Scope
from webshop_orders.operations.stock import incoming
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.validation.document import UNSET
from webshop_orders.validation.writing import write

blueprint = Blueprint("incoming_deliveries", __name__, url_prefix="/incoming-deliveries")


@blueprint.get("")
@requires(Scope.ORDERS_READ)
def index() -> Response:
    query = read_query(IncomingDeliveriesQuery)
    page = incoming.page(query.state, query.cursor, limit=query.limit)
    deliveries = [to_json(delivery) for delivery in page.deliveries]
    return json_response({"incoming_deliveries": deliveries, "next_cursor": page.after})


@blueprint.get("/<id:delivery_id>")
@requires(Scope.ORDERS_READ)
def show(delivery_id: int) -> Response:
    return json_response(to_json(incoming.get(delivery_id)))


@blueprint.post("")
@requires(Scope.PRODUCTS_WRITE)
def expect() -> Response:
    new = read_body(NewIncomingDelivery)
    with writing():
        delivery = incoming.expect(new.sku, new.quantity, new.expected_on, note=new.note, by=actor())
    location = url_for("api.incoming_deliveries.show", delivery_id=delivery.id)
    return json_response(to_json(delivery), 201, Location=location)


@blueprint.patch("/<id:delivery_id>")
@requires(Scope.PRODUCTS_WRITE)
def change(delivery_id: int) -> Response:
    new = read_body(IncomingDeliveryChange)
    with writing():
        present = incoming.get(delivery_id)
        delivery = incoming.change(
            delivery_id,
            quantity=present.quantity if new.quantity is None else new.quantity,
            expected_on=present.day if new.expected_on is UNSET else new.expected_on,
            note=present.note if new.note is UNSET else new.note,
            version=new.version,
            by=actor(),
        )
    return json_response(to_json(delivery))


@blueprint.delete("/<id:delivery_id>")
@requires(Scope.PRODUCTS_WRITE)
def cancel(delivery_id: int) -> Response:
    """Expect no more of it; asked for again, it stays as it is."""
    with writing():
        delivery = incoming.get(delivery_id)
        if delivery.closed_at is None:
            delivery = incoming.cancel(delivery_id, version=None, by=actor())
    return json_response(to_json(delivery))


@blueprint.post("/<id:delivery_id>/receipt")
@requires(Scope.PRODUCTS_WRITE)
def receive(delivery_id: int) -> Response:
    new = read_body(NewReceipt)
    with writing():
        receipt = incoming.receive(
            delivery_id, new.quantity, version=new.version, closes=new.closes, first=new.first, by=actor()
        )
    return json_response(write(ReceiptDocument, receipt), 201)
