"""Shipments over the API: their tracking codes and status, units that move to another shipment, packing slips."""

from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import actor, check_unchanged, order_response, read_body
from webshop_orders.documents.delivery import NewSplit, ShipmentChange
from webshop_orders.errors import FieldError, InvalidDocument, NotFound, RuleViolation
from webshop_orders.models import Actor, Line, Scope, Shipment
from webshop_orders.operations.orders import lines, parcels, shipments, splits, tracking
from webshop_orders.operations.printing import packing_slips, selection, slip_files
from webshop_orders.pdf.typesetting import MEDIA_TYPE
from webshop_orders.transactions.unit_of_work import editing

blueprint = Blueprint("shipments", __name__, url_prefix="/shipments/<shipment:reference>")


@blueprint.patch("")
@requires(Scope.SHIPMENTS_WRITE)
def change(reference: tuple[str, int]) -> Response:
    new = read_body(ShipmentChange)
    number, seq = reference
    by = actor().with_request_key(None)  # each code is an event
    with editing(number, None, by) as order:
        check_unchanged(order)
        shipment = shipments.get(order, seq)
        if new.tracking is not None:
            tracking.replace(shipment, new.tracking, by=by)
        if new.status is not None and shipment.status is not new.status:
            shipments.set_status(shipment, new.status, by=by)
        _note_reports(shipment, new, by)
    return order_response(order)


def _note_reports(shipment: Shipment, new: ShipmentChange, by: Actor) -> None:
    """Note what its carrier reports of a shipment, each once."""
    if new.delivered_at is not None:
        parcels.mark_delivered(shipment, new.delivered_at, by=by)
    if new.uncollected_at is not None:
        parcels.mark_uncollected(shipment, new.uncollected_at, by=by)
    if new.sent_back_at is not None:
        parcels.mark_sent_back(shipment, new.sent_back_at, by=by)


@blueprint.get("/packing-slip.pdf")
@requires(Scope.ORDERS_READ)
def packing_slip(reference: tuple[str, int]) -> Response:
    number, seq = reference
    slips = packing_slips.of(selection.of_references([f"{number}-{seq}"]))
    return Response(slip_files.of_slips(slips), mimetype=MEDIA_TYPE)


@blueprint.post("/split")
@requires(Scope.SHIPMENTS_WRITE)
def split(reference: tuple[str, int]) -> Response:
    new = read_body(NewSplit)
    number, seq = reference
    by = actor().with_request_key(None)  # each line that moves is an event
    with editing(number, None, by) as order:
        check_unchanged(order)
        source = shipments.get(order, seq)
        target = shipments.by_reference(order, new.to) if new.to else None
        for moved in new.lines:
            line = lines.get(order, moved.id)
            if line.shipment is not source:
                raise NotFound(_("There is no line %(id)s in %(shipment)s.", id=moved.id, shipment=source.reference))
            target = _split(line, moved.quantity, target, new, by)
    return order_response(order, 201)


def _split(line: Line, quantity: int, target: Shipment | None, new: NewSplit, by: Actor) -> Shipment:
    try:
        codes_to = splits.WITH_UNITS if new.takes_codes else None
        return splits.split(line, quantity, to=target, codes_to=codes_to, by=by)
    except RuleViolation as violation:
        if violation.field == "codes_to":
            raise InvalidDocument([FieldError("/takes_codes", str(violation))]) from violation
        raise
