from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webshop_orders.clock import now
from webshop_orders.db.columns import ValueObject, enum_column
from webshop_orders.db.extensions import IDS_USED_ONCE, Base
from webshop_orders.errors import Held, RuleViolation
from webshop_orders.models.capture import Capture
from webshop_orders.models.hold import Hold
from webshop_orders.models.tracking_code import FormerCode

if TYPE_CHECKING:
    from webshop_orders.models.line import Line
    from webshop_orders.models.order import Order
    from webshop_orders.models.tracking_code import TrackingCode


class DeliveryStatus(StrEnum):
    READY = "ready"
    BACKORDERED = "backordered"
    SHIPPED = "shipped"


class Shipment(Base):
    """The part of an order that leaves together; its carrier says when it was delivered.

    Or that nobody collected it at `uncollected_at`, and that it is on its way back since `sent_back_at`.
    `former_codes` are those that were corrected or removed after it left; they are shown, and found by a search.
    `capture` is what was to be charged for it when it left, None while it is open. `gives_stock` is derived, for
    queries: whether others get its stock while it is held; as is `ready_since`, from when on it could have left.
    """

    __tablename__ = "shipments"
    __table_args__ = (
        UniqueConstraint("order_id", "seq"),
        CheckConstraint("(status = 'shipped') = (shipped_at is not null)", name="shipped_at"),
        IDS_USED_ONCE,
    )

    __batched_columns__ = ("status", "shipped_at")

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    seq: Mapped[int]
    status: Mapped[DeliveryStatus] = mapped_column(enum_column(DeliveryStatus), default=DeliveryStatus.READY)
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    uncollected_at: Mapped[datetime | None]
    sent_back_at: Mapped[datetime | None]
    capture: Mapped[Capture | None] = mapped_column(ValueObject(Capture))
    gives_stock: Mapped[bool] = mapped_column(default=False)
    ready_since: Mapped[datetime | None]
    former_codes: Mapped[list[FormerCode]] = mapped_column(ValueObject(FormerCode, many=True), default=list)

    order: Mapped[Order] = relationship(back_populates="shipments", lazy="raise_on_sql")
    lines: Mapped[list[Line]] = relationship(
        back_populates="shipment", order_by="Line.id", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    tracking_codes: Mapped[list[TrackingCode]] = relationship(
        back_populates="shipment", order_by="TrackingCode.id", cascade="all, delete-orphan", lazy="raise_on_sql"
    )

    @property
    def reference(self) -> str:
        """The shipment's public reference, such as WS-100234-1."""
        return f"{self.order.number}-{self.seq}"

    @property
    def is_shipped(self) -> bool:
        return self.status is DeliveryStatus.SHIPPED

    @property
    def is_open(self) -> bool:
        return not self.is_shipped and not self.order.is_cancelled

    @property
    def holds(self) -> list[Hold]:
        """What keeps it from leaving: holds of its own, and those of the whole order."""
        return self.order.holds_of(self.seq) if self.order.holds else []

    @property
    def is_held(self) -> bool:
        return bool(self.holds)

    @property
    def is_uncollected(self) -> bool:
        """Whether nobody collected a parcel of it, and it was not delivered after all."""
        return self._is_last(self.uncollected_at)

    @property
    def is_sent_back(self) -> bool:
        """Whether a parcel of it is on its way back, and it was not delivered after all."""
        return self._is_last(self.sent_back_at)

    def _is_last(self, at: datetime | None) -> bool:
        return at is not None and (self.delivered_at is None or self.delivered_at < at)

    @property
    def is_ready_to_leave(self) -> bool:
        return self.status is DeliveryStatus.READY and self.is_open and not self.is_held

    @property
    def keeps_stock(self) -> bool:
        """Whether stock covers its lines: a hold can give it to other orders meanwhile."""
        return all(hold.keeps_stock for hold in self.holds)

    @property
    def quantity(self) -> int:
        return sum([line.quantity for line in self.lines])

    @property
    def backordered(self) -> int:
        return self._uncovered if self.is_open else 0

    @property
    def shipped_uncovered(self) -> int:
        """Units that left although stock did not cover them."""
        return self._uncovered if self.is_shipped else 0

    @property
    def _uncovered(self) -> int:
        return sum([line.quantity - line.reserved for line in self.lines])

    @property
    def computed_status(self) -> DeliveryStatus:
        """The delivery status of an open shipment that follows from the reservations of its lines."""
        return DeliveryStatus.BACKORDERED if self.backordered else DeliveryStatus.READY

    @property
    def is_set_by_hand(self) -> bool:
        """Whether the delivery status of an open shipment is another than the one that follows from its lines."""
        return self.is_open and self.status is not self.computed_status

    def check_open(self) -> None:
        """Raise RuleViolation where the shipment's lines and quantities cannot change any more."""
        self.order.check_not_cancelled()
        if self.is_shipped:
            raise RuleViolation(
                _("%(shipment)s is shipped, so its products can no longer change.", shipment=self.reference)
            )

    def check_not_held(self) -> None:
        """Raise Held, naming the holds, where one keeps the shipment from leaving."""
        if self.is_held:
            reasons = ", ".join(dict.fromkeys(hold.label for hold in self.holds))
            raise Held(
                _("%(shipment)s is paused: %(reasons)s. Release it first.", shipment=self.reference, reasons=reasons)
            )

    def check_can_reopen(self) -> None:
        """Raise RuleViolation, naming them, where returns or refunds are about products that left with it."""
        ids = {line.id for line in self.lines}
        number = self.order.number
        about = [
            a_return.reference(number)
            for a_return in self.order.returns
            if any(line.line_id in ids and line.units for line in a_return.lines)
        ]
        about += [
            f"{number}-K{refund.id}"
            for refund in self.order.refunds
            if refund.stands and any(row.line_id in ids for row in refund.rows)
        ]
        if about:
            raise RuleViolation(
                _(
                    "%(shipment)s cannot be opened again: %(about)s is about products of it.",
                    shipment=self.reference,
                    about=", ".join(about),
                )
            )

    def refresh_status(self) -> None:
        """Recompute the delivery status of an open shipment from its lines.

        One without lines leaves the order, and its holds with it.
        """
        if self.lines:
            self.status = self.computed_status
            return
        order, remaining = self.order, [hold for hold in self.order.holds if hold.shipment != self.seq]
        if len(remaining) < len(order.holds):
            order.holds = remaining
        order.shipments.remove(self)

    def refresh_derived_columns(self) -> None:
        """Recompute what queries need, without assigning what stays: that would be examined at each flush."""
        is_open = self.is_open
        gives_stock = is_open and not self.keeps_stock
        if self.gives_stock is not gives_stock:
            self.gives_stock = gives_stock
        is_ready = self.is_ready_to_leave
        if is_ready is (self.ready_since is None):
            self.ready_since = now() if is_ready else None
        for line in self.lines:
            waiting = line.uncovered if is_open else 0
            if line.waiting != waiting:
                line.waiting = waiting

    @property
    def lines_by_bundle(self) -> list[Line]:
        """The lines as they are shown: each bundle followed by its parts."""
        parts: dict[str | None, list[Line]] = {
            line.bundle: [] for line in self.lines if line.bundle and not line.is_part
        }
        if not parts:
            return list(self.lines)
        others = [line for line in self.lines if not (line.is_part and line.bundle in parts)]
        for line in self.lines:
            if line.is_part and line.bundle in parts:
                parts[line.bundle].append(line)
        return [shown for line in others for shown in (line, *parts.pop(line.bundle, []))]

    def find_mergeable(self, line: Line) -> Line | None:
        """Another line of this shipment that sells the same as `line`."""
        return next((other for other in self.lines if other is not line and other.can_merge_with(line)), None)
