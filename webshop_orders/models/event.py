from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, orm_insert_sentinel

from webshop_orders.clock import now
from webshop_orders.db.columns import enum_column
from webshop_orders.db.extensions import Base
from webshop_orders.models.actor import ActorKind


class EventKind(StrEnum):
    ORDER_PLACED = "order_placed"
    ORDER_IMPORTED = "order_imported"
    ORDER_CANCELLED = "order_cancelled"
    CUSTOMER_CHANGED = "customer_changed"
    LINE_ADDED = "line_added"
    LINE_CHANGED = "line_changed"
    LINE_REMOVED = "line_removed"
    LINE_SPLIT = "line_split"
    BACKORDERED_SPLIT = "backordered_split"
    SHIPMENT_SHIPPED = "shipment_shipped"
    SHIPMENT_REOPENED = "shipment_reopened"
    STATUS_SET = "status_set"
    TRACKING_ADDED = "tracking_added"
    TRACKING_REMOVED = "tracking_removed"
    COMMENT_ADDED = "comment_added"
    CONFIRMATION_SENT = "confirmation_sent"
    MESSAGE_QUEUED_AGAIN = "message_queued_again"
    MESSAGE_RESENT = "message_resent"
    MESSAGE_SETTLED = "message_settled"
    BACKORDER_COVERED = "backorder_covered"
    COVER_WITHDRAWN = "cover_withdrawn"
    PAYMENT_CHANGED = "payment_changed"
    SHOP_DIFFERS = "shop_differs"
    SHOP_SETTLED = "shop_settled"
    PERSONAL_DATA_ERASED = "personal_data_erased"

    @property
    def bumps_version(self) -> bool:
        """Whether the change makes the forms stale that were drawn before it."""
        return self not in {
            EventKind.COMMENT_ADDED,
            EventKind.CONFIRMATION_SENT,
            EventKind.MESSAGE_QUEUED_AGAIN,
            EventKind.MESSAGE_RESENT,
            EventKind.MESSAGE_SETTLED,
            EventKind.BACKORDER_COVERED,
            EventKind.COVER_WITHDRAWN,
            EventKind.PAYMENT_CHANGED,
            EventKind.SHOP_DIFFERS,
            EventKind.SHOP_SETTLED,
        }


class Event(Base):
    """One change of an order: who, when, what, and the facts before and after.

    `version` is the order's version after the change; `request_key` names the request that asked for it, so
    that the same request sent twice is carried out once.
    """

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("order_id", "request_key"),
        Index("ix_events_order_id_version", "order_id", "version"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    actor_kind: Mapped[ActorKind] = mapped_column(enum_column(ActorKind))
    actor_name: Mapped[str]
    kind: Mapped[EventKind] = mapped_column(enum_column(EventKind))
    version: Mapped[int]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    request_key: Mapped[str | None]
    sentinel: Mapped[int | None] = orm_insert_sentinel()  # as on Line
