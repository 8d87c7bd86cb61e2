from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.db.columns import enum_column
from webshop_orders.db.extensions import IDS_USED_ONCE, Base
from webshop_orders.models.queued_delivery import DUE_WHILE_PENDING, QueuedDelivery


class AccountMailKind(StrEnum):
    INVITATION = "invitation"
    RESET = "reset"


class AccountMail(QueuedDelivery, Base):
    """A mail with a link for one user alone. Its body is written at delivery, so that the link is never stored."""

    __tablename__ = "account_mails"
    __table_args__ = (
        CheckConstraint(DUE_WHILE_PENDING, name="due_at"),
        Index("ix_account_mails_due_at_id", "due_at", "id"),
        Index("ix_account_mails_user_id_id", "user_id", "id"),
        IDS_USED_ONCE,
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[AccountMailKind] = mapped_column(enum_column(AccountMailKind))
    language: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    caused_by: Mapped[str]
