"""Deliveries as an ERP reports them that knows of no shipments: which units left, when, and in which parcels."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import Conflict, FieldError, InvalidDocument
from webshop_orders.models import Actor, Delivery, Line, Order
from webshop_orders.operations.orders import shipments, splits, tracking
from webshop_orders.operations.orders.tracking import NewTrackingCode

CLOCKS_DIFFER_BY = timedelta(minutes=5)


@dataclass(frozen=True)
class DeliveredUnits:
    """Units of one product, by its SKU or by the id of one of the order's lines; `pointer` is where that is said."""

    quantity: int
    sku: str | None = None
    line_id: int | None = None
    pointer: str = ""


@dataclass(frozen=True)
class NewDelivery:
    """A delivery as reported: `reference` is the reporter's own id for it, and `digest` stands for all that it says."""

    reference: str
    digest: str
    rows: list[DeliveredUnits]
    codes: list[NewTrackingCode] = field(default_factory=list)
    sent_at: datetime | None = None
    mails: bool = True


def find(order: Order, reference: str) -> Delivery | None:
    """The delivery that was reported for an order under a reference, if it was."""
    return db.session.scalar(select(Delivery).where(Delivery.order_id == order.id, Delivery.reference == reference))


def report(order: Order, new: NewDelivery, *, by: Actor) -> Delivery:
    """Ship exactly the units that were delivered, and leave the rest; the same report again changes nothing.

    Raises WrongFields where there is no such product in the order or less of it is left to ship, and Conflict where
    the reference stands for another delivery.
    """
    known = find(order, new.reference)
    if known is not None:
        if known.digest != new.digest:
            raise Conflict(
                _("Another delivery was reported as %(reference)s already.", reference=new.reference), field="id"
            )
        return known
    order.check_not_cancelled()
    _check_time(order, new)
    shipment = splits.isolate_units(order, _units(order, new.rows), by=by)
    tracking.add_new(shipment, new.codes, by=by)
    shipments.ship(shipment, by=by, mails=new.mails, at=new.sent_at)
    delivery = Delivery(
        order_id=order.id, reference=new.reference, digest=new.digest, shipment_seq=shipment.seq, reported_at=now()
    )
    db.session.add(delivery)
    return delivery


def _check_time(order: Order, new: NewDelivery) -> None:
    if new.sent_at is None:
        return
    if new.sent_at > now() + CLOCKS_DIFFER_BY:
        raise InvalidDocument([FieldError("/sent_at", _("%(field)s lies in the future.", field="sent_at"))])
    if new.sent_at < order.placed_at - timedelta(days=1):
        raise InvalidDocument(
            [FieldError("/sent_at", _("%(field)s lies before the order was placed.", field="sent_at"))]
        )


def _units(order: Order, rows: list[DeliveredUnits]) -> dict[Line, int]:
    """How many units of which lines the rows mean; covered ones before those that wait for stock."""
    wanted: dict[Line, int] = {}
    faults = []
    for row in rows:
        left = row.quantity
        for line in _lines_meant(order, row):
            units = min(left, line.quantity - wanted.get(line, 0))
            if units:
                wanted[line] = wanted.get(line, 0) + units
                left -= units
        if left:
            faults.append(FieldError(row.pointer, _too_many(order, row, row.quantity - left)))
    if faults:
        raise InvalidDocument(faults)
    return wanted


def _lines_meant(order: Order, row: DeliveredUnits) -> Iterator[Line]:
    """The open lines that a row can mean, those of ready shipments first."""
    lines = [line for shipment in order.open_shipments for line in shipment.lines]
    meant = [line for line in lines if (line.id == row.line_id if row.line_id else line.sku == row.sku)]
    return iter(sorted(meant, key=lambda line: (line.shipment.backordered > 0, line.shipment.seq, line.id)))


def _too_many(order: Order, row: DeliveredUnits, found: int) -> str:
    what = row.sku or _("line %(id)s", id=row.line_id)
    sold = any(line.id == row.line_id or line.sku == row.sku for line in order.lines)
    if not sold:
        return _("There is no %(what)s in order %(number)s.", what=what, number=order.number)
    return _("Of %(what)s, only %(count)s are left to ship.", what=what, count=found)
