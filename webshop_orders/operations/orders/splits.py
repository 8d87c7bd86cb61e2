"""Moving units between the shipments of an order. No stock moves and no fee arises."""

from flask_babel import gettext as _

from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, EventKind, Line, Order, Shipment, check_quantity
from webshop_orders.operations.audit import history


def split(line: Line, quantity: int, *, to: Shipment | None, by: Actor) -> Shipment:
    """Move some units of a line to another open shipment of its order, or to a new one; backordered units move first.

    Raises Refused for more than the line holds or a target that cannot take them, NothingToChange where all of
    the order's only shipment would move into a new one.
    """
    source, order = line.shipment, line.shipment.order
    source.check_open()
    check_quantity(quantity)
    if quantity > line.quantity:
        raise RuleViolation(
            _("There are only %(quantity)s to move.", quantity=line.quantity),
            field="quantity",
        )
    if to is not None:
        _check_target(source, to)
    everything = quantity == line.quantity and len(source.lines) == 1
    if to is None and everything and len(order.shipments) == 1:
        raise NoChange(_("Everything already leaves together, so there is nothing to split off."))
    reference = source.reference
    target = to or order.add_shipment()
    _move(line, quantity, target)
    source.refresh_status()
    target.refresh_status()
    history.record(
        order,
        EventKind.LINE_SPLIT,
        by=by,
        product=line.name,
        sku=line.sku,
        quantity=quantity,
        source=reference,
        target=target.reference,
    )
    return target


def split_backordered(source: Shipment, *, by: Actor) -> Shipment:
    """Move all backordered units of a shipment to a new one, so that the rest can leave today.

    Raises NothingToChange where none waits for stock, or all do.
    """
    source.check_open()
    if source.backordered == 0:
        raise NoChange(_("Nothing in %(shipment)s waits for stock.", shipment=source.reference))
    if source.backordered == source.quantity:
        raise NoChange(
            _("Everything in %(shipment)s waits for stock, so there is nothing to split.", shipment=source.reference)
        )
    target = source.order.add_shipment()
    moved = {line: line.backordered for line in source.lines if line.backordered}
    for line, quantity in moved.items():
        _move(line, quantity, target)
    source.refresh_status()
    target.refresh_status()
    history.record(
        source.order,
        EventKind.BACKORDERED_SPLIT,
        by=by,
        quantity=sum(moved.values()),
        products=[line.name for line in moved],
        source=source.reference,
        target=target.reference,
    )
    return target


def isolate_units(order: Order, wanted: dict[Line, int], *, by: Actor) -> Shipment:
    """Have some units of an order's open lines stand in one shipment by themselves, to leave together.

    The first shipment concerned keeps them and its tracking codes, and what else is in it moves to a new one, with
    backordered units first; units from other shipments join it, with those that stock covers first.
    """
    home = min((line.shipment for line in wanted), key=lambda shipment: shipment.seq)
    others = {line: units for line, units in wanted.items() if line.shipment is not home}
    staying = {line: line.quantity - wanted.get(line, 0) for line in home.lines if line.quantity > wanted.get(line, 0)}
    if staying:
        rest = order.add_shipment()
        for line, units in staying.items():
            _move(line, units, rest)
        rest.refresh_status()
        _record_gathering(home, rest, staying, by=by)
    for source in sorted({line.shipment for line in others}, key=lambda shipment: shipment.seq):
        moved = {line: units for line, units in others.items() if line.shipment is source}
        _record_gathering(source, home, moved, by=by)
        for line, units in moved.items():
            _move(line, units, home, covered_first=True)
        source.refresh_status()
    home.refresh_status()
    return home


def _record_gathering(source: Shipment, target: Shipment, moved: dict[Line, int], *, by: Actor) -> None:
    history.record(
        source.order,
        EventKind.LINE_SPLIT,
        by=by,
        product=", ".join(dict.fromkeys(line.name for line in moved)),
        sku=", ".join(dict.fromkeys(line.sku for line in moved)),
        quantity=sum(moved.values()),
        source=source.reference,
        target=target.reference,
    )


def _check_target(source: Shipment, target: Shipment) -> None:
    if target is source:
        raise RuleViolation(_("Choose another shipment than the one it is in."), field="target")
    if target.order is not source.order or not target.is_open:
        raise RuleViolation(
            _("%(shipment)s is shipped, so nothing can be added to it.", shipment=target.reference),
            field="target",
        )


def _move(line: Line, quantity: int, target: Shipment, *, covered_first: bool = False) -> None:
    """Move units of a line, joining them with what the target has of the same; the sums stay to the öre."""
    covered = min(quantity, line.reserved) if covered_first else quantity - min(quantity, line.backordered)
    discount = line.discount * quantity // line.quantity
    same = target.find_mergeable(line)
    if same is not None:
        check_quantity(same.quantity + quantity)
        same.quantity += quantity
        same.reserved += covered
        same.discount += discount
        _take_from(line, quantity, covered, discount)
    elif quantity == line.quantity:
        line.shipment.lines.remove(line)
        target.lines.append(line)
    else:
        target.lines.append(
            Line(
                product=line.product,
                product_id=line.product_id,
                sku=line.sku,
                name=line.name,
                unit_price=line.unit_price,
                vat_rate=line.vat_rate,
                quantity=quantity,
                reserved=covered,
                discount=discount,
            )
        )
        _take_from(line, quantity, covered, discount)


def _take_from(line: Line, quantity: int, covered: int, discount: int) -> None:
    if quantity == line.quantity:
        line.shipment.lines.remove(line)
        return
    line.quantity -= quantity
    line.reserved -= covered
    line.discount -= discount
