from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.clock import now
from webshop_orders.db.columns import Json, enum_column
from webshop_orders.db.extensions import Base


class AccessKind(StrEnum):
    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGNED_OUT = "signed_out"
    REQUEST_REFUSED = "request_refused"
    SETTINGS_CHANGED = "settings_changed"
    USER_CHANGED = "user_changed"
    PERSONAL_DATA = "personal_data"


class AccessEntry(Base):
    """An entry of the access log: a sign-in, a refused request, or a change of settings or users.

    `who` is the name or e-mail address that the person gave or has, `address` their network address.
    """

    __tablename__ = "access_log"
    __table_args__ = (
        Index("ix_access_log_at", "at"),
        Index("ix_access_log_kind_id", "kind", "id"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    kind: Mapped[AccessKind] = mapped_column(enum_column(AccessKind))
    who: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    address: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(Json(), default=dict)
