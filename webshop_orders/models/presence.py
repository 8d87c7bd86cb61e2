from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.db.columns import enum_column
from webshop_orders.db.extensions import Base

# How long someone counts as present after their page was last heard of.
PRESENCE = timedelta(seconds=60)


class Place(StrEnum):
    """What of an order someone is editing."""

    LINE = "line"
    SHIPMENT = "shipment"
    CUSTOMER = "customer"
    COMMENT = "comment"
    PRODUCT = "product"


class Presence(Base):
    """A user who has an order open, `seen_at` a moment ago, and the place in it that they are editing.

    `place_id` is the id of a line or the number of a shipment. There are no foreign keys: checking that of the order
    would wait for whoever is changing it.
    """

    __tablename__ = "presences"
    __table_args__ = (Index("ix_presences_seen_at", "seen_at"), Base.__table_args__)

    order_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[Place | None] = mapped_column(enum_column(Place))
    place_id: Mapped[int | None]
    seen_at: Mapped[datetime]
