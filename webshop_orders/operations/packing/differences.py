"""An order that changes while it is packed: what is different from what the packer sees, and going on with it."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete

from webshop_orders.db.extensions import db
from webshop_orders.errors import Conflict
from webshop_orders.models import Event, PackingLine, ScanKind
from webshop_orders.operations.orders import loading, touched_parts
from webshop_orders.operations.packing import sessions
from webshop_orders.operations.packing.sessions import Packing


class Stopped(Conflict):
    """The order was changed while it was packed, so nothing counts until the packer has seen how."""


@dataclass(frozen=True)
class LineDifference:
    """Units of a line as the packer sees them, as they are now, and as they are packed."""

    name: str
    sku: str
    before: int
    after: int
    packed: int

    @property
    def to_take_out(self) -> int:
        return max(self.packed - self.after, 0)


@dataclass(frozen=True)
class Difference:
    """What changed since the lines were read: by which `events`, and which `lines`.

    `is_over` where the shipment cannot be packed any more: cancelled, shipped or moved elsewhere; `is_held` where it
    must not leave until it is released.
    """

    events: list[Event]
    lines: list[LineDifference]
    is_over: bool
    is_held: bool = False


def find(packing: Packing) -> Difference | None:
    """What is different in what is packed and where it goes; None for changes that do not concern the packer."""
    order, session, shipment = packing.order, packing.session, packing.shipment
    is_over = shipment is None or not shipment.is_open
    is_held = shipment is not None and shipment.is_open and shipment.is_held
    if order.version == session.order_version and not is_over and not is_held:
        return None
    events = loading.changes_since(order, session.order_version)
    if shipment is not None:
        parts = touched_parts.contents(shipment) | {touched_parts.DELIVERY_ADDRESS, touched_parts.SHIPPING}
        parts |= {touched_parts.HOLDS} if is_held else set()
        events = touched_parts.touching(events, parts)
    lines = _different_lines(packing)
    return Difference(events, lines, is_over, is_held) if events or lines or is_over or is_held else None


def _different_lines(packing: Packing) -> list[LineDifference]:
    present = {line.id: line for line in sessions.packable(packing.shipment)} if packing.shipment else {}
    seen = {line.line_id for line in packing.lines}
    changed = [
        LineDifference(line.name, line.sku, line.quantity, after, line.packed)
        for line in packing.lines
        if (after := present[line.line_id].quantity if line.line_id in present else 0) != line.quantity
    ]
    return changed + [
        LineDifference(line.name, line.sku, 0, line.quantity, 0) for line in present.values() if line.id not in seen
    ]


def check_none(packing: Packing) -> None:
    """Raise Stopped where the order differs, Held where it must not leave; other changes are taken note of."""
    found = find(packing)
    if found is not None and found.is_held:
        sessions.check_open(packing)
    if found is not None:
        raise Stopped(_("%(number)s was changed while you were packing it.", number=packing.order.number))
    packing.session.order_version = packing.order.version


def read_again(packing: Packing, *, request_key: str | None = None) -> Packing:
    """Go on with the order as it is now; ticks that still fit stay. Raises RuleViolation where it is over."""
    sessions.check_open(packing)
    follow(packing)
    packing.log(ScanKind.READ_AGAIN, request_key=request_key)
    return packing


def follow(packing: Packing) -> None:
    """Have the packer's lines be those of the shipment; units that were packed of an article stay packed."""
    shipment = sessions.check_open(packing)
    lines = sessions.packable(shipment)
    by_id = {line.line_id: line.packed for line in packing.lines}
    packed = {line.id: min(by_id.pop(line.id, 0), line.quantity) for line in lines}
    moved = [line for line in packing.lines if line.line_id in by_id and line.packed]  # to another line of the article
    for former in moved:
        units = former.packed
        for line in lines:
            if (line.sku, line.name) == (former.sku, former.name):
                taken = min(units, line.quantity - packed[line.id])
                packed[line.id] += taken
                units -= taken
    session = packing.session
    for former in packing.lines:
        db.session.expunge(former)
    db.session.execute(
        delete(PackingLine).where(PackingLine.session_id == session.id).execution_options(synchronize_session=False)
    )
    sessions.add_lines(session, lines, packed)
    session.order_version = packing.order.version
    packing.lines = sessions.lines_of(session, packing.order)
