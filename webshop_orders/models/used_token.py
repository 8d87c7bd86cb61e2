from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.db.extensions import Base

OWN_SESSIONS = "-"  # instead of a host; not a valid host name


class UsedToken(Base):
    """A token that is no longer valid, stored `until` it would have expired.

    It is a host's token that someone signed in with, or one of our own sessions that was signed out.
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
