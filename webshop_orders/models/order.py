from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, Index, exists, literal_column, select, text
from sqlalchemy.orm import Mapped, column_property, composite, mapped_column, relationship

from webshop_orders.clock import now
from webshop_orders.db.columns import C_COLLATED, Json, ValueObject, enum_column
from webshop_orders.db.extensions import Base
from webshop_orders.errors import RuleViolation
from webshop_orders.models import gift_marks, search_terms, untold_events
from webshop_orders.models.approval import Approval
from webshop_orders.models.attribute import Attribute
from webshop_orders.models.charge import Charge
from webshop_orders.models.comment import Comment
from webshop_orders.models.customer import Address, Customer
from webshop_orders.models.goods_return import Return
from webshop_orders.models.hold import Hold
from webshop_orders.models.inbox_item import Attention
from webshop_orders.models.message import Message
from webshop_orders.models.payment_part import PaymentPart
from webshop_orders.models.priority import Priority
from webshop_orders.models.refund import Refund, RefundState
from webshop_orders.models.registered_payment import RegisteredPayment
from webshop_orders.models.removed_units import RemovedUnits
from webshop_orders.models.shipment import Shipment
from webshop_orders.text import phone_search
from webshop_orders.text.folding import sort_key
from webshop_orders.text.search import search_text

if TYPE_CHECKING:
    from webshop_orders.models.line import Line


class OrderStatus(StrEnum):
    READY = "ready"
    BACKORDERED = "backordered"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


# The shop has more than the order costs. Written out, since databases use the index only for exactly this expression.
IS_TO_REFUND = "orders.paid > case when orders.cancelled_at is null then orders.total - orders.credited else 0 end"
TO_REFUND_ONLY: dict[str, Any] = {
    f"{database}_where": text(IS_TO_REFUND.replace("orders.", "")) for database in ("sqlite", "postgresql")
}
# Something of it has not left. Written out for the same reason.
IS_WAITING = "orders.status in ('ready', 'backordered', 'partly_shipped')"
WAITING_ONLY: dict[str, Any] = {
    f"{database}_where": text(IS_WAITING.replace("orders.", "")) for database in ("sqlite", "postgresql")
}

# The predicates of partial indexes, written as each database gets them in queries.
HELD_ONLY: dict[str, Any] = {
    "postgresql_where": text("is_held"),
    "sqlite_where": text("is_held = 1"),
}
HOLD_ENDS: dict[str, Any] = {
    f"{database}_where": text("hold_ends_on is not null") for database in ("sqlite", "postgresql")
}

NOT_COMPUTED: dict[str, Any] = {f"{database}_where": text("attention is null") for database in ("sqlite", "postgresql")}

COMMENTS = Comment.__table__
MAX_SHIPMENTS = 50  # of one order: its page shows them all
OPEN_STATUSES = (OrderStatus.READY, OrderStatus.BACKORDERED, OrderStatus.PARTLY_SHIPPED)


@dataclass(frozen=True)
class Difference:
    """A value in which an order differs from the shop that it came from; `field` is named as in the order's JSON."""

    field: str
    here: str | None
    shop: str | None


