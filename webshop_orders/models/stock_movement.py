from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.clock import now
from webshop_orders.db.columns import enum_column
from webshop_orders.db.extensions import Base
from webshop_orders.models.actor import ActorKind


class MovementReason(StrEnum):
    """Why the stock of a product changed; SET is a level that another system or an import gave."""

    OPENING = "opening"
    SHIPPED = "shipped"
    REOPENED = "reopened"
    RETURNED = "returned"
    RETURN_UNDONE = "return_undone"
    RECEIVED = "received"
    COUNTED = "counted"
    WASTE = "waste"
    DAMAGED = "damaged"
    OWN_USE = "own_use"
    CORRECTION = "correction"
    SET = "set"
    OTHER = "other"


# The reasons that people may choose: what takes units off, what is to be explained by a note, and all of them.
TAKEN_OFF = (MovementReason.WASTE, MovementReason.DAMAGED, MovementReason.OWN_USE)
EXPLAINED = (MovementReason.CORRECTION, MovementReason.OTHER)
BY_HAND = (MovementReason.RECEIVED, *TAKEN_OFF, *EXPLAINED)


class StockMovement(Base):
    """A change of the stock of a product by `quantity` units: who made it, when, and why.

    `stock` is the level after it, None where stock is no longer tracked; then `quantity` takes all of it off. So the
    movements of a product add up to its stock. `version` is the product's `stock_version` after it. `reference` names
    the shipment or the return that it follows from, `request_key` is the idempotency key of a request that made it.
    """

    __tablename__ = "stock_movements"
    __table_args__ = (
        UniqueConstraint("product_id", "version"),
        Index(
            "ix_stock_movements_request_key",
            "request_key",
            "product_id",
            unique=True,
            postgresql_where=text("request_key is not null"),
            sqlite_where=text("request_key is not null"),
        ),
        Base.__table_args__,
    )
    __is_only_added__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)
    actor_kind: Mapped[ActorKind] = mapped_column(enum_column(ActorKind))
    actor_name: Mapped[str]
    user_id: Mapped[int | None]
    quantity: Mapped[int]
    stock: Mapped[int | None]
    reason: Mapped[MovementReason] = mapped_column(enum_column(MovementReason))
    note: Mapped[str | None]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    reference: Mapped[str | None]
    incoming_delivery_id: Mapped[int | None] = mapped_column(ForeignKey("incoming_deliveries.id"))
    request_key: Mapped[str | None]
