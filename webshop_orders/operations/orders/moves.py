"""What goes from one open shipment of an order to another: units, with their sums to the öre, tracking codes, holds."""

from collections.abc import Sequence
from dataclasses import replace

from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Line, Shipment, check_quantity
from webshop_orders.models.tracking_code import MAX_CODES
from webshop_orders.operations.orders import refunded_units, removed_units
from webshop_orders.operations.stock import reservations
from webshop_orders.text.tracking_codes import compact


def move_units(line: Line, quantity: int, target: Shipment, *, covered_first: bool = False) -> None:
    """Move units of a line to the target's line of the same article, or a new one; backordered units move first.

    Raises RuleViolation where some of those that move are refunded, and others stay.
    """
    refunded_units.check_can_leave(line, quantity)
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
            refunded_units.follow(line.shipment.order, line.id, same)
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


def move_codes(source: Shipment, target: Shipment) -> None:
    """Give the tracking codes of a shipment to another, which has each of them once.

    Raises RuleViolation for more codes than it can have.
    """
    existing = {compact(tracking.code) for tracking in target.tracking_codes}
    moved = [tracking for tracking in source.tracking_codes if compact(tracking.code) not in existing]
    if len(existing) + len(moved) > MAX_CODES:
        raise RuleViolation(_("A shipment carries at most %(most)s tracking codes.", most=MAX_CODES), field="codes_to")
    for tracking in moved:
        source.tracking_codes.remove(tracking)
        target.tracking_codes.append(tracking)
    if source.former_codes:
        target.former_codes = [*target.former_codes, *source.former_codes]
        source.former_codes = []


def move_holds(source: Shipment, targets: Sequence[Shipment]) -> None:
    """Hold the shipments that got units of a held one as that is, so that nothing leaves by being moved.

    A shipment that is left without lines gives its holds away. Stock follows: it covers nothing in a shipment whose
    hold gives it to others.
    """
    order = source.order
    own = [hold for hold in order.holds if hold.shipment == source.seq]
    holds = [hold for hold in order.holds if source.lines or hold not in own]
    for hold in own:
        for target in targets:
            moved = replace(hold, shipment=target.seq)
            if any(replace(moved, id=other.id) == other for other in holds):
                continue
            is_taken = any(other.id == hold.id for other in holds)
            holds.append(replace(moved, id=order.next_id("hold")) if is_taken else moved)
    if holds != order.holds:
        order.holds = sorted(holds, key=lambda hold: hold.id)
    reservations.give_to_others(order)


def unplaced_codes(source: Shipment) -> str:
    """What is asked where a shipment with tracking codes is left without lines."""
    codes = ", ".join(tracking.code for tracking in source.tracking_codes)
    return ngettext(
        "Nothing is left in %(shipment)s. Choose which shipment gets its tracking code %(codes)s.",
        "Nothing is left in %(shipment)s. Choose which shipment gets its tracking codes %(codes)s.",
        len(source.tracking_codes),
        shipment=source.reference,
        codes=codes,
    )
