from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webshop_orders.clock import now
from webshop_orders.db.extensions import IDS_USED_ONCE, Base
from webshop_orders.models.product import Product

MAX_UNITS = 999_999
MAX_NOTE_LENGTH = 200
EXPECTED = text("closed_at is null")


class IncomingDeliveryState(StrEnum):
    """An open delivery is still expected, at least in part; a closed one has come, or was cancelled."""

    OPEN = "open"
    CLOSED = "closed"


class IncomingDelivery(Base):
    """So many units of a product that are expected on a day, and how many of them were `received`.

    `expected_on` is a day in ISO 8601, None where it is not known. It is closed once all has come, or no more will.
    `request_key` is the idempotency key of the request that registered it.
    """

    __tablename__ = "incoming_deliveries"
    __table_args__ = (
        CheckConstraint("quantity > 0 and received >= 0", name="quantity"),
        Index(
            "ix_incoming_deliveries_expected",
            "product_id",
            "expected_on",
            "id",
            sqlite_where=EXPECTED,
            postgresql_where=EXPECTED,
        ),
        Index(
            "ix_incoming_deliveries_expected_on_id",
            "expected_on",
            "id",
            sqlite_where=EXPECTED,
            postgresql_where=EXPECTED,
        ),
        Index("ix_incoming_deliveries_closed_at_id", "closed_at", "id"),
        IDS_USED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    quantity: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    expected_on: Mapped[str | None]
    note: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime] = mapped_column(default=now)
    made_by: Mapped[str]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    request_key: Mapped[str | None] = mapped_column(unique=True)

    product: Mapped[Product] = relationship(lazy="raise_on_sql")

    @property
    def remaining(self) -> int:
        """Units that are still expected."""
        return 0 if self.closed_at else max(0, self.quantity - self.received)

    @property
    def day(self) -> date | None:
        return date.fromisoformat(self.expected_on) if self.expected_on else None
