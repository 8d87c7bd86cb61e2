from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.clock import now
from webshop_orders.db.extensions import Base


class Delivery(Base):
    """A delivery that an ERP reported, under its own id; `digest` is the hash of the report, to detect repetitions."""

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("order_id", "reference"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    reference: Mapped[str]
    digest: Mapped[str]
    shipment_seq: Mapped[int]
    reported_at: Mapped[datetime] = mapped_column(default=now)
