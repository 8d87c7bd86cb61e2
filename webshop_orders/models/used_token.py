from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.extensions import Base


class UsedToken(Base):
    """A host's token that someone came in with, so that nobody does again; kept `until` it has expired anyway."""

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
