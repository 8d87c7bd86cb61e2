from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.clock import now
from webshop_orders.db.columns import ValueObject, enum_column
from webshop_orders.db.extensions import IDS_USED_ONCE, Base

MAX_LINES = 100
# The predicate of a partial index, written as each database gets it in queries.
UNSOUGHT: dict[str, Any] = {f"{database}_where": text("sought_at is null") for database in ("sqlite", "postgresql")}


class WithdrawalSource(StrEnum):
    FORM = "form"
    API = "api"


@dataclass(frozen=True)
class WithdrawnLine:
    """Units of a product that a customer withdraws from, as the customer named it; all of them without `quantity`."""

    product: str
    quantity: int | None = None


class Withdrawal(Base):
    """A consumer's statement of withdrawing from a purchase, exactly as it came: from the whole order without `lines`.

    It is kept whether or not it matches an order; `order_id` is the one that it matched, or that staff linked it to.
    `number`, `name` and `email` are what was stated, and `email_key` is what the address is found by. `receipt_id` is
    the mail that acknowledges it. `sought_at` is when its order was looked for, `carried_out_at` when staff dealt with
    its goods, and `handled_at` when they settled it.
    """

    __tablename__ = "withdrawals"
    __table_args__ = (
        Index("ix_withdrawals_handled_at_id", "handled_at", "id"),
        Index("ix_withdrawals_received_at", "received_at"),
        Index("ix_withdrawals_email_key", "email_key"),
        Index("ix_withdrawals_unsought", "id", **UNSOUGHT),
        IDS_USED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    source: Mapped[WithdrawalSource] = mapped_column(enum_column(WithdrawalSource))
    received_at: Mapped[datetime] = mapped_column(default=now)
    language: Mapped[str]
    number: Mapped[str]
    name: Mapped[str]
    email: Mapped[str]
    email_key: Mapped[str]
    lines: Mapped[list[WithdrawnLine]] = mapped_column(ValueObject(WithdrawnLine, many=True), default=list)
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    sought_at: Mapped[datetime | None]
    carried_out_at: Mapped[datetime | None]
    handled_at: Mapped[datetime | None]
    handled_by: Mapped[str | None]
    request_key: Mapped[str | None] = mapped_column(unique=True)

    @property
    def is_handled(self) -> bool:
        return self.handled_at is not None

    @property
    def is_of_whole_order(self) -> bool:
        return not self.lines
