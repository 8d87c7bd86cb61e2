from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.db.columns import enum_column
from webshop_orders.db.extensions import Base


class Figure(StrEnum):
    """What is counted: shipments by when they left, and orders that wait by when they were placed."""

    SHIPPED = "shipped"
    WAITING = "waiting"


class HourlyCount(Base):
    """A change of a figure for an hour that begins at `hour`, in UTC; the sum over its rows is the figure.

    Hours, and not days, since a shop can change its time zone. Triggers insert a row with each change, which needs no
    lock; the worker compacts the rows periodically.
    """

    __tablename__ = "hourly_counts"
    __table_args__ = (Index("ix_hourly_counts_figure_hour", "figure", "hour"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    figure: Mapped[Figure] = mapped_column(enum_column(Figure))
    hour: Mapped[datetime]
    count: Mapped[int]
