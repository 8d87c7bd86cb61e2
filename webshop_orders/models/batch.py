from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webshop_orders.clock import now
from webshop_orders.db.columns import Json, enum_column
from webshop_orders.db.extensions import IDS_USED_ONCE, Base
from webshop_orders.models.actor import Actor, ActorKind
from webshop_orders.models.order import Order

WAITING = text("due_at is not null")


class BatchAction(StrEnum):
    """What is done to each order of a batch."""

    SHIP = "ship"
    SEND_CONFIRMATION = "send_confirmation"
    SET_STATUS = "set_status"
    CANCEL = "cancel"
    ADD_TRACKING = "add_tracking"
    UNDO = "undo"
    SEND_BACKORDER_NOTICE = "send_backorder_notice"


class BatchState(StrEnum):
    """A draft is a list of orders that nothing has been done with; a running batch has orders that are waiting."""

    DRAFT = "draft"
    RUNNING = "running"
    FINISHED = "finished"


class BatchOrderState(StrEnum):
    LISTED = "listed"
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


class Batch(Base):
    """A named list of orders that are worked on together, one transaction each (rule 27).

    Someone made it by selecting orders, and it stays until it is closed: its lists can be printed again, and what is
    done to its orders next is another `action` of the same batch, with the `options` of that action. `request_id` is
    that of the request that started it.
    """

    __tablename__ = "batches"
    __table_args__ = (Index("ix_batches_created_at", "created_at"), IDS_USED_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    action: Mapped[BatchAction | None] = mapped_column(enum_column(BatchAction))
    options: Mapped[dict[str, Any]] = mapped_column(Json(), default=dict)
    state: Mapped[BatchState] = mapped_column(enum_column(BatchState), default=BatchState.DRAFT)
    created_at: Mapped[datetime] = mapped_column(default=now)
    actor_kind: Mapped[ActorKind] = mapped_column(enum_column(ActorKind))
    actor_name: Mapped[str]
    user_id: Mapped[int | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    request_key: Mapped[str | None] = mapped_column(unique=True)
    request_id: Mapped[str | None]

    @property
    def actor(self) -> Actor:
        """Whoever started it, in whose name each of its orders is changed."""
        return Actor(self.actor_kind, self.actor_name, user_id=self.user_id, batch_id=self.id)


class BatchOrder(Base):
    """An order of a batch, at its `position` in it, and what became of it.

    While it waits, `due_at` is when a worker may take it; a worker that has taken it holds it until then, and
    `attempts` tells its hold from those of others. `reason` is why it was refused, as a sentence. `data` is what the
    action needs of this order, such as its tracking codes. `version` is the order's after what was done.
    `boxes` has the box number of each shipment, by its number in the order, and `printed_version` the order's version
    when its pick list was printed.
    """

    __tablename__ = "batch_orders"
    __table_args__ = (
        UniqueConstraint("batch_id", "order_id"),
        Index("ix_batch_orders_order_id", "order_id"),
        Index("ix_batch_orders_waiting", "batch_id", "due_at", "id", sqlite_where=WAITING, postgresql_where=WAITING),
        IDS_USED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    state: Mapped[BatchOrderState] = mapped_column(enum_column(BatchOrderState), default=BatchOrderState.LISTED)
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None]
    data: Mapped[dict[str, Any] | None] = mapped_column(Json())
    version: Mapped[int | None]
    boxes: Mapped[dict[str, int]] = mapped_column(Json(), default=dict)
    printed_version: Mapped[int | None]

    batch: Mapped[Batch] = relationship(lazy="raise")
    order: Mapped[Order] = relationship(lazy="raise")
