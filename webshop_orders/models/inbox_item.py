from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webshop_orders.db.columns import Json, enum_column
from webshop_orders.db.extensions import IDS_USED_ONCE, Base

PUT_ASIDE: dict[str, Any] = {
    f"{database}_where": text("snoozed_until is not null") for database in ("sqlite", "postgresql")
}


class InboxKind(StrEnum):
    """What needs a person. The facts of each:

    FAILED_MAIL, of an order or, without one, of an address: `message` (the id of the latest), `kind`, `answer`, `times`
    SENT_WITHOUT_CODE, READY_TOO_LONG: `shipment` (its reference)
    CODE_WITHOUT_SHIPPING: `shipment`, `codes`
    SOURCE_DIFFERS: `differences`, each with `field`, `here` and `shop`
    DELIVERY_REFUSED: `delivery` (the id that the sender gave it, or None), `reason`, `shipped` (shipments until then)
    WEBHOOK_OFF: `webhook` (its id), `url`, `because` (`DisabledReason`)
    TO_REFUND, TO_CHARGE: `amount` (in minor units), `currency`
    CUSTOMER_COMMENT: none
    HOLD_ENDED: `shipment` (None for the whole order), `reason`, `rule` and `until` of the hold
    DISPATCH_CHECK: `shipment`, `checks` (`DispatchCheck`)
    WITHDRAWAL: `withdrawal` (its id), `number` (as it was stated)
    INCOMING_CALL, of a source and a reason: `call` (the id of the latest), `source`, `reason`, `reference`, `times`
    """

    FAILED_MAIL = "failed_mail"
    SENT_WITHOUT_CODE = "sent_without_code"
    CODE_WITHOUT_SHIPPING = "code_without_shipping"
    READY_TOO_LONG = "ready_too_long"
    SOURCE_DIFFERS = "shop_differs"
    DELIVERY_REFUSED = "delivery_refused"
    WEBHOOK_OFF = "webhook_off"
    TO_REFUND = "to_refund"
    TO_CHARGE = "to_charge"
    CUSTOMER_COMMENT = "customer_comment"
    HOLD_ENDED = "hold_ended"
    DISPATCH_CHECK = "dispatch_check"
    WITHDRAWAL = "withdrawal"
    INCOMING_CALL = "incoming_call"


@dataclass(frozen=True)
class Attention:
    """Something of an order that needs a person, as the order stores it: triggers keep the inbox equal to it.

    `subject` tells it from others of its kind, such as the reference of a shipment. Times are in UTC, as
    `%Y-%m-%d %H:%M:%S.%f`; it is shown from `due_at` on, at once where that is None.
    """

    kind: InboxKind
    subject: str
    since: str
    due_at: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", InboxKind(self.kind))  # stored as text


class InboxItem(Base):
    """A row of the inbox: something that needs a person, of an order or of the order desk itself.

    `facts` are what its sentence is made of. It is shown from `due_at` on, but not before `snoozed_until` where someone
    put it aside; `wakes_at` is when that will be, None once it is shown. One whose facts change is shown again.
    """

    __tablename__ = "inbox_items"
    __table_args__ = (
        UniqueConstraint("kind", "subject"),
        Index(
            "ix_inbox_items_shown",
            "kind",
            "since",
            "id",
            postgresql_where=text("is_shown"),
            sqlite_where=text("is_shown = 1"),
        ),
        Index(
            "ix_inbox_items_wakes_at",
            "wakes_at",
            postgresql_where=text("not is_shown"),
            sqlite_where=text("is_shown = 0"),
        ),
        Index("ix_inbox_items_put_aside", "snoozed_until", "id", **PUT_ASIDE),
        IDS_USED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[InboxKind] = mapped_column(enum_column(InboxKind))
    subject: Mapped[str]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    since: Mapped[datetime]
    due_at: Mapped[datetime | None]
    facts: Mapped[dict[str, Any]] = mapped_column(Json())
    wakes_at: Mapped[datetime | None]
    is_shown: Mapped[bool] = mapped_column(default=True)
    snoozed_until: Mapped[datetime | None]
    snoozed_by: Mapped[str | None]


class InboxCount(Base):
    """A change of the number of items of a kind that are shown; the sum over the rows of a kind is that number.

    Triggers insert a row with each change, which needs no lock; the worker compacts the rows periodically.
    """

    __tablename__ = "inbox_counts"
    __table_args__ = (Index("ix_inbox_counts_kind", "kind"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[InboxKind] = mapped_column(enum_column(InboxKind))
    count: Mapped[int]
