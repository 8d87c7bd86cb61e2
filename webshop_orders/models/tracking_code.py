from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webshop_orders.extensions import Base

if TYPE_CHECKING:
    from webshop_orders.models.shipment import Shipment


class TrackingCode(Base):
    """A carrier's number for a parcel; `url` is set where staff pasted a link of their own."""

    __tablename__ = "tracking_codes"
    __table_args__ = (UniqueConstraint("shipment_id", "code"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipments.id"))
    code: Mapped[str]
    carrier: Mapped[str | None]
    url: Mapped[str | None]

    shipment: Mapped[Shipment] = relationship(back_populates="tracking_codes", lazy="raise_on_sql")
