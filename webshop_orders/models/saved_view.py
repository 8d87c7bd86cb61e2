from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webshop_orders.db.extensions import IDS_USED_ONCE, Base
from webshop_orders.models.user import User


class SavedView(Base):
    """A query of the list of orders that a user saved under a name, for themselves or shared with all users.

    `query` is the query string of the list's URL.
    """

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("user_id", "name"), IDS_USED_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    shared: Mapped[bool]
    query: Mapped[str]

    user: Mapped[User] = relationship(lazy="raise")
