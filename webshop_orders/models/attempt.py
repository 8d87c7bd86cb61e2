from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.extensions import Base
from webshop_orders.models.queued import Tried


class Attempt(Tried, Base):
    """One try to deliver a mail."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("message_id", "number"), Base.__table_args__)

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
