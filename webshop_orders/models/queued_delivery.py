from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from webshop_orders.clock import now
from webshop_orders.db.columns import enum_column


class MessageState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    RETRYING = "retrying"
    GIVEN_UP = "given_up"
    HELD = "held"


PENDING_STATES = (MessageState.QUEUED, MessageState.SENDING, MessageState.RETRYING)
DUE_WHILE_PENDING = "(state in ('queued', 'sending', 'retrying')) = (due_at is not null)"


class QueuedDelivery:
    """What waits in the outbox for a worker, be it a mail or a webhook.

    A worker may take it once it is due, at `due_at`, and has it to itself until the new `due_at` that it sets; there
    is none where nothing more happens by itself. It is tried for so long from `tried_from` on, and then given up.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    queued_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime | None]
    tried_from: Mapped[datetime] = mapped_column(default=now)
    attempts: Mapped[int] = mapped_column(default=0)
    last_answer: Mapped[str | None]
    sent_at: Mapped[datetime | None]

    @declared_attr
    def state(self) -> Mapped[MessageState]:
        return mapped_column(enum_column(MessageState), default=MessageState.QUEUED)


class DeliveryAttempt:
    """One try to deliver what waits: when it ended, the state that it left, and what the other side answered."""

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)
    answer: Mapped[str]

    @declared_attr
    def state(self) -> Mapped[MessageState]:
        return mapped_column(enum_column(MessageState))
