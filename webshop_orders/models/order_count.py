from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.db.columns import enum_column
from webshop_orders.db.extensions import Base
from webshop_orders.models.order import OrderStatus


class OrderCount(Base):
    """A change of the number of orders with a status; the sum over the rows of a status is that number.

    Triggers insert a row with each change, which needs no lock; the worker compacts the rows periodically.
    """

    __tablename__ = "order_counts"
    __table_args__ = (Index("ix_order_counts_status", "status"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[OrderStatus] = mapped_column(enum_column(OrderStatus))
    count: Mapped[int]
