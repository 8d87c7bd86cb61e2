"""Shipments over the API: their tracking codes, their status, and what moves to another one."""

from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import actor, body_fields, check_unchanged, order_response
from webshop_orders.documents import delivery as delivery_document
from webshop_orders.documents.order import MAX_LINES
from webshop_orders.documents.strict_json import Fields
from webshop_orders.errors import NotFound
from webshop_orders.models import MAX_QUANTITY, DeliveryStatus, Order, Scope, Shipment
from webshop_orders.operations.orders import lines, shipments, splits, tracking
from webshop_orders.transactions.unit_of_work import editing

blueprint = Blueprint("shipments", __name__, url_prefix="/shipments/<shipment:reference>")


@blueprint.patch("")
@requires(Scope.SHIPMENTS_WRITE)
def change(reference: tuple[str, int]) -> Response:
    given = body_fields()
    tells_codes = given.has("tracking") and not given.is_null("tracking")
    codes = delivery_document.codes(given, "tracking")
    status = given.matching("status", "|".join(DeliveryStatus), example="shipped")
    given.finish()
    number, seq = reference
    by = actor()
    with editing(number, None, by) as order:
        check_unchanged(order)
        shipment = shipments.get(order, seq)
        if tells_codes:
            tracking.replace(shipment, codes, by=by)
        if status and shipment.status.value != status:
            shipments.set_status(shipment, DeliveryStatus(status), by=by)
    return order_response(order)


@blueprint.post("/split")
@requires(Scope.SHIPMENTS_WRITE)
def split(reference: tuple[str, int]) -> Response:
    given = body_fields()
    moves = [_move(part) for part in given.required_parts("lines", most=MAX_LINES)]
    to = given.text("to", most=80)
    given.finish()
    number, seq = reference
    by = actor().with_request_key(None)  # each line moved is an event
    with editing(number, None, by) as order:
        check_unchanged(order)
        source, target = shipments.get(order, seq), _target(order, to)
        for line_id, quantity in moves:
            line = lines.get(order, line_id)
            if line.shipment is not source:
                raise NotFound(_("There is no line %(id)s in %(shipment)s.", id=line_id, shipment=source.reference))
            target = splits.split(line, quantity, to=target, by=by)
    return order_response(order, 201)


def _move(part: Fields) -> tuple[int, int]:
    line_id = part.required_whole("id", least=1, greatest=delivery_document.MAX_ID)
    return line_id, part.required_whole("quantity", least=1, greatest=MAX_QUANTITY)


def _target(order: Order, reference: str | None) -> Shipment | None:
    if reference is None:
        return None
    target = next((one for one in order.shipments if one.reference == reference), None)
    if target is None:
        raise NotFound(_("There is no shipment %(reference)s in this order.", reference=reference))
    return target
