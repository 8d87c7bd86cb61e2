"""What goes from one open shipment of an order to another: units, with their sums to the öre, and tracking codes."""

from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Line, Shipment, check_quantity
from webshop_orders.models.tracking_code import MAX_CODES
from webshop_orders.operations.orders import removed_units
from webshop_orders.text.tracking_codes import compact


def move_units(line: Line, quantity: int, target: Shipment, *, covered_first: bool = False) -> None:
    """Move units of a line to the target's line of the same article, or a new one; backordered units move first."""
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
