"""How an order is sent, and what that costs."""

from flask_babel import gettext as _

from webshop_orders.documents.fields import MAX_AMOUNT
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, BeforeAfter, Order
from webshop_orders.models.event_facts import ShippingChanged
from webshop_orders.money.recalculation import recalculate
from webshop_orders.operations.audit import history


def change(order: Order, method: str | None, price: int, *, vat_rate: int | None = None, by: Actor) -> None:
    """Set the shipping method and fee of an order, in öre, with VAT where its prices have it.

    Without a `vat_rate`, in basis points, it stays; shipping that was free and had none gets the highest of the lines.
    Raises RuleViolation where payment forbids it, NoChange where all is as before.
    """
    order.check_not_cancelled()
    if not 0 <= price <= MAX_AMOUNT:
        raise RuleViolation(_("No shipping is that dear: check the amount."), field="price")
    new_rate = _vat_rate(order, price) if vat_rate is None else vat_rate
    methods = BeforeAfter(order.shipping_method, method)
    prices = BeforeAfter(order.shipping_price, price)
    rates = BeforeAfter(order.shipping_vat_rate, new_rate)
    if all(value.before == value.after for value in (methods, prices, rates)):
        raise NoChange(_("The shipping is so already."))
    order.shipping_method, order.shipping_price, order.shipping_vat_rate = method, price, new_rate
    vat_rates = rates if rates.before != rates.after else None
    history.record(order, ShippingChanged(methods, prices, total=recalculate(order), vat_rate=vat_rates), by=by)


def _vat_rate(order: Order, price: int) -> int:
    """The rate of an order's shipping; free shipping may have been without one."""
    if order.shipping_price or not price:
        return order.shipping_vat_rate
    return order.shipping_vat_rate or max(line.vat_rate for line in order.lines)
