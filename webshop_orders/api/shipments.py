"""Shipments over the API: their tracking codes, their status, and what moves to another one."""

from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders import delivery_document
from webshop_orders.api.entrance import needs
from webshop_orders.api.exchange import actor, answer_order, check_unchanged, fields
from webshop_orders.errors import NotFound
from webshop_orders.models import MOST_UNITS, DeliveryStatus, Order, Scope, Shipment
from webshop_orders.operations import lines, shipments, splits, tracking
from webshop_orders.order_document import MOST_LINES
from webshop_orders.strict_json import Fields
from webshop_orders.unit_of_work import editing

blueprint = Blueprint("shipments", __name__, url_prefix="/shipments/<shipment:reference>")


@blueprint.patch("")
@needs(Scope.SHIPMENTS_WRITE)
def change(reference: tuple[str, int]) -> Response:
    given = fields()
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
    return answer_order(order)


@blueprint.post("/split")
@needs(Scope.SHIPMENTS_WRITE)
def split(reference: tuple[str, int]) -> Response:
    given = fields()
    moves = [_move(part) for part in given.required_parts("lines", most=MOST_LINES)]
    to = given.text("to", most=80)
    given.finish()
    number, seq = reference
    by = actor().asking(None)  # each line moved is an event
    with editing(number, None, by) as order:
        check_unchanged(order)
        source, target = shipments.get(order, seq), _target(order, to)
        for line_id, quantity in moves:
            line = lines.get(order, line_id)
            if line.shipment is not source:
                raise NotFound(_("There is no line %(id)s in %(shipment)s.", id=line_id, shipment=source.reference))
            target = splits.split(line, quantity, to=target, by=by)
    return answer_order(order, 201)


def _move(part: Fields) -> tuple[int, int]:
    line_id = part.required_whole("id", least=1, greatest=delivery_document.MOST_ID)
    return line_id, part.required_whole("quantity", least=1, greatest=MOST_UNITS)


def _target(order: Order, reference: str | None) -> Shipment | None:
    if reference is None:
        return None
    target = next((one for one in order.shipments if one.reference == reference), None)
    if target is None:
        raise NotFound(_("There is no shipment %(reference)s in this order.", reference=reference))
    return target
