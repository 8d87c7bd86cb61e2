"""Applying notifications of shipping systems: codes are added, shipments are shipped; a repeat changes nothing."""

from __future__ import annotations

import re

from flask_babel import gettext as _
from sqlalchemy import or_, select

from webshop_orders.connectors.shipping_notifications import ShippingNotification
from webshop_orders.db.extensions import db
from webshop_orders.errors import Conflict, NotFound, RuleViolation
from webshop_orders.models import Actor, Order, Shipment
from webshop_orders.operations.orders import shipments, tracking
from webshop_orders.transactions.unit_of_work import editing

REFERENCE = re.compile(r"(.+)-([1-9][0-9]{0,5})")


def apply(notification: ShippingNotification, *, by: Actor) -> Order:
    """Add the codes, and ship the shipment if the notification says that it has left.

    Raises NotFound, RuleViolation for a cancelled order, and Conflict if the notification names an order with several
    shipments that it can be about.
    """
    number, seq = _resolve(notification.about)
    with editing(number, None, by) as order:
        if order.is_cancelled:
            raise RuleViolation(_("Order %(number)s is cancelled and cannot change.", number=order.number))
        shipment = shipments.get(order, seq) if seq else _find_shipment(order, notification)
        tracking.add_new(shipment, notification.codes, by=by)
        if notification.is_shipped and not shipment.is_shipped:
            shipments.ship(shipment, by=by)
    return order


def _resolve(about: str) -> tuple[str, int | None]:
    """The number of the order, and that of the shipment within it if `about` is a shipment's reference."""
    numbers = select(Order.number).where(or_(Order.number == about, Order.external_reference == about))
    if number := db.session.scalar(numbers.limit(1)):
        return number, None
    match = REFERENCE.fullmatch(about)
    if match and db.session.scalar(select(Order.id).where(Order.number == match[1])):
        return match[1], int(match[2])
    raise NotFound(_("There is no order %(number)s.", number=about))


def _find_shipment(order: Order, notification: ShippingNotification) -> Shipment:
    """The shipment that a notification about an order concerns: its only one, or with new codes the only open one."""
    codes = {new.code for new in notification.codes}
    for shipment in order.shipments:  # a repeat
        if codes and codes <= {tracking.code for tracking in shipment.tracking_codes}:
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
