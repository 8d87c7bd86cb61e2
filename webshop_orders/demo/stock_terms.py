"""Orders of the demo that get stock otherwise than as it comes: collected for one delivery, and put first."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, select

from webshop_orders.db.extensions import db
from webshop_orders.demo.backdating import backdating
from webshop_orders.demo.scenario_orders import ANNA, BO
from webshop_orders.demo.scenarios import SWEDEN
from webshop_orders.models import Line, Order, Priority, Shipment
from webshop_orders.models.event_facts import OrderPrioritised
from webshop_orders.operations.audit import history
from webshop_orders.operations.inbox import attention
from webshop_orders.operations.orders import whole_delivery
from webshop_orders.operations.orders.loading import lock_orders
from webshop_orders.operations.stock import backorders

COLLECTED = 2
REASON = "Bröllop på lördag, kunden ringde"
EVENING = time(20, 45)


def set_some(today: date) -> None:
    """Collect some orders that wait in part, and put one first that waits behind others, in this transaction."""
    evening = datetime.combine(today - timedelta(days=1), EVENING, SWEDEN)
    waiting = (Order.is_held.is_(False), Line.waiting > 0, Order.placed_at < evening)
    ids = select(Order.id).join(Shipment).join(Line).where(*waiting)
    in_part = ids.where(Order.units > Line.waiting).group_by(Order.id).having(func.count(Shipment.id.distinct()) == 1)
    collected = lock_orders(db.session.scalars(in_part.order_by(Order.placed_at.desc(), Order.id).limit(COLLECTED)))
    most = func.count(Line.order_id.distinct()).desc()
    wanted = select(Line.product_id).where(Line.waiting > 0).group_by(Line.product_id).order_by(most, Line.product_id)
    behind = ids.where(
        Line.product_id == wanted.limit(1).scalar_subquery(),
        Order.ships_whole.is_(False),
        Order.id.not_in([order.id for order in collected]),
    )
    first = lock_orders(db.session.scalars(behind.order_by(Order.placed_at.desc(), Order.id.desc()).limit(1)))
    with backdating() as clock:
        clock.time = evening
        for order in collected:
            whole_delivery.set_whole(order, True, by=ANNA)
            attention.refresh(order)
        for order in first:
            order.priority = Priority(BO.name, clock.time.astimezone(UTC).isoformat(), REASON)
            history.record(order, OrderPrioritised(is_prioritised=True, reason=REASON), by=BO)
            attention.refresh(order)
        db.session.flush()
        backorders.cover({line.product_id for order in collected for line in order.lines if line.product_id})
