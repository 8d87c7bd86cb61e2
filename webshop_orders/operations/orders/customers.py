"""Who an order belongs to and where it goes."""

from dataclasses import asdict

from flask_babel import gettext as _

from webshop_orders.errors import NoChange
from webshop_orders.models import Actor, Address, Customer, EventKind, Order
from webshop_orders.operations.audit import history


def change(order: Order, customer: Customer, billing: Address, shipping: Address, *, by: Actor) -> None:
    """Set customer, billing and delivery address; raises NothingToChange where all three are as before."""
    order.check_not_cancelled()
    parts: dict[str, tuple[Customer | Address, Customer | Address]] = {
        "customer": (order.customer, customer),
        "billing_address": (order.billing_address, billing),
        "shipping_address": (order.shipping_address, shipping),
    }
    changed = {
        part: {"before": asdict(before), "after": asdict(after)}
        for part, (before, after) in parts.items()
        if before != after
    }
    if not changed:
        raise NoChange(_("Nothing was changed."))
    order.customer, order.billing_address, order.shipping_address = customer, billing, shipping
    history.record(order, EventKind.CUSTOMER_CHANGED, by=by, **changed)
