from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.db.extensions import Base
from webshop_orders.models.queued_delivery import DeliveryAttempt


class MessageAttempt(DeliveryAttempt, Base):
    """An attempt to deliver a mail."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("message_id", "number"), Base.__table_args__)

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
