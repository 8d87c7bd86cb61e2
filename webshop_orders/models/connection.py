from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.clock import now
from webshop_orders.db.columns import Json, enum_column
from webshop_orders.db.extensions import IDS_USED_ONCE, Base
from webshop_orders.models.actor import Actor, ActorKind


class ConnectionKind(StrEnum):
    WOOCOMMERCE = "woocommerce"
    SHOPIFY = "shopify"


class Connection(Base):
    """A connected shop of another system that delivers its orders to us, signed with `secret`.

    `prefix` begins the external references of its orders, so that two shops never share one. `time_zone` is the one of
    its times that lack one, if not the order desk's. `status_map` has what an order of a status there becomes, where
    that differs from the usual; an order older than `mail_max_age_days` mails nobody.
    """

    __tablename__ = "connections"
    __table_args__ = (UniqueConstraint("prefix"), IDS_USED_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ConnectionKind] = mapped_column(enum_column(ConnectionKind))
    name: Mapped[str]
    prefix: Mapped[str]
    secret: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(default=now)
    last_used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    time_zone: Mapped[str | None]
    status_map: Mapped[dict[str, str]] = mapped_column(Json(), default=dict)
    mail_max_age_days: Mapped[int] = mapped_column(default=30)
    uses_shop_number: Mapped[bool] = mapped_column(default=False)

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.INTEGRATION, self.name)


class ReceivedDelivery(Base):
    """A webhook delivery of a connected shop that was processed, by its own id."""

    __tablename__ = "received_deliveries"
    __table_args__ = (UniqueConstraint("connection_id", "delivery_id"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    delivery_id: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now, index=True)


class SourceOrder(Base):
    """The source document of an order: how the system that it came from last described it.

    It tells the same order from another under one reference, and the shop's changes from those of staff.
    """

    __tablename__ = "told_orders"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connections.id"))
    document: Mapped[dict[str, Any]] = mapped_column(Json())
    is_cancelled: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime | None]
