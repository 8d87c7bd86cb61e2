"""Doing what a shipping system says: codes noted, the goods gone; again, and nothing changes."""

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


def apply(news: ShippingNotification, *, by: Actor) -> Order:
    """Note the codes and set the shipment shipped where that is said.

    Raises NotFound, Refused for a cancelled order, and Conflict where an order's number does not tell which of its
    shipments is meant.
    """
    number, seq = _find(news.about)
    with editing(number, None, by) as order:
        if order.is_cancelled:
            raise RuleViolation(_("Order %(number)s is cancelled and cannot change.", number=order.number))
        shipment = shipments.get(order, seq) if seq else _meant(order, news)
        tracking.add_new(shipment, news.codes, by=by)
        if news.is_shipped and not shipment.is_shipped:
            shipments.ship(shipment, by=by)
    return order


def _find(about: str) -> tuple[str, int | None]:
    """The order's number, and the shipment's within it where a shipment is named."""
    named = select(Order.number).where(or_(Order.number == about, Order.external_reference == about))
    if number := db.session.scalar(named.limit(1)):
        return number, None
    match = REFERENCE.fullmatch(about)
    if match and db.session.scalar(select(Order.id).where(Order.number == match[1])):
        return match[1], int(match[2])
    raise NotFound(_("There is no order %(number)s.", number=about))


def _meant(order: Order, news: ShippingNotification) -> Shipment:
    """The one shipment that news about a whole order can mean: its only one, or with new codes the only open one."""
    codes = {new.code for new in news.codes}
    for shipment in order.shipments:  # said before
        if codes and codes <= {tracking.code for tracking in shipment.tracking_codes}:
            return shipment
    if len(order.shipments) == 1:
        return order.shipments[0]
    candidates = order.open_shipments
    if len(candidates) == 1 and codes:  # without codes, the same news again would mean the next shipment
        return candidates[0]
    references = ", ".join(shipment.reference for shipment in candidates or order.shipments)
    raise Conflict(
        _("Order %(number)s is split: name one of %(references)s.", number=order.number, references=references)
    )
