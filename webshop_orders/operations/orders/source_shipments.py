"""What left a shop that an order came from after it came here: shipped here too, where nobody shipped it here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from webshop_orders.documents.order import NewOrder
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, Line, Order, Shipment
from webshop_orders.operations.orders import shipments, splits, tracking
from webshop_orders.text.tracking_codes import compact


@dataclass(frozen=True)
class Parcel:
    """What left the source together: units by SKU, and tracking codes."""

    shipped_at: datetime
    units: Counter[str]
    codes: list[NewTrackingCode] = field(default_factory=list)


def apply(order: Order, before: NewOrder, current: NewOrder, *, by: Actor) -> None:
    """Ship what left the source since its state `before`, and add the tracking codes that it has got since.

    Nothing is shipped where the order has other lines here, where more or less was shipped here than there, or where a
    hold keeps it here. Nobody is mailed, since the shop has told its customer.
    """
    parcels = list(_parcels(current))
    matched = _match(order, parcels)
    known_codes = {compact(code.code) for parcel in _parcels(before) for code in parcel.codes}
    for parcel, shipment in matched:
        _add_codes(shipment, [code for code in parcel.codes if compact(code.code) not in known_codes], by=by)
    is_untouched = _units_of_lines(before) == ordered_units(order) and sent_units(before) == shipped_units(order)
    if not is_untouched or current.external_reference != before.external_reference:
        return
    new_parcels = [parcel for parcel in parcels if not any(parcel is known for known, _shipment in matched)]
    if not sum((parcel.units for parcel in new_parcels), Counter()) <= _open_units(order):
        return
    for parcel in new_parcels:
        shipment = splits.isolate_units(order, dict(_take(order, parcel.units)), by=by)
        _add_codes(shipment, parcel.codes, by=by)
        shipments.ship(shipment, by=by, mails=False, at=parcel.shipped_at)


def sent_units(new: NewOrder) -> Counter[str]:
    """The units of an order that left its source, by SKU."""
    return sum((parcel.units for parcel in _parcels(new)), Counter())


def shipped_units(order: Order) -> Counter[str]:
    """The units of an order that were shipped here, by SKU."""
    return sum((_units(shipment) for shipment in order.shipments if shipment.is_shipped), Counter())


def ordered_units(order: Order) -> Counter[str]:
    """The units of all lines of an order, by SKU."""
    return sum((_units(shipment) for shipment in order.shipments), Counter())


def _parcels(new: NewOrder) -> Iterator[Parcel]:
    rest = [line.quantity for line in new.lines]
    for shipment in new.shipments:
        packed = {part.line: part.quantity for part in shipment.lines} or dict(enumerate(rest))
        units: Counter[str] = Counter()
        for index, quantity in packed.items():
            if index < len(rest):
                rest[index] -= quantity
                units[new.lines[index].sku] += quantity
        yield Parcel(shipment.shipped_at, +units, shipment.tracking)
    left: Counter[str] = Counter()
    for line, quantity in zip(new.lines, rest, strict=True):
        left[line.sku] += max(0, quantity)
    if new.shipped_at is not None and +left:
        yield Parcel(new.shipped_at, +left)


def _match(order: Order, parcels: list[Parcel]) -> list[tuple[Parcel, Shipment]]:
    """The parcels that were shipped here already, each with its shipment: by a common code, or else by its units."""
    shipped = [shipment for shipment in order.shipments if shipment.is_shipped]
    matched: list[tuple[Parcel, Shipment]] = []
    for by_code in (True, False):
        for parcel in parcels:
            if any(parcel is known for known, _shipment in matched):
                continue
            for shipment in shipped:
                if _has_common_code(parcel, shipment) if by_code else _units(shipment) == parcel.units:
                    matched.append((parcel, shipment))
                    shipped.remove(shipment)
                    break
    return matched


def _has_common_code(parcel: Parcel, shipment: Shipment) -> bool:
    return not {compact(code.code) for code in parcel.codes}.isdisjoint(
        compact(known.code) for known in shipment.tracking_codes
    )


def _take(order: Order, units: Counter[str]) -> Iterator[tuple[Line, int]]:
    """The lines that can leave and have these units, with how many of each."""
    missing = Counter(units)
    for shipment in _leaving(order):
        for line in shipment.lines:
            if quantity := min(missing[line.sku], line.quantity):
                missing[line.sku] -= quantity
                yield line, quantity


def _add_codes(shipment: Shipment, codes: list[NewTrackingCode], *, by: Actor) -> None:
    corrected = {compact(former.code) for former in shipment.former_codes}
    with suppress(RuleViolation):  # it has as many codes as a shipment can have
        tracking.add_new(shipment, [new for new in codes if compact(new.code) not in corrected], by=by)


def _open_units(order: Order) -> Counter[str]:
    return sum((_units(shipment) for shipment in _leaving(order)), Counter())


def _leaving(order: Order) -> list[Shipment]:
    """The open shipments that nothing keeps from leaving."""
    return [shipment for shipment in order.open_shipments if not shipment.is_held]


def _units_of_lines(new: NewOrder) -> Counter[str]:
    units: Counter[str] = Counter()
    for line in new.lines:
        units[line.sku] += line.quantity
    return units


def _units(shipment: Shipment) -> Counter[str]:
    units: Counter[str] = Counter()
    for line in shipment.lines:
        units[line.sku] += line.quantity
    return units