class Order(Base):
    """What a customer bought. Amounts in öre of `currency`, VAT rates in basis points.

    `status`, `total`, `units`, `search_text` and the keys are derived from the rest and refreshed with each change.
    Triggers of the database maintain the search index and the counts of orders by status. `shop_differences` are
    shown to staff until they dismiss them. `shop_number` is the number that the customer knows from the shop.

    `paid` is what the shop has now, without `refunded`, which it gave back; `written_off` is what it asks nobody for.
    `payments` has the parts where several methods paid. `vat_corrections`, by rate, is what the shop's VAT is above
    ours, since it rounds elsewhere. `approval` is what the customer approved, None until the first change of lines,
    and `removed_units` are those that were taken off since, the latest last. `vat_country` is the country that the VAT
    was charged for, None while the delivery address is still in it.

    `holds` are those that stand, `is_held` whether one of them keeps something from leaving, and `hold_ends_on` the
    first day that one ends on, in ISO 8601. `refunds` and `registered_payments` are part of `paid` and `refunded` once
    they are done; `credited` is what the refunds that stand take off what it costs. `last_ids` has the last number that
    was given to a hold, a return, a refund or a payment of the order.

    One that `ships_whole` gets no stock until stock covers all of it. `priority` puts it before older ones that wait
    for the same products, which `is_prioritised` says to queries. `attention` is what of it needs a person, None until
    that is computed anew; triggers keep the inbox equal to it.
    """

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("shipping_price >= 0 and paid >= 0", name="amounts"),
        CheckConstraint("shipping_vat_rate between 0 and 10000", name="shipping_vat_rate"),
        Index("ix_orders_placed_at_id", "placed_at", "id"),
        Index("ix_orders_status_placed_at_id", "status", "placed_at", "id"),
        Index("ix_orders_payment_method_placed_at_id", "payment_method", "placed_at", "id"),
        Index("ix_orders_status_payment_method_placed_at_id", "status", "payment_method", "placed_at", "id"),
        Index("ix_orders_number_key_id", "number_key", "id"),
        Index("ix_orders_status_number_key_id", "status", "number_key", "id"),
        Index("ix_orders_customer_key_id", "customer_key", "id"),
        Index("ix_orders_status_customer_key_id", "status", "customer_key", "id"),
        Index("ix_orders_total_id", "total", "id"),
        Index("ix_orders_shop_number", "shop_number"),
        Index("ix_orders_email_key", "email_key"),
        Index("ix_orders_phone_key", "phone_key"),
        Index("ix_orders_status_total_id", "status", "total", "id"),
        Index("ix_orders_updated_at_id", "updated_at", "id"),
        Index("ix_orders_status_updated_at_id", "status", "updated_at", "id"),
        Index("ix_orders_to_refund_placed_at_id", "placed_at", "id", **TO_REFUND_ONLY),
        Index("ix_orders_to_refund_updated_at_id", "updated_at", "id", **TO_REFUND_ONLY),
        Index("ix_orders_held_placed_at_id", "placed_at", "id", **HELD_ONLY),
        Index("ix_orders_waiting_placed_at_id", "placed_at", "id", **WAITING_ONLY),
        Index("ix_orders_hold_ends_on", "hold_ends_on", **HOLD_ENDS),
        Index("ix_orders_attention", "id", **NOT_COMPUTED),
        Base.__table_args__,
    )

    __batched_columns__ = ("version", "status", "event_count", "message_count", "updated_at")

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(C_COLLATED, unique=True)
    external_reference: Mapped[str | None] = mapped_column(C_COLLATED, unique=True)
    shop_number: Mapped[str | None] = mapped_column(C_COLLATED)
    is_test: Mapped[bool] = mapped_column(default=False)
    placed_at: Mapped[datetime] = mapped_column()
    updated_at: Mapped[datetime] = mapped_column(default=now)
    currency: Mapped[str]
    language: Mapped[str]
    prices_include_vat: Mapped[bool] = mapped_column(default=True)
    rounds_to_whole_kronor: Mapped[bool] = mapped_column(default=False)

    customer: Mapped[Customer] = composite(
        mapped_column("customer_name"),
        mapped_column("customer_company"),
        mapped_column("customer_email"),
        mapped_column("customer_phone"),
        mapped_column("customer_organisation_number"),
        mapped_column("customer_unusable_email"),
    )
    billing_address: Mapped[Address] = mapped_column(ValueObject(Address))
    shipping_address: Mapped[Address] = mapped_column(ValueObject(Address))

    payment_method: Mapped[str | None]
    paid: Mapped[int] = mapped_column(default=0)
    refunded: Mapped[int] = mapped_column(default=0)
    written_off: Mapped[int] = mapped_column(default=0)
    payments: Mapped[list[PaymentPart]] = mapped_column(ValueObject(PaymentPart, many=True), default=list)
    shipping_method: Mapped[str | None]
    shipping_price: Mapped[int] = mapped_column(default=0)
    shipping_vat_rate: Mapped[int] = mapped_column(default=0)
    charges: Mapped[list[Charge]] = mapped_column(ValueObject(Charge, many=True), default=list)
    vat_corrections: Mapped[dict[str, int]] = mapped_column(Json(), default=dict)
    approval: Mapped[Approval | None] = mapped_column(ValueObject(Approval))
    removed_units: Mapped[list[RemovedUnits]] = mapped_column(ValueObject(RemovedUnits, many=True), default=list)
    vat_country: Mapped[str | None]
    holds: Mapped[list[Hold]] = mapped_column(ValueObject(Hold, many=True), default=list)
    returns: Mapped[list[Return]] = mapped_column(ValueObject(Return, many=True), default=list)
    refunds: Mapped[list[Refund]] = mapped_column(ValueObject(Refund, many=True), default=list)
    registered_payments: Mapped[list[RegisteredPayment]] = mapped_column(
        ValueObject(RegisteredPayment, many=True), default=list
    )
    last_ids: Mapped[dict[str, int]] = mapped_column(Json(), default=dict)
    ships_whole: Mapped[bool] = mapped_column(default=False)
    priority: Mapped[Priority | None] = mapped_column(ValueObject(Priority))
    has_unread_comment: Mapped[bool] = mapped_column(default=False)
    attributes: Mapped[list[Attribute]] = mapped_column(ValueObject(Attribute, many=True), default=list)

    cancelled_at: Mapped[datetime | None]
    personal_data_erased_at: Mapped[datetime | None]
    shop_differences: Mapped[list[Difference]] = mapped_column(ValueObject(Difference, many=True), default=list)
    version: Mapped[int] = mapped_column(default=1)
    last_seq: Mapped[int] = mapped_column(default=0)
    event_count: Mapped[int] = mapped_column(default=0)
    message_count: Mapped[int] = mapped_column(default=0)

    status: Mapped[OrderStatus] = mapped_column(enum_column(OrderStatus), default=OrderStatus.READY)
    total: Mapped[int] = mapped_column(default=0)
    credited: Mapped[int] = mapped_column(default=0)
    is_held: Mapped[bool] = mapped_column(default=False)
    hold_ends_on: Mapped[str | None]
    is_prioritised: Mapped[bool] = mapped_column(default=False)
    attention: Mapped[list[Attention] | None] = mapped_column(ValueObject(Attention, many=True))
    units: Mapped[int] = mapped_column(default=0)
    search_text: Mapped[str] = mapped_column(default="")
    number_key: Mapped[str] = mapped_column(C_COLLATED, default="")
    customer_key: Mapped[str] = mapped_column(C_COLLATED, default="")
    email_key: Mapped[str] = mapped_column(C_COLLATED, default="")
    phone_key: Mapped[str] = mapped_column(C_COLLATED, default="")

    has_failed_mail: Mapped[bool] = column_property(
        exists().where(Message.order_id == id, Message.needs_attention),  # noqa: A003
        deferred=True,
        expire_on_flush=False,
    )

    customer_comment: Mapped[str | None] = column_property(
        select(COMMENTS.c.text)
        .where(COMMENTS.c.order_id == id, COMMENTS.c.from_customer)  # noqa: A003
        .limit(literal_column("1"))
        .scalar_subquery(),
        deferred=True,
        expire_on_flush=False,
    )

    untold_events: Mapped[str | None] = column_property(
        untold_events.of_order(id, placed_at),  # type: ignore[arg-type]  # noqa: A003
        deferred=True,
        expire_on_flush=False,
    )

    shipments: Mapped[list[Shipment]] = relationship(
        back_populates="order", order_by="Shipment.seq", cascade="all, delete-orphan", lazy="raise_on_sql"
    )

    @property
    def lines(self) -> Iterator[Line]:
        return (line for shipment in self.shipments for line in shipment.lines)

    @property
    def open_shipments(self) -> list[Shipment]:
        return [shipment for shipment in self.shipments if shipment.is_open]

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    def holds_of(self, shipment: int) -> list[Hold]:
        """The holds that keep the shipment with this number from leaving."""
        return [hold for hold in self.holds if hold.covers(shipment)]

    def find_return(self, return_id: int) -> Return | None:
        return next((found for found in self.returns if found.id == return_id), None)

    def units_returned(self, line_id: int) -> int:
        """Units of a line that came back, or are awaited."""
        return sum(line.units for a_return in self.returns for line in a_return.lines if line.line_id == line_id)

    def find_hold(self, hold_id: int) -> Hold | None:
        return next((hold for hold in self.holds if hold.id == hold_id), None)

    def next_id(self, kind: str) -> int:
        """The next number of a hold, a return, a refund or a payment of this order, which is never given again."""
        number = self.last_ids.get(kind, 0) + 1
        self.last_ids = {**self.last_ids, kind: number}
        return number

    @property
    def pending_refunds(self) -> int:
        """The money of refunds that are requested and not carried out, in öre."""
        return sum(refund.amount for refund in self.refunds if refund.is_pending)

    @property
    def refunded_elsewhere(self) -> int:
        """What was given back without a record of it here, in öre."""
        return self.refunded - sum(refund.amount for refund in self.refunds if refund.state is RefundState.DONE)

    @property
    def is_gift(self) -> bool:
        """Whether the customer said that it is a gift, or had something wrapped as one."""
        told = [*self.attributes, *(chosen for line in self.lines for chosen in line.properties)]
        bought = [*(charge.name for charge in self.charges), *(line.name for line in self.lines)]
        return any(map(gift_marks.marks_gift, told)) or gift_marks.has_wrapping(bought)

    def note_event(self, kind: str, facts: dict[str, Any]) -> None:
        """Note an event that is recorded after the order was read."""
        vars(self).setdefault("new_events", []).append((kind, facts))

    def forget_noted_events(self) -> None:
        """Forget those events, as the order was read again."""
        vars(self).pop("new_events", None)

    def untold_facts(self) -> list[tuple[str, dict[str, Any]]]:
        """The kinds and facts of `untold_events`, and of those that were recorded since, the latest last.

        There are none once personal data are erased, as facts are then too.
        """
        if self.personal_data_erased_at is not None:
            return []
        stored = sorted(json.loads(self.untold_events)) if self.untold_events else []
        new = [event for event in vars(self).get("new_events", []) if event[0] in untold_events.KINDS]
        return [(kind, json.loads(facts)) for _id, kind, facts in stored] + new

    def computed_status(self) -> OrderStatus:
        """The order status that follows from the delivery statuses."""
        statuses = {shipment.status.value for shipment in self.shipments}
        if self.is_cancelled:
            return OrderStatus.CANCELLED
        if statuses == {"shipped"}:
            return OrderStatus.SHIPPED
        if "shipped" in statuses:
            return OrderStatus.PARTLY_SHIPPED
        if "backordered" in statuses:
            return OrderStatus.BACKORDERED
        return OrderStatus.READY

    def find_shipment(self, seq: int) -> Shipment | None:
        return next((shipment for shipment in self.shipments if shipment.seq == seq), None)

    def find_line(self, line_id: int) -> Line | None:
        return next((line for line in self.lines if line.id == line_id), None)

    def check_not_cancelled(self) -> None:
        """Raise RuleViolation where the order is cancelled, which closes it."""
        if self.is_cancelled:
            raise RuleViolation(_("Order %(number)s is cancelled and cannot change.", number=self.number))

    def add_shipment(self, make: Callable[..., Shipment] = Shipment) -> Shipment:
        """Add an empty shipment under the next reference, which is never one that was used before.

        Raises RuleViolation where the order has `MAX_SHIPMENTS`.
        """
        if len(self.shipments) >= MAX_SHIPMENTS:
            raise RuleViolation(_("An order has at most %(most)s shipments.", most=MAX_SHIPMENTS))
        self.last_seq += 1
        shipment = make(seq=self.last_seq, lines=[], tracking_codes=[], former_codes=[])
        self.shipments.append(shipment)
        return shipment

    def refresh_derived_columns(self) -> None:
        """Recompute the status, the number of units, and the keys that the list sorts and finds the order by.

        Not the total: `money.recalculation` does that, where lines change.
        """
        self.status = self.computed_status()
        self.units = sum(line.quantity for line in self.lines)
        self.credited = sum(refund.credited for refund in self.refunds if refund.stands)
        self.is_held = bool(self.holds) and any(shipment.is_held for shipment in self.open_shipments)
        for shipment in self.shipments:
            shipment.refresh_derived_columns()
        self.is_prioritised = self.priority is not None
        self.hold_ends_on = min((hold.until for hold in self.holds if hold.until), default=None)
        self.number_key, self.customer_key = sort_key(self.number), sort_key(self.customer.display_name)
        self.email_key, self.phone_key = email_key(self.customer.email), phone_search.key(self.customer.phone)
        self.search_text = search_text(search_terms.of_order(self))


def email_key(email: str | None) -> str:
    """The lookup key of an e-mail address: case-folded, empty where there is none."""
    return (email or "").casefold()
