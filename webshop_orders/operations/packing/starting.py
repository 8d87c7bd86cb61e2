"""Which shipment is to be packed, by what was scanned or typed, and beginning with it."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Batch, BatchOrder, DeliveryStatus, Order, PackingSession, PackingState, Shipment
from webshop_orders.operations.order_list import key_lookup
from webshop_orders.operations.orders import loading

MAX_ORDERS = 10  # that can have the same reference


@dataclass(frozen=True)
class Choice:
    """A shipment that can be packed, and who is packing it already."""

    shipment: Shipment
    holder: PackingSession | None

    @property
    def reference(self) -> str:
        return self.shipment.reference


def choices(scanned: str) -> list[Choice]:
    """The open shipments that a slip, a label, a number or a reference means. Raises RuleViolation where none is."""
    matches = key_lookup.exact_matches(scanned)[:MAX_ORDERS]
    if not matches:
        raise RuleViolation(_("No order has the code «%(code)s».", code=scanned), field="code")
    found = [shipment for number, seq in matches for shipment in _open_shipments(loading.load_order(number), seq)]
    if not found:
        raise RuleViolation(_why_closed(loading.load_order(matches[0].number), matches[0].seq), field="code")
    free = [shipment for shipment in found if not shipment.is_held]
    if not free:
        found[0].check_not_held()
    found = free
    holders = _holders({shipment.order.id for shipment in found})
    return [Choice(shipment, holders.get((shipment.order.id, shipment.seq))) for shipment in found]


def _open_shipments(order: Order, seq: int | None) -> list[Shipment]:
    """The shipment with this number, or all of an order; those that wait for stock only where no other is ready."""
    if seq is not None:
        return [shipment for shipment in order.open_shipments if shipment.seq == seq]
    ready = [shipment for shipment in order.open_shipments if shipment.status is DeliveryStatus.READY]
    return ready or order.open_shipments


def _why_closed(order: Order, seq: int | None) -> str:
    if order.is_cancelled:
        return _("%(number)s is cancelled. Do not pack it.", number=order.number)
    if seq is None:
        return _("%(number)s is shipped already.", number=order.number)
    if order.find_shipment(seq) is None:
        return _("%(number)s-%(seq)s is no more: its products were moved.", number=order.number, seq=seq)
    return _("%(number)s-%(seq)s is shipped already.", number=order.number, seq=seq)


def _holders(order_ids: set[int]) -> dict[tuple[int, int], PackingSession]:
    sessions = db.session.scalars(
        select(PackingSession).where(
            PackingSession.order_id.in_(order_ids), PackingSession.state == PackingState.PACKING
        )
    )
    return {(session.order_id, session.seq): session for session in sessions}


def batch_of(order_id: int) -> int | None:
    """The newest open batch that an order is in, whose progress is shown and whose next shipment follows."""
    batches = select(Batch.id).join(BatchOrder, BatchOrder.batch_id == Batch.id)
    batches = batches.where(BatchOrder.order_id == order_id, Batch.closed_at.is_(None))
    return db.session.scalar(batches.order_by(Batch.id.desc()).limit(1))
