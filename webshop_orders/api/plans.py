"""Plans over the API: how the units of an order are shared among its open shipments and new ones."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.api.authentication import requires
from webshop_orders.api.http import actor, check_unchanged, order_response, read_body
from webshop_orders.documents.delivery import NewPlan, PlannedShipment
from webshop_orders.errors import AlreadyDone, FieldError, InvalidDocument, NoChange, NotFound
from webshop_orders.models import Order, Scope, Shipment
from webshop_orders.operations.orders import plans
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.operations.orders.plans import Plan, PlanRefused
from webshop_orders.transactions.unit_of_work import editing

blueprint = Blueprint("plans", __name__, url_prefix="/orders/<number:number>/plan")


@blueprint.post("")
@requires(Scope.SHIPMENTS_WRITE)
def rearrange(number: str) -> Response:
    """Carry out a plan; an order that is so already, or was planned by the same request, stays as it is."""
    new, by = read_body(NewPlan), actor()
    try:
        with editing(number, None, by) as order:
            check_unchanged(order)
            plans.check_plannable(order)
            plan = _plan(order, new)
            try:
                plans.rearrange(order, plan, by=by)
            except PlanRefused as refusal:
                raise InvalidDocument(_faults(order, new, refusal)) from refusal
    except (AlreadyDone, NoChange):
        order = get_order(number)
    return order_response(order)


def _plan(order: Order, new: NewPlan) -> Plan:
    """The plan, with the shipments and rows that its references and ids mean; raises InvalidDocument."""
    faults: list[FieldError] = []
    targets: list[Shipment | None] = []
    quantities: dict[int, list[int]] = {}
    codes_to: dict[int, int] = {}
    times = Counter(planned.reference for planned in new.shipments if planned.reference)
    for place, planned in enumerate(new.shipments):
        here = f"/shipments/{place}"
        target = _find_open(order, planned.reference) if planned.reference else None
        targets.append(target)
        if planned.reference and target is None:
            faults.append(FieldError(f"{here}/reference", _no_open_shipment(planned.reference)))
        elif planned.reference and times[planned.reference] > 1:
            sentence = _("%(reference)s is named more than once.", reference=planned.reference)
            faults.append(FieldError(f"{here}/reference", sentence))
        faults += _add_lines(order, planned, place, quantities, len(new.shipments))
        for turn, reference in enumerate(planned.takes_codes_of):
            source = _find_open(order, reference)
            if source is None:
                faults.append(FieldError(f"{here}/takes_codes_of/{turn}", _no_open_shipment(reference)))
            else:
                codes_to[source.seq] = place
    if faults:
        raise InvalidDocument(faults)
    return Plan(targets, quantities, codes_to)


def _add_lines(
    order: Order, planned: PlannedShipment, place: int, quantities: dict[int, list[int]], places: int
) -> list[FieldError]:
    """Add the units of a shipment to the quantities by row; gives what is wrong with them."""
    faults = []
    for turn, line in enumerate(planned.lines):
        try:
            row = plans.row_of(order, line.id)
        except NotFound as not_found:
            faults.append(FieldError(f"/shipments/{place}/lines/{turn}/id", str(not_found)))
        else:
            quantities.setdefault(row.id, [0] * places)[place] += line.quantity
    return faults


def _find_open(order: Order, reference: str) -> Shipment | None:
    return next((shipment for shipment in order.open_shipments if shipment.reference == reference), None)


def _no_open_shipment(reference: str) -> str:
    return _("There is no open shipment %(reference)s in this order.", reference=reference)


def _faults(order: Order, new: NewPlan, refusal: PlanRefused) -> list[FieldError]:
    """What is wrong, at each quantity that the plan names; at its shipments, where it names none in the cell."""
    faults = []
    for (row_id, place), sentence in refusal.cells.items():
        named = (
            f"/shipments/{place}/lines/{turn}/quantity"
            for turn, line in enumerate(new.shipments[place].lines)
            if plans.row_of(order, line.id).id == row_id
        )
        faults += [FieldError(pointer, sentence) for pointer in named]
    sentences = dict.fromkeys([*refusal.cells.values(), *refusal.codes.values()])
    said = {fault.sentence for fault in faults}
    return [*faults, *(FieldError("/shipments", sentence) for sentence in sentences if sentence not in said)]
