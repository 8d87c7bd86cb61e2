"""Units that are not where they should be: they are split off, and the rest of the shipment leaves."""

from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, CommentKind, DeliveryStatus, Line, ScanKind, Shipment
from webshop_orders.operations.orders import comments, shipments, splits
from webshop_orders.operations.packing import differences, sessions
from webshop_orders.operations.packing.sessions import Packing


def ask(packing: Packing, *, request_key: str | None) -> None:
    """Ask whether to split off all that is not packed. Raises RuleViolation where that is nothing, or all of it."""
    if packing.was_done(request_key):
        return
    differences.check_none(packing)
    _check(packing, {line.line_id: line.left for line in packing.lines if line.left})
    packing.log(ScanKind.ASKED_FOR_MISSING, request_key=request_key)


def split_off(packing: Packing, units: dict[int, int], *, by: Actor) -> Shipment:
    """Move units that are missing to a new shipment, which waits until someone sees to it; the order is locked.

    `units` has how many are missing of a line, by its id. Of a bundle whose part is missing, the whole bundle waits.
    An internal comment says what was missing. Raises RuleViolation for more than is left to pack, or for all of it.
    """
    differences.check_none(packing)
    source = sessions.check_open(packing)
    _check(packing, units)
    actor = sessions.actor_in(packing, by)
    names = [f"{count} × {packing.get_line(line_id).name}" for line_id, count in units.items()]
    target: Shipment | None = None
    for line, count in _whole_units(source, units).items():
        target = splits.split(line, count, to=target, by=actor)
        actor = actor.with_request_key(None)  # of several events of a request, one has its key
    assert target is not None
    if target.status is not DeliveryStatus.BACKORDERED:
        shipments.set_status(target, DeliveryStatus.BACKORDERED, by=actor)
    sentence = _(
        "Missing when %(shipment)s was packed: %(products)s. Moved to %(target)s.",
        shipment=packing.reference,
        products=", ".join(names),
        target=target.reference,
    )
    comments.add(packing.order, CommentKind.INTERNAL, sentence, by=actor)
    differences.follow(packing)
    packing.log(ScanKind.SPLIT_OFF, request_key=by.request_key, text=target.reference)
    return target


def _check(packing: Packing, units: dict[int, int]) -> None:
    if not units:
        raise RuleViolation(_("Nothing is missing: all of %(shipment)s is packed.", shipment=packing.reference))
    for line_id, count in units.items():
        line = packing.get_line(line_id)
        if not 1 <= count <= line.left:
            raise RuleViolation(_("Give a whole number from 1 to %(most)s.", most=max(line.left, 1)), field="quantity")
    if sum(units.values()) == packing.quantity:
        raise RuleViolation(
            _("All of %(shipment)s is missing. Leave it instead: it stays as it is.", shipment=packing.reference)
        )


def _whole_units(source: Shipment, units: dict[int, int]) -> dict[Line, int]:
    """What is split off: lines, and for parts of a bundle as many bundles as lack something."""
    moved: dict[Line, int] = {}
    for line in source.lines:
        if count := units.get(line.id, 0):
            bundle = line.bundle_line
            if bundle is None:
                moved[line] = count
            else:
                bundles = -(-count // (line.units_per_bundle or 1))
                moved[bundle] = max(moved.get(bundle, 0), min(bundles, bundle.quantity))
    return moved
