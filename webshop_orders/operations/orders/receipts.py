"""The receipt of a change, shown before it is saved: what it does to an order's sums, stock and shipments."""

from __future__ import annotations

from dataclasses import dataclass

from webshop_orders.models import BeforeAfter, DeliveryStatus, Line, Order
from webshop_orders.money.totals import Totals, compute_totals


@dataclass(frozen=True)
class LineFigures:
    """A line in figures; `covered` and `backordered` are its units. Its sum is in öre, after its discount."""

    name: str
    shipment: str
    quantity: int
    sum: int
    covered: int
    backordered: int
    is_tracked: bool
    is_part: bool


@dataclass(frozen=True)
class Figures:
    """An order in figures: its totals, its lines, and the statuses of its shipments by their references."""

    totals: Totals
    lines: dict[Line, LineFigures]
    statuses: dict[str, DeliveryStatus]


@dataclass(frozen=True)
class ShipmentChange:
    """The delivery status of a shipment; None before one that is new, and after one that disappears."""

    reference: str
    status: BeforeAfter[DeliveryStatus | None]


@dataclass(frozen=True)
class Receipt:
    """What a change does, or else the order as it is and the `note` that says why the change does nothing.

    `lines` are those that it changes, without parts of bundles; None before a new one, and after one that is removed.
    `is_settled` is whether any of the order was paid, so that a difference is charged or refunded. `is_outdated` is
    whether others changed the order since the form was opened: the receipt is of the order as it is now.
    """

    currency: str
    prices_include_vat: bool
    rounds_to_whole_kronor: bool
    is_settled: bool
    totals: BeforeAfter[Totals]
    lines: list[BeforeAfter[LineFigures | None]]
    shipments: list[ShipmentChange]
    note: str | None = None
    is_outdated: bool = False


def figures(order: Order) -> Figures:
    """The figures of an order as it is in memory."""
    lines = {line: _of_line(line) for line in order.lines}
    statuses = {shipment.reference: shipment.status for shipment in order.shipments}
    return Figures(compute_totals(order), lines, statuses)


def compare(
    order: Order,
    before: Figures,
    after: Figures,
    *,
    about: Line | None = None,
    note: str | None = None,
    is_outdated: bool = False,
) -> Receipt:
    """The receipt of a change by the figures before and after it; where they are equal, of the line `about`."""
    all_lines = before.lines | after.lines
    changed = [line for line in all_lines if before.lines.get(line) != after.lines.get(line)]
    shown = changed or [line for line in all_lines if line is about]
    pairs = [BeforeAfter(before.lines.get(line), after.lines.get(line)) for line in shown]
    concerned = {line.shipment for pair in pairs for line in (pair.before, pair.after) if line}
    shipments = [
        ShipmentChange(reference, BeforeAfter(before.statuses.get(reference), after.statuses.get(reference)))
        for reference in before.statuses | after.statuses
        if reference in concerned
    ]
    return Receipt(
        currency=order.currency,
        prices_include_vat=order.prices_include_vat,
        rounds_to_whole_kronor=order.rounds_to_whole_kronor,
        is_settled=bool(order.paid or order.refunded),
        totals=BeforeAfter(before.totals, after.totals),
        lines=[pair for pair in pairs if not any(line and line.is_part for line in (pair.before, pair.after))],
        shipments=shipments,
        note=note,
        is_outdated=is_outdated,
    )


def _of_line(line: Line) -> LineFigures:
    return LineFigures(
        line.name,
        line.shipment.reference,
        line.quantity,
        line.total,
        line.quantity - line.backordered,
        line.backordered,
        line.is_tracked,
        line.bundle_line is not None,
    )
