from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from webshop_orders import request_ids
from webshop_orders.clock import now
from webshop_orders.db.columns import enum_column


class MessageState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    RETRYING = "retrying"
    GIVEN_UP = "given_up"
    HELD = "held"
    WITHDRAWN = "withdrawn"  # a mail only, with the change that caused it


PENDING_STATES = (MessageState.QUEUED, MessageState.SENDING, MessageState.RETRYING)
DUE_WHILE_PENDING = "(state in ('queued', 'sending', 'retrying')) = (due_at is not null)"


class QueuedDelivery:
    """A row of an outbox queue: a mail or a webhook message.

    A worker may lease it from `due_at` on, and sets a later `due_at`, the end of the lease; None means that nothing
    more happens to it automatically. It is given up a certain time after `tried_from`. `request_id` is that of the
    request that queued it.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    queued_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime | None]
    tried_from: Mapped[datetime] = mapped_column(default=now)
    attempts: Mapped[int] = mapped_column(default=0)
    last_answer: Mapped[str | None]
    request_id: Mapped[str | None] = mapped_column(default=request_ids.current)
    sent_at: Mapped[datetime | None]

    @declared_attr
    def state(self) -> Mapped[MessageState]:
        return mapped_column(enum_column(MessageState), default=MessageState.QUEUED)


class DeliveryAttempt:
    """An attempt at delivery: when it ended, the state that it left, and the answer of the other side."""

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)
    answer: Mapped[str]

    @declared_attr
    def state(self) -> Mapped[MessageState]:
        return mapped_column(enum_column(MessageState))
