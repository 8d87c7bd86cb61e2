from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, cast
from sqlalchemy.orm import Mapped, column_property, mapped_column

from webshop_orders.clock import now
from webshop_orders.db.extensions import IDS_USED_ONCE, Base

ANSWERED_REQUEST_RETENTION = timedelta(hours=24)


class AnsweredRequest(Base):
    """A request with an Idempotency-Key, and its stored answer, which a repetition of the request gets.

    `digest` is the hash of the request, which differs for another request under the same key. `request_key` is the
    key of its events.
    """

    __tablename__ = "answered_requests"
    __table_args__ = (
        UniqueConstraint("api_key_id", "key"),
        CheckConstraint("(status is null) = (body is null)", name="answered"),
        IDS_USED_ONCE,
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
