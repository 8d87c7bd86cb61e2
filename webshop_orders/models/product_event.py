from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.clock import now
from webshop_orders.db.columns import Json, enum_column
from webshop_orders.db.extensions import Base
from webshop_orders.models.actor import ActorKind


class ProductEvent(Base):
    """A change of a product, but not of its stock: who made it, when, and each field before and after.

    `version` is the product's version after it; `changes` has `{"before": …, "after": …}` by the name of the column.
    """

    __tablename__ = "product_events"
    __table_args__ = (UniqueConstraint("product_id", "version"), Base.__table_args__)
    __is_only_added__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)
    actor_kind: Mapped[ActorKind] = mapped_column(enum_column(ActorKind))
    actor_name: Mapped[str]
    user_id: Mapped[int | None]
    changes: Mapped[dict[str, Any]] = mapped_column(Json())
