from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, cast
from sqlalchemy.orm import Mapped, column_property, mapped_column

from webshop_orders.clock import now
from webshop_orders.db.extensions import Base


class AnsweredRequest(Base):
    """A request that carried an Idempotency-Key, and its answer once there is one, to be given again.

    `digest` tells the same request from another with the same key. `request_key` is what its events carry.
    """

    __tablename__ = "answered_requests"
    __table_args__ = (
        UniqueConstraint("api_key_id", "key"),
        CheckConstraint("(status is null) = (body is null)", name="answered"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id"))
    key: Mapped[str]
    digest: Mapped[str]
    began_at: Mapped[datetime] = mapped_column(default=now, index=True)
    status: Mapped[int | None]
    headers: Mapped[str | None]
    body: Mapped[str | None]

    request_key: Mapped[str] = column_property(
        "api-" + cast(api_key_id, String) + "-" + cast(id, String),  # noqa: A003
        deferred=True,
    )
