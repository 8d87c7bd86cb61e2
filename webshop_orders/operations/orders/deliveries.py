"""Deliveries as an ERP reports them that has no shipments: which units left, when, and in which parcels."""

from collections.abc import Iterator
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.documents.delivery import DeliveredLine, NewDelivery
from webshop_orders.errors import Conflict, FieldError, InvalidDocument
from webshop_orders.models import Actor, Delivery, Line, Order, Shipment
from webshop_orders.operations.orders import shipments, splits, tracking

MAX_CLOCK_DIFFERENCE = timedelta(minutes=5)


def find(order: Order, reference: str) -> Delivery | None:
    """The delivery that was reported for an order under a reference, if any."""
    return db.session.scalar(select(Delivery).where(Delivery.order_id == order.id, Delivery.reference == reference))


def report(order: Order, new: NewDelivery, digest: str, *, by: Actor) -> Delivery:
    """Ship exactly the units that were delivered; the same report again changes nothing.

    `digest` is the hash of the whole report. Raises InvalidDocument where the order has no such product or fewer units
    of it left to ship, Held where units of it are left only in shipments that must not leave, and Conflict where the id
    belongs to another delivery.
    """
    earlier = find(order, new.id)
    if earlier is not None:
        if earlier.digest != digest:
            raise Conflict(_("Another delivery was reported as %(reference)s already.", reference=new.id), field="id")
        return earlier
    order.check_not_cancelled()
    _check_time(order, new)
    shipment = splits.isolate_units(order, _allocate(order, new.lines), by=by)
    tracking.add_new(shipment, new.tracking, by=by)
    shipments.ship(shipment, by=by, mails=new.send_confirmation, at=new.sent_at)
    delivery = Delivery(
        order_id=order.id, reference=new.id, digest=digest, shipment_seq=shipment.seq, reported_at=now()
    )
    db.session.add(delivery)
    return delivery


def _check_time(order: Order, new: NewDelivery) -> None:
    if new.sent_at is None:
        return
    if new.sent_at > now() + MAX_CLOCK_DIFFERENCE:
        raise InvalidDocument([FieldError("/sent_at", _("%(field)s lies in the future.", field="sent_at"))])
    if new.sent_at < order.placed_at - timedelta(days=1):
        raise InvalidDocument(
            [FieldError("/sent_at", _("%(field)s lies before the order was placed.", field="sent_at"))]
        )


def _allocate(order: Order, rows: list[DeliveredLine]) -> dict[Line, int]:
    """Which lines the delivered units are taken from, and how many; those that stock covers first."""
    allocated: dict[Line, int] = {}
    held: Shipment | None = None
    errors = []
    for index, row in enumerate(rows):
        remaining = row.quantity
        for line in _matching_lines(order, row):
            if line.shipment.is_held:
                continue
            units = min(remaining, line.quantity - allocated.get(line, 0))
            if units:
                allocated[line] = allocated.get(line, 0) + units
                remaining -= units
        if remaining and _is_held(order, row, remaining):
            held = held or next(line.shipment for line in _matching_lines(order, row) if line.shipment.is_held)
        elif remaining:
            errors.append(FieldError(f"/lines/{index}/quantity", _too_many(order, row, row.quantity - remaining)))
    if errors:
        raise InvalidDocument(errors)
    if held is not None:
        held.check_not_held()
    return allocated


def _is_held(order: Order, row: DeliveredLine, units: int) -> bool:
    """Whether so many units of a row are in shipments that must not leave."""
    return units <= sum(line.quantity for line in _matching_lines(order, row) if line.shipment.is_held)


def _matching_lines(order: Order, row: DeliveredLine) -> Iterator[Line]:
    """The open lines that a row can mean, those of ready shipments first."""
    lines = [line for shipment in order.open_shipments for line in shipment.lines]
    matching = [line for line in lines if (line.id == row.line if row.line else line.sku == row.sku)]
    return iter(sorted(matching, key=lambda line: (line.shipment.backordered > 0, line.shipment.seq, line.id)))


def _too_many(order: Order, row: DeliveredLine, available: int) -> str:
    product = row.sku or _("line %(id)s", id=row.line)
    is_in_order = any(line.id == row.line or line.sku == row.sku for line in order.lines)
    if not is_in_order:
        return _("There is no %(what)s in order %(number)s.", what=product, number=order.number)
    return ngettext(
        "Of %(what)s, only %(count)s is left to ship.",
        "Of %(what)s, only %(count)s are left to ship.",
        available,
        what=product,
        count=available,
    )
