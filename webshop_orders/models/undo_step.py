from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.clock import now
from webshop_orders.db.columns import Json
from webshop_orders.db.extensions import IDS_USED_ONCE, Base


class UndoStep(Base):
    """A change that a user made to an order, to be taken back and carried out again.

    It led from `from_version` of the order to `version`. `before` and `after` have the values of the rows that it
    altered, as `operations.undo.order_state` writes them. `undone_version` is the version that taking it back made;
    None while it stands.
    """

    __tablename__ = "undo_steps"
    __table_args__ = (
        Index("ix_undo_steps_order_id_id", "order_id", "id"),
        Index("ix_undo_steps_at", "at"),
        IDS_USED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    user_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)
    from_version: Mapped[int]
    version: Mapped[int]
    undone_version: Mapped[int | None]
    before: Mapped[dict[str, Any]] = mapped_column(Json())
    after: Mapped[dict[str, Any]] = mapped_column(Json())
