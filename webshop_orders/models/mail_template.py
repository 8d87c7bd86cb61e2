from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.clock import now
from webshop_orders.db.columns import ValueObject, enum_column
from webshop_orders.db.extensions import Base
from webshop_orders.models.message import MessageKind


@dataclass(frozen=True)
class MailSource:
    """The Liquid source of a mail template: its subject, and the same content as text and as HTML."""

    subject: str
    text: str
    html: str


class MailTemplate(Base):
    """A version of the template for a kind of mail in a language. The newest is active; none is ever changed.

    `source` is None where the shop went back to the template that is shipped with the order desk.
    """

    __tablename__ = "mail_templates"
    __table_args__ = (Index("ix_mail_templates_kind_language_id", "kind", "language", "id"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[MessageKind] = mapped_column(enum_column(MessageKind))
    language: Mapped[str]
    source: Mapped[MailSource | None] = mapped_column(ValueObject(MailSource))
    saved_at: Mapped[datetime] = mapped_column(default=now)
    saved_by: Mapped[str]
