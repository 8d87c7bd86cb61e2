from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.columns import enum_column, now
from webshop_orders.extensions import Base


class MessageKind(StrEnum):
    ORDER_CONFIRMATION = "order_confirmation"
    DELIVERY_CONFIRMATION = "delivery_confirmation"
    COMMENT = "comment"
    SHOP_NOTIFICATION = "shop_notification"


class MessageState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    RETRYING = "retrying"
    GIVEN_UP = "given_up"


class Message(Base):
    """One mail in the outbox, exactly as it leaves, with what became of it.

    It is due at `due_at`; while a worker holds it, until `leased_until`, no other takes it.
    """

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_state_due_at", "state", "due_at"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    shipment_reference: Mapped[str | None]
    kind: Mapped[MessageKind] = mapped_column(enum_column(MessageKind))
    language: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    sender: Mapped[str]
    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    caused_by: Mapped[str]
    automatic: Mapped[bool]
    queued_at: Mapped[datetime] = mapped_column(default=now)

    state: Mapped[MessageState] = mapped_column(enum_column(MessageState), default=MessageState.QUEUED)
    due_at: Mapped[datetime] = mapped_column(default=now)
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_answer: Mapped[str | None]
    sent_at: Mapped[datetime | None]
