"""How many orders have which status, kept and never counted, and since when the oldest of them waits."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from webshop_orders.db.extensions import db
from webshop_orders.models import Order, OrderCount, OrderStatus

OLDEST = select(func.min(Order.placed_at)).where(Order.status == OrderCount.status).scalar_subquery()
KEPT = select(OrderCount.status, func.sum(OrderCount.count), OLDEST).group_by(OrderCount.status)


@dataclass(frozen=True)
class Standing:
    """The orders of one status: how many there are, and when the oldest was placed, in UTC."""

    count: int
    since: datetime | None


def by_status() -> dict[OrderStatus, Standing]:
    """What there is of each status, in one statement."""
    return {status: Standing(int(count), since) for status, count, since in db.session.execute(KEPT)}


def waiting() -> int:
    """How many rows changes have left that are not added up."""
    return db.session.scalar(select(func.count()).select_from(OrderCount)) or 0


def add_up() -> None:
    """Make one row of the many that changes have left; those that come in meanwhile stay as they are."""
    taken = db.session.execute(delete(OrderCount).returning(OrderCount.status, OrderCount.count)).all()
    sums: dict[OrderStatus, int] = {}
    for status, count in taken:
        sums[status] = sums.get(status, 0) + count
    db.session.add_all(OrderCount(status=status, count=count) for status, count in sums.items())
