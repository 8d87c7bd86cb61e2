from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, orm_insert_sentinel

from webshop_orders.clock import now
from webshop_orders.db.columns import Json, enum_column
from webshop_orders.db.extensions import Base
from webshop_orders.models.actor import ActorKind
from webshop_orders.models.event_facts import EventFacts, read_facts
from webshop_orders.models.event_kind import EventKind


class Event(Base):
    """One change of an order: who made it, when, of which kind, and the facts before and after.

    `version` is the order's version after the change; `request_key` is the idempotency key of the request that made
    it, `user_id` the user who was signed in, `batch_id` the batch that it is part of, and `request_id` the id of the
    request in the log. `facts` are stored as `models.event_facts` defines them for the kind.
    """

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("order_id", "request_key"),
        Index("ix_events_order_id_version", "order_id", "version"),
        Base.__table_args__,
    )
    __is_only_added__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    actor_kind: Mapped[ActorKind] = mapped_column(enum_column(ActorKind))
    actor_name: Mapped[str]
    user_id: Mapped[int | None]
    kind: Mapped[EventKind] = mapped_column(enum_column(EventKind))
    version: Mapped[int]
    facts: Mapped[dict[str, Any]] = mapped_column(Json())
    request_key: Mapped[str | None]
    batch_id: Mapped[int | None]
    request_id: Mapped[str | None]
    sentinel: Mapped[int | None] = orm_insert_sentinel()  # null, since events are not inserted by the unit of work

    def read_facts(self) -> EventFacts:
        return read_facts(self.kind, self.facts)
