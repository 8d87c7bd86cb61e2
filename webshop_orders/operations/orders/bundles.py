"""Bundles: a line that is sold as one, and its parts, which follow it wherever it goes."""

from __future__ import annotations

from flask_babel import gettext as _

from webshop_orders.errors import RuleViolation
from webshop_orders.models import Line, Shipment


def parts_of(bundle: Line) -> list[Line]:
    """The parts of a bundle that are in its shipment; none for any other line."""
    if bundle.bundle is None or bundle.is_part:
        return []
    return [line for line in bundle.shipment.lines if line.is_part and line.bundle == bundle.bundle]


def check_not_part(line: Line) -> None:
    """Raise RuleViolation for a part whose bundle is in its shipment too, since it only changes with that."""
    if bundle := line.bundle_line:
        names = {"part": line.name, "bundle": bundle.name}
        raise RuleViolation(_("%(part)s is a part of %(bundle)s. Change that, and its parts follow.", **names))


def units_with_parts(bundle: Line, quantity: int) -> dict[Line, int]:
    """So many units of a line, and of each of its parts what is in them; all of them where it is all of the line."""
    units = {bundle: quantity}
    for part in parts_of(bundle):
        follows = part.quantity if quantity == bundle.quantity else quantity * (part.units_per_bundle or 0)
        units[part] = min(follows, part.quantity)
    return {line: count for line, count in units.items() if count}


def units_for(bundle: Line, quantity: int) -> dict[Line, int]:
    """The units of each of its parts that are in so many units of a bundle; none for any other line."""
    parts = parts_of(bundle)
    return {part: quantity * (part.units_per_bundle or 0) for part in parts if part.units_per_bundle}


def is_alone(line: Line) -> bool:
    """Whether a shipment has nothing but a line and its parts."""
    return len(line.shipment.lines) == 1 + len(parts_of(line))


def backordered_units(shipment: Shipment) -> dict[Line, int]:
    """The backordered units of each line; of a bundle as many as have something that is backordered, with its parts."""
    units: dict[Line, int] = {}
    for line in shipment.lines:
        if line.bundle_line is None and (count := backordered_of(line)):
            units |= units_with_parts(line, count)
    return units


def backordered_of(line: Line) -> int:
    """The backordered units of a line, or, of a bundle, as many as have something that is backordered."""
    of_parts = [-(-part.backordered // (part.units_per_bundle or 1)) for part in parts_of(line)]
    return min(line.quantity, max([line.backordered, *of_parts]))
