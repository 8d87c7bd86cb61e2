"""Sending mails about an order by hand, which works whether or not the shop mails them on its own."""

from flask_babel import gettext as _

from webshop_orders import mailing
from webshop_orders.errors import RuleViolation
from webshop_orders.mailing import changes
from webshop_orders.models import Actor, EventKind, Message, Order, Shipment
from webshop_orders.operations.audit import history


def send_order_confirmation(order: Order, recipient: str, *, by: Actor) -> Message:
    """Queue the order confirmation, as the order stands now, to the customer or another address."""
    history.record(order, EventKind.CONFIRMATION_SENT, by=by, mailed_to=recipient)
    return mailing.queue_order_confirmation(order, recipient, by=by, automatic=False)


def send_delivery_confirmation(shipment: Shipment, recipient: str, *, by: Actor) -> Message:
    """Queue the delivery confirmation of a shipment, with its codes as they are now; raises Refused before it ships."""
    if not shipment.is_shipped:
        raise RuleViolation(_("%(shipment)s has not shipped yet.", shipment=shipment.reference))
    history.record(shipment.order, EventKind.CONFIRMATION_SENT, by=by, mailed_to=recipient, shipment=shipment.reference)
    return mailing.queue_delivery_confirmation(shipment, recipient, by=by, automatic=False)


def send_order_changed(order: Order, recipient: str, *, by: Actor) -> Message:
    """Queue word of what was changed since the customer was last told, and of how the order stands now."""
    made = changes.since_last_notified(order)
    history.record(order, EventKind.CONFIRMATION_SENT, by=by, mailed_to=recipient, changes=len(made))
    return mailing.queue_order_changed(order, made, recipient, by=by)
