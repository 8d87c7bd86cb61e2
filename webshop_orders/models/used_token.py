from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.db.extensions import Base

OWN_SESSIONS = "-"  # in place of a host's name, which it cannot be


class UsedToken(Base):
    """What opens nothing any more, kept `until` it has expired anyway.

    It is a host's token that someone came in with, or a session of ours that was signed out of.
    """

    __tablename__ = "used_tokens"
    __table_args__ = (
        UniqueConstraint("host", "token_id"),
        Index("ix_used_tokens_until", "until"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[str]
    token_id: Mapped[str]
    until: Mapped[datetime]
