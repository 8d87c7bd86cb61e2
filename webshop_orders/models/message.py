from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, column, exists, table, text
from sqlalchemy.orm import Mapped, column_property, mapped_column

from webshop_orders.db.columns import enum_column
from webshop_orders.db.extensions import Base
from webshop_orders.models.actor import ActorKind
from webshop_orders.models.event_kind import EventKind
from webshop_orders.models.queued_delivery import DUE_WHILE_PENDING, MessageState, QueuedDelivery


class MessageKind(StrEnum):
    ORDER_CONFIRMATION = "order_confirmation"
    DELIVERY_CONFIRMATION = "delivery_confirmation"
    ORDER_CHANGED = "order_changed"
    COMMENT = "comment"
    SHOP_NOTIFICATION = "shop_notification"
    WITHDRAWAL_RECEIPT = "withdrawal_receipt"
    RETURN_REGISTERED = "return_registered"
    CREDIT_NOTE = "credit_note"
    BACKORDER_NOTICE = "backorder_notice"

    @property
    def is_about_shipment(self) -> bool:
        return self is MessageKind.DELIVERY_CONFIRMATION


# Those that a change of an order causes: undoing it withdraws them, and once they have left it cannot be undone.
CAUSED_BY_CHANGES = (MessageKind.DELIVERY_CONFIRMATION, MessageKind.RETURN_REGISTERED, MessageKind.CREDIT_NOTE)


class MailHoldReason(StrEnum):
    """Why a mail is held: the shop sends its kind by hand only, or no mail server is configured."""

    NOT_AUTOMATIC = "not_automatic"
    NO_SERVER = "no_server"


# Of `Event`, which has the facts of messages.
EVENTS = table("events", column("order_id"), column("kind"), column("facts", JSON))
# The predicates of partial indexes, written as each database gets them in queries.
NEEDS_ATTENTION: dict[str, Any] = {
    "postgresql_where": text("needs_attention"),
    "sqlite_where": text("needs_attention = 1"),
}
IS_TEST: dict[str, Any] = {"postgresql_where": text("is_test"), "sqlite_where": text("is_test = 1")}


class Message(QueuedDelivery, Base):
    """A mail in the outbox, exactly as it is sent, with the state of its delivery.

    `needs_attention` is true from when it is given up until it is queued again, copied or dismissed. `remark` tells
    staff of a problem with how it was rendered. `is_to_former_email` if the customer had the address before.
    `order_version` is the version that the order got by the change that caused an automatic mail.
    """

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint(DUE_WHILE_PENDING, name="due_at"),
        CheckConstraint("(state = 'held') = (held_because is not null)", name="held_because"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at is not null)", name="withdrawn_at"),
        Index("ix_messages_due_at_id", "due_at", "id"),
        Index("ix_messages_state_id", "state", "id"),
        Index("ix_messages_needs_attention", "id", **NEEDS_ATTENTION),
        Index("ix_messages_is_test", "id", **IS_TEST),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    shipment_reference: Mapped[str | None]
    kind: Mapped[MessageKind] = mapped_column(enum_column(MessageKind))
    language: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    sender: Mapped[str]
    recipient: Mapped[str] = mapped_column()
    reply_to: Mapped[str | None]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    caused_by: Mapped[str]
    caused_by_kind: Mapped[ActorKind] = mapped_column(enum_column(ActorKind))
    automatic: Mapped[bool]
    is_test: Mapped[bool] = mapped_column(default=False)
    remark: Mapped[str | None]
    search_text: Mapped[str]
    held_because: Mapped[MailHoldReason | None] = mapped_column(enum_column(MailHoldReason, name="heldbecause"))
    needs_attention: Mapped[bool] = mapped_column(default=False)
    order_version: Mapped[int | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]

    is_to_former_email: Mapped[bool] = column_property(
        exists().where(
            EVENTS.c.order_id == order_id,
            EVENTS.c.kind == EventKind.CUSTOMER_CHANGED.value,
            EVENTS.c.facts[("customer", "before", "email")].as_string() == recipient,
        ),
        deferred=True,
        expire_on_flush=False,
    )

    @property
    def is_unsent(self) -> bool:
        """Whether it waits for someone, or to be tried again; not while a worker may be sending it."""
        return self.can_be_requeued or self.state is MessageState.RETRYING

    @property
    def can_be_requeued(self) -> bool:
        """Whether it is not sent until someone queues it again."""
        return self.state in {MessageState.GIVEN_UP, MessageState.HELD, MessageState.WITHDRAWN}

    @property
    def has_left(self) -> bool:
        """Whether it may have reached someone: a worker took it, now or before."""
        return self.attempts > 0 or self.state in {MessageState.SENDING, MessageState.SENT}

    @property
    def can_be_withdrawn(self) -> bool:
        """Whether it waits in the outbox, and no worker has taken it yet."""
        return self.state in {MessageState.QUEUED, MessageState.HELD} and not self.has_left
