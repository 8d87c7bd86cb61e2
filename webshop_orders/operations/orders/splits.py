"""Moving units between the shipments of an order. Neither stock nor the shipping fee changes."""

from typing import Literal

from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, Line, Order, Shipment, check_quantity
from webshop_orders.models.event_facts import BackorderedSplit, LineSplit
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import bundles, moves
from webshop_orders.operations.orders.moves import move_codes, move_holds, move_units

WITH_UNITS: Literal["with_units"] = "with_units"  # the tracking codes go where the units go
CodesTarget = Shipment | Literal["with_units"]


def split(
    line: Line, quantity: int, *, to: Shipment | None, codes_to: CodesTarget | None = None, by: Actor
) -> Shipment:
    """Move some units of a line to another open shipment of its order, or to a new one; backordered units move first.

    A bundle takes its parts along. `codes_to` gets the tracking codes of a shipment that is left without lines.
    Raises RuleViolation for a part, more units than the line has, a target that cannot take them, or codes that nothing
    would get, NoChange where everything in the order's only shipment would move to a new one.
    """
    source, order = line.shipment, line.shipment.order
    source.check_open()
    bundles.check_not_part(line)
    check_quantity(quantity)
    if quantity > line.quantity:
        raise RuleViolation(
            ngettext(
                "There is only %(quantity)s to move.",
                "There are only %(quantity)s to move.",
                line.quantity,
                quantity=line.quantity,
            ),
            field="quantity",
        )
    if to is not None:
        _check_target(source, to)
    moved = bundles.units_with_parts(line, quantity)
    everything = quantity == line.quantity and bundles.is_alone(line)
    if to is None and everything and len(order.shipments) == 1:
        raise NoChange(_("Everything already leaves together, so there is nothing to split off."))
    loses_codes = everything and bool(source.tracking_codes)
    if loses_codes:
        _check_codes_target(source, codes_to)
    reference = source.reference
    target = to or order.add_shipment()
    for moved_line, units in moved.items():
        move_units(moved_line, units, target)
    holder = target if isinstance(codes_to, str) else codes_to
    if holder is not None and loses_codes:
        move_codes(source, holder)
    move_holds(source, [target] if to is None or everything else [])
    source.refresh_status()
    target.refresh_status()
    facts = LineSplit(
        product=line.name,
        sku=line.sku,
        quantity=quantity,
        source=reference,
        target=target.reference,
        codes_to=holder.reference if holder and loses_codes else None,
    )
    history.record(order, facts, by=by)
    return target


def can_split_backordered(shipment: Shipment) -> bool:
    """Whether some of a shipment's units can leave today while the others wait; bundles move whole."""
    return bool(shipment.backordered) and sum(bundles.backordered_units(shipment).values()) < shipment.quantity


def split_backordered(source: Shipment, *, by: Actor) -> Shipment:
    """Move all backordered units of a shipment to a new one, so that the rest can leave today; bundles move whole.

    Raises NoChange where none of its units is backordered, or all are.
    """
    source.check_open()
    if source.backordered == 0:
        raise NoChange(_("Nothing in %(shipment)s waits for stock.", shipment=source.reference))
    moved = bundles.backordered_units(source)
    if sum(moved.values()) == source.quantity:
        raise NoChange(
            _("Everything in %(shipment)s waits for stock, so there is nothing to split.", shipment=source.reference)
        )
    target = source.order.add_shipment()
    for line, quantity in moved.items():
        move_units(line, quantity, target)
    move_holds(source, [target])
    source.refresh_status()
    target.refresh_status()
    facts = BackorderedSplit(
        quantity=sum(moved.values()),
        products=[line.name for line in moved],
        source=source.reference,
        target=target.reference,
    )
    history.record(source.order, facts, by=by)
    return target


def isolate_units(order: Order, units: dict[Line, int], *, by: Actor) -> Shipment:
    """Move units of an order's open lines into one shipment that has nothing else in it, and return that.

    It is the first of their shipments, and keeps its tracking codes: its other units move to a new shipment,
    backordered ones first, and units from other shipments move into it, those that stock covers first. It also gets the
    codes of those that are left without lines.
    """
    target = min((line.shipment for line in units), key=lambda shipment: shipment.seq)
    from_others = {line: quantity for line, quantity in units.items() if line.shipment is not target}
    remaining = {line: line.quantity - units.get(line, 0) for line in target.lines}
    remaining = {line: quantity for line, quantity in remaining.items() if quantity}
    if remaining:
        new = order.add_shipment()
        for line, quantity in remaining.items():
            move_units(line, quantity, new)
        new.refresh_status()
        _record_move(target, new, remaining, by=by)
    for source in sorted({line.shipment for line in from_others}, key=lambda shipment: shipment.seq):
        moved = {line: quantity for line, quantity in from_others.items() if line.shipment is source}
        is_emptied = all(moved.get(line) == line.quantity for line in source.lines)
        takes_codes_along = is_emptied and bool(source.tracking_codes)
        _record_move(source, target, moved, with_codes=takes_codes_along, by=by)
        for line, quantity in moved.items():
            move_units(line, quantity, target, covered_first=True)
        if takes_codes_along:
            move_codes(source, target)
        source.refresh_status()
    target.refresh_status()
    return target


def _record_move(
    source: Shipment, target: Shipment, moved: dict[Line, int], *, with_codes: bool = False, by: Actor
) -> None:
    facts = LineSplit(
        product=", ".join(dict.fromkeys(line.name for line in moved)),
        sku=", ".join(dict.fromkeys(line.sku for line in moved)),
        quantity=sum(moved.values()),
        source=source.reference,
        target=target.reference,
        codes_to=target.reference if with_codes else None,
    )
    history.record(source.order, facts, by=by)


def _check_target(source: Shipment, target: Shipment, *, field: str = "target") -> None:
    if target is source:
        raise RuleViolation(_("Choose another shipment than the one it is in."), field=field)
    if target.order is not source.order or not target.is_open:
        raise RuleViolation(
            _("%(shipment)s is shipped, so nothing can be added to it.", shipment=target.reference),
            field=field,
        )


def _check_codes_target(source: Shipment, codes_to: CodesTarget | None) -> None:
    """Raise RuleViolation where the tracking codes of a shipment that is left without lines would get lost."""
    if codes_to is None:
        raise RuleViolation(moves.unplaced_codes(source), field="codes_to")
    if not isinstance(codes_to, str):
        _check_target(source, codes_to, field="codes_to")
