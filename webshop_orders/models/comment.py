from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.clock import now
from webshop_orders.db.columns import enum_column
from webshop_orders.db.extensions import Base


class CommentKind(StrEnum):
    INTERNAL = "internal"
    CUSTOMER = "customer"


class Comment(Base):
    """A comment on an order: internal, to the customer, or `from_customer`, which has the kind CUSTOMER too.

    `message_id` is the id of the mail that took it to the customer, where it was mailed.
    """

    __tablename__ = "comments"
    __is_only_added__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    kind: Mapped[CommentKind] = mapped_column(enum_column(CommentKind))
    text: Mapped[str]
    author: Mapped[str]
    mailed: Mapped[bool] = mapped_column(default=False)
    from_customer: Mapped[bool] = mapped_column(default=False)
    message_id: Mapped[int | None]
    written_at: Mapped[datetime] = mapped_column(default=now)
