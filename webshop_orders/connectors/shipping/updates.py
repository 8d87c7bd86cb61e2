"""Applying notifications of shipping systems: codes are added, shipments leave, and what became of them is noted; a
repeat changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import or_, select

from webshop_orders.clock import now
from webshop_orders.connectors.shipping.notifications import NotifiedStatus, ShippingNotification
from webshop_orders.db.extensions import db
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.errors import Conflict, NotFound, RuleViolation
from webshop_orders.models import Actor, Order, Shipment, TrackingCode
from webshop_orders.operations.orders import parcels, shipments, tracking
from webshop_orders.text.tracking_codes import compact, spellings
from webshop_orders.transactions.unit_of_work import editing

REFERENCE = re.compile(r"(.+)-([1-9][0-9]{0,5})")


@dataclass(frozen=True)
class Outcome:
    """The order that a notification was about, or why there was nothing to do."""

    order: Order | None = None
    ignored: str | None = None


def apply(notification: ShippingNotification, *, by: Actor) -> Outcome:
    """Add the codes, and note that the shipment has left, and what became of it, if the notification says so.

    One that was open is shipped first, since it has evidently left. Raises NotFound for an
    unknown reference, RuleViolation for a cancelled order, and Conflict if the notification names an order with several
    shipments that it can be about. A carrier's code that no shipment has is ignored, since carriers report all parcels
    of an agreement.
    """
    if notification.ignored:
        return Outcome(ignored=notification.ignored)
    found = _resolve(notification.references) or _resolve_codes(notification)
    if found is None:
        if notification.references:
            raise NotFound(_("There is no order %(number)s.", number=notification.references[0]))
        codes = ", ".join(_all_codes(notification))
        return Outcome(ignored=_("No shipment has the tracking code %(code)s.", code=codes))
    number, seq = found
    with editing(number, None, by) as order:
        if order.is_cancelled:
            raise RuleViolation(_("Order %(number)s is cancelled and cannot change.", number=order.number))
        shipment = shipments.get(order, seq) if seq else _find_shipment(order, notification)
        is_noted = notification.other_codes and _existing_codes(shipment, notification)
        if not is_noted:  # by the one number of the parcel or by the other
            tracking.add_new(shipment, _new_codes(shipment, notification), by=by)
        if notification.status is not None:
            _note_status(shipment, notification.status, notification, by)
    return Outcome(order)


def _note_status(shipment: Shipment, status: NotifiedStatus, notification: ShippingNotification, by: Actor) -> None:
    if not shipment.is_shipped:
        at = min(notification.at, now()) if notification.at else None
        # Of a parcel that comes back, its customer is not told that it has left.
        mails = status in {NotifiedStatus.SHIPPED, NotifiedStatus.DELIVERED}
        shipments.ship(shipment, by=by, mails=mails, at=at)
    match status:
        case NotifiedStatus.DELIVERED:
            parcels.mark_delivered(shipment, notification.at, _existing_codes(shipment, notification), by=by)
        case NotifiedStatus.UNCOLLECTED:
            parcels.mark_uncollected(shipment, notification.at, by=by)
        case NotifiedStatus.SENT_BACK:
            parcels.mark_sent_back(shipment, notification.at, by=by)


def _resolve(references: Iterable[str]) -> tuple[str, int | None] | None:
    """The number of the order, and that of the shipment within it if it is a shipment's reference."""
    for about in references:
        numbers = select(Order.number).where(or_(Order.number == about, Order.external_reference == about))
        if number := db.session.scalar(numbers.limit(1)):
            return number, None
        match = REFERENCE.fullmatch(about)
        if match and db.session.scalar(select(Order.id).where(Order.number == match[1])):
            return match[1], int(match[2])
    return None


def _resolve_codes(notification: ShippingNotification) -> tuple[str, int] | None:
    """The newest shipment with one of the codes, since carriers use numbers again; those not delivered first."""
    row = db.session.execute(
        select(Order.number, Shipment.seq)
        .join(Shipment, Shipment.order_id == Order.id)
        .join(TrackingCode, TrackingCode.shipment_id == Shipment.id)
        .where(TrackingCode.code.in_(spellings(_all_codes(notification))))
        .order_by(Shipment.delivered_at.is_not(None), Shipment.id.desc())
        .limit(1)
    ).one_or_none()
    return (row.number, row.seq) if row else None


def _all_codes(notification: ShippingNotification) -> list[str]:
    return [*(new.code for new in notification.codes), *notification.other_codes]


def _existing_codes(shipment: Shipment, notification: ShippingNotification) -> list[TrackingCode]:
    """The codes of a shipment that are those of the notification, however they are written."""
    reported = spellings(_all_codes(notification))
    return [tracking for tracking in shipment.tracking_codes if not reported.isdisjoint(spellings([tracking.code]))]


def _new_codes(shipment: Shipment, notification: ShippingNotification) -> list[NewTrackingCode]:
    """Those that the shipment neither has nor had: one that staff corrected does not come back with each report."""
    noted = spellings(tracking.code for tracking in shipment.tracking_codes)
    noted |= spellings(former.code for former in shipment.former_codes)
    return [new for new in notification.codes if noted.isdisjoint(spellings([new.code]))]


def _find_shipment(order: Order, notification: ShippingNotification) -> Shipment:
    """The shipment that a notification about an order concerns: its only one, or with new codes the only open one."""
    codes = {compact(new.code) for new in notification.codes}
    for shipment in order.shipments:  # a repeat
        if codes and codes <= spellings(tracking.code for tracking in shipment.tracking_codes):
            return shipment
    if len(order.shipments) == 1:
        return order.shipments[0]
    candidates = order.open_shipments
    if len(candidates) == 1 and codes:  # without codes, a repeat would concern the next shipment
        return candidates[0]
    references = ", ".join(shipment.reference for shipment in candidates or order.shipments)
    raise Conflict(
        _("Order %(number)s is split: name one of %(references)s.", number=order.number, references=references)
    )
