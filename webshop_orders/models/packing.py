from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.clock import now
from webshop_orders.db.columns import enum_column
from webshop_orders.db.extensions import IDS_USED_ONCE, Base
from webshop_orders.models.line import MAX_QUANTITY

BEING_PACKED = text("state = 'packing'")


class PackingState(StrEnum):
    """A session ends when its shipment was shipped from it, or when the packer left it."""

    PACKING = "packing"
    SHIPPED = "shipped"
    LEFT = "left"


class ScanKind(StrEnum):
    """What a scan did: only those that count for something are kept, and what took one back."""

    UNITS = "units"
    CODE = "code"
    NEW_PARCEL = "new_parcel"
    ASKED_TO_SHIP = "asked_to_ship"
    ASKED_FOR_MISSING = "asked_for_missing"
    SPLIT_OFF = "split_off"
    READ_AGAIN = "read_again"
    UNDONE = "undone"


class PackingSession(Base):
    """A shipment, the `seq`th of its order, that someone is packing, from a batch or on its own.

    A shipment is packed by one person at a time, which a unique index sees to. `order_version` is the version of the
    order whose lines were read. `ships_when_scanned` is whether it leaves without another word once all of it and a
    label are scanned. `seen_at` is when the packer last did something.
    """

    __tablename__ = "packing_sessions"
    __table_args__ = (
        Index(
            "ix_packing_sessions_order_id_seq",
            "order_id",
            "seq",
            unique=True,
            sqlite_where=BEING_PACKED,
            postgresql_where=BEING_PACKED,
        ),
        Index("ix_packing_sessions_user_id", "user_id"),
        Index("ix_packing_sessions_seen_at", "seen_at"),
        IDS_USED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    seq: Mapped[int]
    batch_id: Mapped[int | None]
    user_id: Mapped[int]
    user_name: Mapped[str]
    state: Mapped[PackingState] = mapped_column(enum_column(PackingState), default=PackingState.PACKING)
    order_version: Mapped[int]
    ships_when_scanned: Mapped[bool] = mapped_column(default=False)
    began_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)


class PackingLine(Base):
    """A line of a shipment as the packer sees it, and how many of its units are packed.

    It has no foreign key to the line, which may change or disappear while it is packed: then both are compared.
    """

    __tablename__ = "packing_lines"
    __table_args__ = (
        CheckConstraint(f"quantity between 1 and {MAX_QUANTITY}", name="quantity"),
        CheckConstraint("packed between 0 and quantity", name="packed"),
        Base.__table_args__,
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("packing_sessions.id"), primary_key=True, autoincrement=False)
    line_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sku: Mapped[str]
    name: Mapped[str]
    quantity: Mapped[int]
    packed: Mapped[int] = mapped_column(default=0)

    @property
    def left(self) -> int:
        return self.quantity - self.packed


class PackingScan(Base):
    """A scan that counted for something: units of a line, a parcel's code, or a question to the packer.

    `text` is the code of a parcel, or the warnings that were asked about. A request that is sent twice has the same
    `request_key`, and is carried out once.
    """

    __tablename__ = "packing_scans"
    __table_args__ = (UniqueConstraint("session_id", "request_key"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("packing_sessions.id"))
    kind: Mapped[ScanKind] = mapped_column(enum_column(ScanKind))
    line_id: Mapped[int | None]
    units: Mapped[int] = mapped_column(default=0)
    text: Mapped[str | None]
    carrier: Mapped[str | None]
    url: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(default=now)
    request_key: Mapped[str | None]
    undone: Mapped[bool] = mapped_column(default=False)
