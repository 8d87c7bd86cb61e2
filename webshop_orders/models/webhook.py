from __future__ import annotations

import secrets
from base64 import b64encode
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, orm_insert_sentinel

from webshop_orders.clock import now
from webshop_orders.db.columns import Json, enum_column
from webshop_orders.db.extensions import IDS_USED_ONCE, Base
from webshop_orders.models.queued_delivery import DUE_WHILE_PENDING, DeliveryAttempt, MessageState, QueuedDelivery


class WebhookEvent(StrEnum):
    """The events that webhooks can subscribe to, as the API names them."""

    ORDER_PLACED = "order.placed"
    ORDER_CHANGED = "order.changed"
    ORDER_CANCELLED = "order.cancelled"
    SHIPMENT_READY = "shipment.ready"
    SHIPMENT_SHIPPED = "shipment.shipped"
    SHIPMENT_TRACKING_CHANGED = "shipment.tracking_changed"
    PRODUCT_BACKORDERS_COVERED = "product.backorders_covered"
    ORDER_HELD = "order.held"
    ORDER_RELEASED = "order.released"
    RETURN_REGISTERED = "return.registered"
    RETURN_RECEIVED = "return.received"
    REFUND_REQUESTED = "refund.requested"
    REFUND_DONE = "refund.done"
    WITHDRAWAL_RECEIVED = "withdrawal.received"


class DisabledReason(StrEnum):
    """Why a webhook is disabled: by a user, by its receiver's 410, or after days without an answer."""

    BY_HAND = "by_hand"
    GONE = "gone"
    UNREACHABLE = "unreachable"


def new_secret() -> str:
    """A signing secret in the format of Standard Webhooks: `whsec_` and 32 random bytes in base64."""
    return f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"


class Webhook(Base):
    """An address of another system that subscribes to events; messages are signed with a shared secret.

    The previous secret signs as well until `previous_secret_until`, so that the receiver can switch. Nothing is sent
    before `paused_until`, where the receiver did not answer.
    """

    __tablename__ = "webhooks"
    __table_args__ = (
        CheckConstraint("(disabled_at is null) = (disabled_because is null)", name="disabled"),
        IDS_USED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str]
    events: Mapped[list[str]] = mapped_column(Json())
    secret: Mapped[str] = mapped_column(default=new_secret)
    previous_secret: Mapped[str | None]
    previous_secret_until: Mapped[datetime | None]
    made_at: Mapped[datetime] = mapped_column(default=now)
    made_by: Mapped[str]
    paused_until: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    disabled_because: Mapped[DisabledReason | None] = mapped_column(enum_column(DisabledReason, name="disabledbecause"))

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None

    def active_secrets(self) -> list[str]:
        """The secrets to sign with, the current one first."""
        still_valid = self.previous_secret_until is not None and self.previous_secret_until > now()
        return [self.secret, self.previous_secret] if self.previous_secret and still_valid else [self.secret]


class WebhookMessage(QueuedDelivery, Base):
    """A message to a webhook about an event, as it is sent; those about one order are sent in sequence."""

    __tablename__ = "webhook_messages"
    __table_args__ = (
        CheckConstraint(DUE_WHILE_PENDING, name="due_at"),
        Index("ix_webhook_messages_due_at_id", "due_at", "id"),
        Index("ix_webhook_messages_webhook_id_id", "webhook_id", "id"),
        Index("ix_webhook_messages_state_queued_at", "state", "queued_at"),
        Index(
            "ix_webhook_messages_under_way",
            "webhook_id",
            "order_id",
            "id",
            postgresql_where=text("due_at is not null"),
            sqlite_where=text("due_at is not null"),
        ),
        IDS_USED_ONCE,
    )

    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    event: Mapped[WebhookEvent] = mapped_column(enum_column(WebhookEvent))
    message_id: Mapped[str] = mapped_column(unique=True)
    body: Mapped[str]
    about: Mapped[str]
    sentinel: Mapped[int | None] = orm_insert_sentinel()  # as on Line

    @property
    def can_be_requeued(self) -> bool:
        """Whether nothing more happens to it automatically."""
        return self.state in {MessageState.SENT, MessageState.GIVEN_UP}


class WebhookAttempt(DeliveryAttempt, Base):
    """An attempt to deliver a webhook message."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (UniqueConstraint("message_id", "number"), Base.__table_args__)

    message_id: Mapped[int] = mapped_column(ForeignKey("webhook_messages.id"))
