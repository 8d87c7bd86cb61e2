"""Cancelling an order, and taking that back."""

from flask_babel import gettext as _

from webshop_orders.clock import now
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, BeforeAfter, Order, OrderStatus
from webshop_orders.models.event_facts import OrderCancelled, OrderRestored
from webshop_orders.operations.audit import history
from webshop_orders.operations.stock import reservations, whole_orders


def cancel(order: Order, *, by: Actor) -> None:
    """Cancel an order and release the stock reserved for it.

    Raises RuleViolation where some of it has shipped, NoChange where it is cancelled already.
    """
    if order.is_cancelled:
        raise NoChange(_("Order %(number)s already is cancelled.", number=order.number))
    shipped = [shipment.reference for shipment in order.shipments if shipment.is_shipped]
    if shipped:
        raise RuleViolation(
            _("%(shipment)s has shipped, so the order cannot be cancelled. Take that back first.", shipment=shipped[0])
        )
    reservations.lock(line.product for line in order.lines)
    status = BeforeAfter(order.status, OrderStatus.CANCELLED)
    for line in order.lines:
        reservations.release(line)
    order.cancelled_at = now()
    _forget_difference(order)
    history.record(order, OrderCancelled(status=status), by=by)


def restore(order: Order, *, by: Actor) -> None:
    """Take back a cancellation: stock is reserved for the order again, and what it does not cover is backordered.

    Raises NoChange where the order is not cancelled.
    """
    if not order.is_cancelled:
        raise NoChange(_("Order %(number)s is not cancelled.", number=order.number))
    reservations.lock(line.product for line in order.lines)
    order.cancelled_at = None
    for shipment in list(order.open_shipments):
        for line in shipment.lines:
            reservations.reserve(line)
        shipment.refresh_status()
    whole_orders.settle_locked(order)
    _forget_difference(order)
    status = BeforeAfter(OrderStatus.CANCELLED, order.computed_status())
    history.record(order, OrderRestored(status=status), by=by)


def _forget_difference(order: Order) -> None:
    """Show no longer that only one of the order and its source is cancelled."""
    order.shop_differences = [difference for difference in order.shop_differences if difference.field != "cancelled"]
