"""How many orders have which status: kept, never counted."""

from datetime import datetime

from sqlalchemy import delete, func, select

from webshop_orders.extensions import db
from webshop_orders.models import Order, OrderCount, OrderStatus


def by_status() -> dict[OrderStatus, int]:
    """How many orders there are of each status."""
    kept = select(OrderCount.status, func.sum(OrderCount.count)).group_by(OrderCount.status)
    return {status: int(count) for status, count in db.session.execute(kept)}


def oldest(status: OrderStatus) -> datetime | None:
    """When the order was placed that has waited longest in a status, in UTC."""
    return db.session.scalar(select(func.min(Order.placed_at)).where(Order.status == status))


def add_up() -> None:
    """Make one row of the many that changes have left; those that come in meanwhile stay as they are."""
    taken = db.session.execute(delete(OrderCount).returning(OrderCount.status, OrderCount.count)).all()
    sums: dict[OrderStatus, int] = {}
    for status, count in taken:
        sums[status] = sums.get(status, 0) + count
    db.session.add_all(OrderCount(status=status, count=count) for status, count in sums.items())
