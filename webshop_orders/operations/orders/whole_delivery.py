"""Having an order wait until all of it is in stock, so that it leaves whole (rule 34)."""

from flask_babel import gettext as _

from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, Order
from webshop_orders.models.event_facts import WholeDeliverySet
from webshop_orders.operations.audit import history
from webshop_orders.operations.stock import reservations, whole_orders


def set_whole(order: Order, ships_whole: bool, *, by: Actor) -> None:
    """Have an order get stock only once it covers all of it, or else as it comes, from now on.

    What it has of a part goes to others. Raises RuleViolation where nothing is left to leave, NoChange where it is so.
    """
    check_can_be_set(order)
    if order.ships_whole is ships_whole:
        raise NoChange(
            _("%(number)s already waits until all of it is in stock.", number=order.number)
            if ships_whole
            else _("%(number)s gets stock as it comes already.", number=order.number)
        )
    order.ships_whole = ships_whole
    if not ships_whole:
        for line in reservations.take_again(order.open_shipments):
            line.shipment.refresh_status()
    whole_orders.settle(order)
    history.record(order, WholeDeliverySet(ships_whole), by=by)


def check_can_be_set(order: Order) -> None:
    """Raise RuleViolation where nothing of an order is left to leave."""
    order.check_not_cancelled()
    if not order.open_shipments:
        raise RuleViolation(_("Everything in %(number)s is shipped, so it waits for no stock.", number=order.number))
