"""Plans become orders, by the same operations that staff and checkouts use."""

from collections.abc import Mapping
from datetime import timedelta

from webshop_orders.db.extensions import db
from webshop_orders.demo.backdating import Clock
from webshop_orders.demo.scenarios import Fate, Plan
from webshop_orders.models import Actor, ActorKind, CommentKind, Order, Product, Shipment
from webshop_orders.operations.orders import (
    cancellation,
    comments,
    placement,
    shipments,
    splits,
    tracking,
)

CHECKOUT = Actor(ActorKind.INTEGRATION, "ljusochlinne.example")
ANNA = Actor(ActorKind.STAFF, "Anna Lind")
BO = Actor(ActorKind.STAFF, "Bo Ek")


def carry_out(plan: Plan, products: Mapping[str, Product], clock: Clock) -> Order:
    """Place an order in the present transaction and let its fate befall it."""
    _receive(plan, products, 1)
    clock.moment = plan.new.placed_at
    order = placement.place(plan.new, products, by=CHECKOUT)
    by = ANNA if order.id % 3 else BO
    clock.moment = plan.new.placed_at + (plan.settled_at - plan.new.placed_at) / 2
    if plan.remark:
        comments.add(order, CommentKind.INTERNAL, plan.remark, by=by)
    clock.moment = plan.settled_at
    first = order.shipments[0]
    if plan.fate is Fate.CANCELLED:
        cancellation.cancel(order, by=by)
        order.cancelled_at = plan.settled_at
        _receive(plan, products, -1)
    if plan.fate in {Fate.SPLIT, Fate.PARTLY_SHIPPED} and 0 < first.backordered < first.quantity:
        splits.split_backordered(first, by=by)
    if plan.fate in {Fate.PARTLY_SHIPPED, Fate.SHIPPED}:
        _ship(first, plan, by=by)
    if plan.answer:
        clock.moment = plan.settled_at + timedelta(minutes=4)
        comments.add(order, CommentKind.CUSTOMER, plan.answer, by=by)
    order.refresh_derived_columns()
    db.session.flush()
    return order


def _receive(plan: Plan, products: Mapping[str, Product], times: int) -> None:
    """Let the units come in, or go back, that the plan is to find in stock, so that it takes none from others."""
    for sku, units in plan.received.items():
        product = products[sku]
        if product.stock is not None:
            product.stock += times * units


def _ship(shipment: Shipment, plan: Plan, *, by: Actor) -> None:
    for code, carrier in plan.tracking:
        tracking.add(shipment, code, carrier, None, by=by)
    shipments.ship(shipment, by=by, mails=plan.new.send_confirmation)
    shipment.shipped_at = plan.settled_at
