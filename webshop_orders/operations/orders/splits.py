"""Moving units between the shipments of an order. Neither stock nor the shipping fee changes."""

from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, Line, Order, Shipment, check_quantity
from webshop_orders.models.event_facts import BackorderedSplit, LineSplit
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import bundles, removed_units


def split(line: Line, quantity: int, *, to: Shipment | None, by: Actor) -> Shipment:
    """Move some units of a line to another open shipment of its order, or to a new one; backordered units move first.

    A bundle takes its parts along. Raises RuleViolation for a part, more units than the line has, or a target that
    cannot take them, NoChange where everything in the order's only shipment would move to a new one.
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
    everything = quantity == line.quantity and len(source.lines) == len(moved)
    if to is None and everything and len(order.shipments) == 1:
        raise NoChange(_("Everything already leaves together, so there is nothing to split off."))
    reference = source.reference
    target = to or order.add_shipment()
    for moved_line, units in moved.items():
        _move(moved_line, units, target)
    source.refresh_status()
    target.refresh_status()
    facts = LineSplit(product=line.name, sku=line.sku, quantity=quantity, source=reference, target=target.reference)
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
        _move(line, quantity, target)
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
    backordered ones first, and units from other shipments move into it, those that stock covers first.
    """
    target = min((line.shipment for line in units), key=lambda shipment: shipment.seq)
    from_others = {line: quantity for line, quantity in units.items() if line.shipment is not target}
    remaining = {line: line.quantity - units.get(line, 0) for line in target.lines}
    remaining = {line: quantity for line, quantity in remaining.items() if quantity}
    if remaining:
        new = order.add_shipment()
        for line, quantity in remaining.items():
            _move(line, quantity, new)
        new.refresh_status()
        _record_move(target, new, remaining, by=by)
    for source in sorted({line.shipment for line in from_others}, key=lambda shipment: shipment.seq):
        moved = {line: quantity for line, quantity in from_others.items() if line.shipment is source}
        _record_move(source, target, moved, by=by)
        for line, quantity in moved.items():
            _move(line, quantity, target, covered_first=True)
        source.refresh_status()
    target.refresh_status()
    return target


def _record_move(source: Shipment, target: Shipment, moved: dict[Line, int], *, by: Actor) -> None:
    facts = LineSplit(
        product=", ".join(dict.fromkeys(line.name for line in moved)),
        sku=", ".join(dict.fromkeys(line.sku for line in moved)),
        quantity=sum(moved.values()),
        source=source.reference,
        target=target.reference,
    )
    history.record(source.order, facts, by=by)


def _check_target(source: Shipment, target: Shipment) -> None:
    if target is source:
        raise RuleViolation(_("Choose another shipment than the one it is in."), field="target")
    if target.order is not source.order or not target.is_open:
        raise RuleViolation(
            _("%(shipment)s is shipped, so nothing can be added to it.", shipment=target.reference),
            field="target",
        )


def _move(line: Line, quantity: int, target: Shipment, *, covered_first: bool = False) -> None:
    """Move units of a line to the target's line of the same article, or a new one; the sums stay to the öre."""
    covered = min(quantity, line.reserved) if covered_first else quantity - min(quantity, line.backordered)
    discount = line.discount * quantity // line.quantity
    same = target.find_mergeable(line)
    if same is not None:
        check_quantity(same.quantity + quantity)
        same.quantity += quantity
        same.reserved += covered
        same.discount += discount
        if quantity == line.quantity:
            removed_units.follow(line.shipment.order, line.id, same)
        _subtract(line, quantity, covered, discount)
    elif quantity == line.quantity:
        line.shipment.lines.remove(line)
        target.lines.append(line)
    else:
        target.lines.append(line.part(quantity, reserved=covered, discount=discount))
        _subtract(line, quantity, covered, discount)


def _subtract(line: Line, quantity: int, covered: int, discount: int) -> None:
    if quantity == line.quantity:
        line.shipment.lines.remove(line)
        return
    line.quantity -= quantity
    line.reserved -= covered
    line.discount -= discount
