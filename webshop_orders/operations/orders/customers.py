"""The customer of an order, and its billing and delivery addresses."""

from dataclasses import asdict

from flask_babel import gettext as _

from webshop_orders.errors import NoChange
from webshop_orders.models import Actor, Address, BeforeAfter, Customer, Order
from webshop_orders.models.event_facts import CustomerChanged
from webshop_orders.operations.audit import history


def change(order: Order, customer: Customer, billing: Address, shipping: Address, *, by: Actor) -> None:
    """Set customer, billing and delivery address; raises NoChange where all three are as before."""
    order.check_not_cancelled()
    facts = CustomerChanged(
        customer=_difference(order.customer, customer),
        billing_address=_difference(order.billing_address, billing),
        shipping_address=_difference(order.shipping_address, shipping),
    )
    if facts == CustomerChanged():
        raise NoChange(_("Nothing was changed."))
    order.customer, order.billing_address, order.shipping_address = customer, billing, shipping
    history.record(order, facts, by=by)


def _difference(before: Customer | Address, after: Customer | Address) -> BeforeAfter[dict[str, str | None]] | None:
    return BeforeAfter(asdict(before), asdict(after)) if before != after else None
