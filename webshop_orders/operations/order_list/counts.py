"""How many orders have each status, since when the oldest of them waits, and how many are held.

Triggers write one row of `OrderCount` for each change of status, and a status has as many orders as its rows add up to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from webshop_orders.db import kept_counts
from webshop_orders.db.extensions import db
from webshop_orders.models import Order, OrderCount, OrderStatus

# Columns of the tables and not of the models, so that rows are read without the ORM.
ORDERS, COUNTS = Order.__table__.c, OrderCount.__table__.c
IS_WAITING = (ORDERS.status == COUNTS.status, ~ORDERS.is_held)
OLDEST_PLACED_AT = select(func.min(ORDERS.placed_at)).where(*IS_WAITING).scalar_subquery()
STATUS_COUNTS = select(COUNTS.status, func.sum(COUNTS.count), OLDEST_PLACED_AT).group_by(COUNTS.status)
# Read from the index of what is held, of which there is little.
HELD_COUNTS = select(ORDERS.status, func.count()).where(ORDERS.is_held).group_by(ORDERS.status)


@dataclass(frozen=True)
class StatusCount:
    """How many orders have a status, and when the oldest of them that is not held was placed, in UTC."""

    count: int
    oldest_placed_at: datetime | None


def by_status() -> dict[OrderStatus, StatusCount]:
    """The counts of all statuses that any order has or had, in one statement."""
    return of_rows(db.session.execute(STATUS_COUNTS).all())


def of_rows(rows: Iterable[Sequence[Any]]) -> dict[OrderStatus, StatusCount]:
    """The counts that the rows of `STATUS_COUNTS` are."""
    return {status: StatusCount(int(count), oldest_placed_at) for status, count, oldest_placed_at in rows}


def count_rows() -> int:
    """How many rows there are to add up."""
    return db.session.scalar(select(func.count()).select_from(OrderCount)) or 0


def compact() -> None:
    """Replace the rows of each status by one with their sum; rows that are added at the same time stay."""
    kept_counts.compact(OrderCount, ("status",))
