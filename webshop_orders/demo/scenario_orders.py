"""Creates the demo's orders from scenarios, with the same operations that staff and checkouts use."""

from collections.abc import Mapping
from datetime import timedelta

from webshop_orders.db.extensions import db
from webshop_orders.demo.backdating import Clock
from webshop_orders.demo.scenarios import EndState, Scenario
from webshop_orders.models import Actor, ActorKind, CommentKind, MovementReason, Order, Product, Shipment
from webshop_orders.operations.inbox import attention
from webshop_orders.operations.orders import (
    cancellation,
    comments,
    placement,
    shipments,
    splits,
    tracking,
)
from webshop_orders.operations.stock import movements

CHECKOUT = Actor(ActorKind.INTEGRATION, "ljusochlinne.example")
ANNA = Actor(ActorKind.STAFF, "Anna Lind")
BO = Actor(ActorKind.STAFF, "Bo Ek")


def create_order(scenario: Scenario, products: Mapping[str, Product], clock: Clock) -> Order:
    """Place an order in the current transaction and bring it to its end state."""
    clock.time = scenario.new.placed_at
    _adjust_stock(scenario, products, 1, MovementReason.RECEIVED)
    order = placement.place(scenario.new, products, by=CHECKOUT)
    by = ANNA if order.id % 3 else BO
    clock.time = scenario.new.placed_at + (scenario.handled_at - scenario.new.placed_at) / 2
    is_handled = scenario.end_state in {EndState.PARTLY_SHIPPED, EndState.SHIPPED, EndState.CANCELLED}
    if order.has_unread_comment and is_handled:
        comments.set_read(order, is_read=True, by=by)
    if scenario.remark:
        comments.add(order, CommentKind.INTERNAL, scenario.remark, by=by)
    clock.time = scenario.handled_at
    first = order.shipments[0]
    if scenario.end_state is EndState.CANCELLED:
        cancellation.cancel(order, by=by)
        order.cancelled_at = scenario.handled_at
        _adjust_stock(scenario, products, -1, MovementReason.CORRECTION)
    if scenario.end_state in {EndState.SPLIT, EndState.PARTLY_SHIPPED} and 0 < first.backordered < first.quantity:
        splits.split_backordered(first, by=by)
    if scenario.end_state in {EndState.PARTLY_SHIPPED, EndState.SHIPPED}:
        _ship(first, scenario, by=by)
    if scenario.answer:
        clock.time = scenario.handled_at + timedelta(minutes=4)
        comments.add(order, CommentKind.CUSTOMER, scenario.answer, by=by)
    attention.refresh(order)
    db.session.flush()
    return order


def _adjust_stock(scenario: Scenario, products: Mapping[str, Product], sign: int, reason: MovementReason) -> None:
    """Add, or remove again, the stock that the scenario needs, so that it takes none from other orders."""
    for sku, units in scenario.restocked.items():
        movements.move(products[sku], sign * units, reason, by=BO)


def _ship(shipment: Shipment, scenario: Scenario, *, by: Actor) -> None:
    for code, carrier in scenario.tracking:
        tracking.add(shipment, code, carrier, None, by=by)
    shipments.ship(shipment, by=by, mails=scenario.new.send_confirmation)
    shipment.shipped_at = scenario.handled_at
