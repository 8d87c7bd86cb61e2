from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.db.extensions import Base


class PinnedView(Base):
    """A saved view that a user has above the list, their own or a shared one, in the sequence of `position`."""

    __tablename__ = "pinned_views"
    __table_args__ = (Index("ix_pinned_views_view_id", "view_id"), Base.__table_args__)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    view_id: Mapped[int] = mapped_column(ForeignKey("saved_views.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int]
