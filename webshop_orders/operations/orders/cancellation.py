"""Cancelling an order."""

from flask_babel import gettext as _

from webshop_orders.clock import now
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, BeforeAfter, Order, OrderStatus
from webshop_orders.models.event_facts import OrderCancelled
from webshop_orders.operations.audit import history
from webshop_orders.operations.stock import reservations


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
    history.record(order, OrderCancelled(status=status), by=by)
