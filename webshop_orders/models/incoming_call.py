from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.clock import now
from webshop_orders.db.columns import enum_column
from webshop_orders.db.extensions import IDS_USED_ONCE, Base


class CallOutcome(StrEnum):
    """What became of an incoming call; NOT_TAKEN waits for a person."""

    PLACED = "placed"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    IGNORED = "ignored"
    NOT_TAKEN = "not_taken"


class IncomingCall(Base):
    """A webhook of a connected shop or a callback of a shipping system, with what became of it.

    `source` names the system, `reference` the order in it. The body is kept for `Shop.incoming_call_days`.
    """

    __tablename__ = "incoming_calls"
    __table_args__ = (
        Index("ix_incoming_calls_received_at_id", "received_at", "id"),
        Index("ix_incoming_calls_outcome_id", "outcome", "id"),
        IDS_USED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(default=now)
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connections.id"))
    source: Mapped[str]
    topic: Mapped[str | None]
    reference: Mapped[str | None]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    outcome: Mapped[CallOutcome] = mapped_column(enum_column(CallOutcome))
    reason: Mapped[str | None]
    body: Mapped[str]
    retried_at: Mapped[datetime | None]
