from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.clock import now
from webshop_orders.db.extensions import Base


class Backup(Base):
    """A backup of this database: the file it was written to, its size in bytes, or why it failed.

    `finished_at` is None while it is being made, and where the process that made it died.
    """

    __tablename__ = "backups"

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    path: Mapped[str]
    size: Mapped[int | None]
    failure: Mapped[str | None]


IS_GOOD = (Backup.finished_at.is_not(None), Backup.failure.is_(None))
