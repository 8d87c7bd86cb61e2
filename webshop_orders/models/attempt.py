from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.columns import enum_column, now
from webshop_orders.extensions import Base
from webshop_orders.models.message import MessageState


class Attempt(Base):
    """One try to deliver a message: when it ended, the state that it left the message in, and the server's answer."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("message_id", "number"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)
    state: Mapped[MessageState] = mapped_column(enum_column(MessageState))
    answer: Mapped[str]
