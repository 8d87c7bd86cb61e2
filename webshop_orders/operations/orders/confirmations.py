"""Sending mails about an order by hand, which works whether or not the shop sends them automatically."""

from flask_babel import gettext as _

from webshop_orders import mailing
from webshop_orders.errors import RuleViolation
from webshop_orders.mailing import changes
from webshop_orders.models import Actor, Message, Order, Shipment
from webshop_orders.models.event_facts import ConfirmationSent
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
    for tracking in shipment.tracking_codes:
        tracking.is_unmailed = False
    return message


def has_unmailed_codes(shipment: Shipment) -> bool:
    """Whether a shipped shipment has a tracking code that came after its delivery confirmation."""
    if not shipment.is_shipped or shipment.order.is_cancelled or shipment.order.is_test:
        return False
    return any(tracking.is_unmailed for tracking in shipment.tracking_codes)


def has_corrected_codes(shipment: Shipment) -> bool:
    """Whether one of these was put in place of a code that the customer was told of."""
    replacing = {former.replaced_by for former in shipment.former_codes}
    return any(tracking.is_unmailed and tracking.code in replacing for tracking in shipment.tracking_codes)


def send_order_changed(order: Order, recipient: str, *, by: Actor) -> Message:
    """Queue a mail with the changes since the customer was last notified, and the order as it is now."""
    line_changes = changes.since_last_notified(order)
    message = mailing.queue_order_changed(order, line_changes, recipient, by=by)
    facts = ConfirmationSent(mailed_to=recipient, changes=len(line_changes), held=message.held_because)
    history.record(order, facts, by=by)
    return message
