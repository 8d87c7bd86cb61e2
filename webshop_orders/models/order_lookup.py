from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, event
from sqlalchemy.orm import Mapped, declared_attr, mapped_column


class OrderLookup:
    """A row that the list finds orders by, with its order's id and time of placement, so that an index sorts it."""

    placed_at: Mapped[datetime]

    @declared_attr
    def order_id(cls) -> Mapped[int]:  # noqa: N805
        return mapped_column(ForeignKey("orders.id"))


@event.listens_for(OrderLookup, "before_insert", propagate=True)
def _copy_from_order(mapper: Any, connection: Any, row: Any) -> None:
    order = row.shipment.order
    row.order_id, row.placed_at = order.id, order.placed_at
