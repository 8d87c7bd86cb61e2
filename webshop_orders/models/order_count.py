from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.db.columns import enum_column
from webshop_orders.db.extensions import Base
from webshop_orders.models.order import OrderStatus


class OrderCount(Base):
    """How many orders came to have a status, or fewer have it: the sum over its rows is how many there are.

    Triggers add a row with each change, which waits for no other; the worker adds them up now and then.
    """

    __tablename__ = "order_counts"
    __table_args__ = (Index("ix_order_counts_status", "status"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[OrderStatus] = mapped_column(enum_column(OrderStatus))
    count: Mapped[int]
