from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.clock import now
from webshop_orders.db.extensions import Base


class Heartbeat(Base):
    """A process that runs: `process` names its machine and process id, and `seen_at` is when it last said so.

    `kind` is what it runs, such as "worker", and `version` the version of the order desk.
    """

    __tablename__ = "heartbeats"

    process: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    version: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
