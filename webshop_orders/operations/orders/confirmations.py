"""Sending mails about an order by hand, which works whether or not the shop sends them automatically."""

from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders import mailing
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.mailing import changes
from webshop_orders.models import Actor, Event, EventKind, Message, Order, Shipment
from webshop_orders.models.event_facts import ConfirmationSent, ShipmentShipped, TrackingAdded
from webshop_orders.operations.audit import history


def send_order_confirmation(order: Order, recipient: str, *, by: Actor) -> Message:
    """Queue the confirmation of an order as it is now, to the customer or another address."""
    message = mailing.queue_order_confirmation(order, recipient, by=by, automatic=False)
    history.record(order, ConfirmationSent(mailed_to=recipient, held=message.held_because), by=by)
    return message


def send_delivery_confirmation(shipment: Shipment, recipient: str, *, by: Actor) -> Message:
    """Queue the delivery confirmation of a shipment with its current tracking codes.

    Raises RuleViolation where the shipment has not shipped.
    """
    if not shipment.is_shipped:
        raise RuleViolation(_("%(shipment)s has not shipped yet.", shipment=shipment.reference))
    message = mailing.queue_delivery_confirmation(shipment, recipient, by=by, automatic=False)
    facts = ConfirmationSent(mailed_to=recipient, shipment=shipment.reference, held=message.held_because)
    history.record(shipment.order, facts, by=by)
    return message


def with_unmailed_codes(order: Order) -> set[str]:
    """The references of shipped shipments with a tracking code that came after their delivery confirmation."""
    shipped = [shipment for shipment in order.shipments if shipment.is_shipped and shipment.tracking_codes]
    if not shipped or order.is_cancelled or order.is_test:
        return set()
    kinds = (EventKind.SHIPMENT_SHIPPED, EventKind.TRACKING_ADDED, EventKind.CONFIRMATION_SENT)
    events = select(Event).where(Event.order_id == order.id, Event.kind.in_(kinds)).order_by(Event.id)
    unmailed: dict[str | None, set[str]] = {}
    for facts in (event.read_facts() for event in db.session.scalars(events)):
        match facts:
            case TrackingAdded():
                unmailed.setdefault(facts.shipment, set()).add(facts.code)
            case ShipmentShipped() | ConfirmationSent():
                unmailed.pop(facts.shipment, None)
    codes = {shipment.reference: {tracking.code for tracking in shipment.tracking_codes} for shipment in shipped}
    return {reference for reference in codes if unmailed.get(reference, set()) & codes[reference]}


def send_order_changed(order: Order, recipient: str, *, by: Actor) -> Message:
    """Queue a mail with the changes since the customer was last notified, and the order as it is now."""
    line_changes = changes.since_last_notified(order)
    message = mailing.queue_order_changed(order, line_changes, recipient, by=by)
    facts = ConfirmationSent(mailed_to=recipient, changes=len(line_changes), held=message.held_because)
    history.record(order, facts, by=by)
    return message
