"""The holds that a new order gets by the rules of Konfiguration, or from the shop that it comes from."""

from collections.abc import Iterator

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.documents.order import NewOrder
from webshop_orders.models import SYSTEM, Actor, Address, Hold, HoldReason, HoldRule, Order
from webshop_orders.money.totals import balance

REASONS = {
    HoldRule.UNPAID: HoldReason.AWAITING_PAYMENT,
    HoldRule.CUSTOMER_COMMENT: HoldReason.CUSTOMER_ASKED,
    HoldRule.HIGH_TOTAL: HoldReason.SUSPECTED_FRAUD,
    HoldRule.INCOMPLETE_ADDRESS: HoldReason.WRONG_ADDRESS,
}


def apply(order: Order, new: NewOrder, *, by: Actor) -> list[Hold]:
    """Hold a new order that has something left to leave, and return its holds; its total is computed."""
    if not order.open_shipments:
        return []
    if new.on_hold is not None:
        add(order, HoldRule.SOURCE, new.on_hold.reason, new.on_hold.note, by=by)
    for rule in _matching(order, new):
        add(order, rule, REASONS[rule], None, by=SYSTEM)
    return list(order.holds)


def add(order: Order, rule: HoldRule, reason: HoldReason, note: str | None, *, by: Actor) -> Hold:
    """Add a hold of a rule to an order; nothing is recorded of it."""
    made = Hold(order.next_id("hold"), reason, by.name, now().isoformat(), note=note, rule=rule)
    order.holds = [*order.holds, made]
    return made


def is_incomplete(address: Address) -> bool:
    """Whether no parcel would come by an address: it has no house number, or its postal code is none."""
    return address.has_wrong_postal_code or address.lacks_house_number


def _matching(order: Order, new: NewOrder) -> Iterator[HoldRule]:
    rules = shop_settings.current().hold_rules
    if not rules.in_use:
        return
    if rules.unpaid and balance(order) > 0:
        yield HoldRule.UNPAID
    if rules.customer_comment and new.comment:
        yield HoldRule.CUSTOMER_COMMENT
    is_in_own_currency = order.currency == shop_settings.current().currency
    if rules.total_over is not None and is_in_own_currency and order.total > rules.total_over:
        yield HoldRule.HIGH_TOTAL
    if rules.incomplete_address and is_incomplete(order.shipping_address):
        yield HoldRule.INCOMPLETE_ADDRESS
