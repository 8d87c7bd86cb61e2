from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webshop_orders.db.columns import C_COLLATED
from webshop_orders.db.extensions import IDS_USED_ONCE, Base
from webshop_orders.models.order_lookup import OrderLookup

if TYPE_CHECKING:
    from webshop_orders.models.shipment import Shipment

MAX_CODES = 50  # of one shipment
CODE = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z ._/-]{0,98}[0-9A-Za-z])?")
LINK = re.compile(r"https?://[0-9A-Za-z.-]+(?::[0-9]{1,5})?(?:[/?#][!-~]*)?")


@dataclass(frozen=True)
class FormerCode:
    """A code that a shipment had when it left, and that was corrected since: to `replaced_by`, or it was removed."""

    code: str
    carrier: str | None = None
    replaced_by: str | None = None


class TrackingCode(OrderLookup, Base):
    """A carrier's number for a parcel, and when the carrier delivered it.

    `url` is set where staff pasted a link that is no known carrier's. `is_unmailed` if it came after the shipment's
    delivery confirmation. `order_status` repeats the order's status in the database, where triggers keep it for the
    list of a carrier and a status; an object in memory does not know it.
    """

    __tablename__ = "tracking_codes"
    __table_args__ = (
        UniqueConstraint("shipment_id", "code"),
        Index("ix_tracking_codes_carrier_placed_at_order_id", "carrier", "placed_at", "order_id"),
        Index(
            "ix_tracking_codes_carrier_order_status_placed_at_order_id",
            *("carrier", "order_status", "placed_at", "order_id"),
        ),
        IDS_USED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipments.id"))
    code: Mapped[str] = mapped_column(C_COLLATED, index=True)
    carrier: Mapped[str | None]
    url: Mapped[str | None]
    delivered_at: Mapped[datetime | None]
    is_unmailed: Mapped[bool] = mapped_column(default=False)
    order_status: Mapped[str] = mapped_column(default="shipped", deferred=True)

    shipment: Mapped[Shipment] = relationship(back_populates="tracking_codes", lazy="raise_on_sql")
