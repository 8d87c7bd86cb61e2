"""A batch that is packed shipment by shipment: which are packed, and which one comes next."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, case, func, or_, select

from webshop_orders.db.extensions import db
from webshop_orders.models import (
    Batch,
    BatchOrder,
    DeliveryStatus,
    Hold,
    Order,
    PackingSession,
    PackingState,
    Shipment,
)
from webshop_orders.operations.batches import selection

MAX_BATCHES = 10
ORDERS, SHIPMENTS, BATCHES = BatchOrder.__table__.c, Shipment.__table__.c, Batch.__table__.c
SESSIONS = PackingSession.__table__.c
# What had left before the batch was made is no part of it, and what waits for stock is not picked.
IS_PACKED = and_(SHIPMENTS.status == DeliveryStatus.SHIPPED, SHIPMENTS.shipped_at >= BATCHES.created_at)
IS_OF_BATCH = or_(IS_PACKED, SHIPMENTS.status == DeliveryStatus.READY)


@dataclass(frozen=True)
class Stop:
    """A shipment of a batch: its box, if the pick list gave it one, and who is packing it.

    `is_edited` is whether its order was edited since the pick list was printed, and `holds` keep it from leaving.
    """

    number: str
    seq: int
    customer: str
    box: int | None
    is_edited: bool
    is_packed: bool
    holds: list[Hold]
    holder_id: int | None
    holder_name: str | None

    @property
    def reference(self) -> str:
        return f"{self.number}-{self.seq}"

    @property
    def is_held(self) -> bool:
        return bool(self.holds)


@dataclass(frozen=True)
class Round:
    """A batch and its shipments, in the sequence in which they are packed: by box, or else as they were selected."""

    batch: Batch
    stops: list[Stop]

    @property
    def packed(self) -> int:
        return sum(stop.is_packed for stop in self.stops)

    @property
    def left(self) -> list[Stop]:
        return [stop for stop in self.stops if not stop.is_packed]

    def next_for(self, user_id: int) -> Stop | None:
        """What a packer packs next of what can leave: what they have begun, or else what nobody is packing."""
        begun = [stop for stop in self.left if stop.holder_id == user_id and not stop.is_held]
        free = [stop for stop in self.left if stop.holder_id is None and not stop.is_held]
        return next(iter(begun + free), None)

    def find(self, number: str, seq: int) -> Stop | None:
        return next((stop for stop in self.stops if (stop.number, stop.seq) == (number, seq)), None)


@dataclass(frozen=True)
class ListedRound:
    """An open batch with the number of its shipments, and of those that are packed."""

    batch: Batch
    packed: int
    size: int


def read(batch_id: int) -> Round:
    """A batch as it stands; raises NotFound."""
    batch = selection.get(batch_id)
    rows = db.session.execute(
        select(
            Order.number,
            SHIPMENTS.seq,
            Order.__table__.c.customer_name,
            ORDERS.boxes,
            Order.__table__.c.version > ORDERS.printed_version,
            SHIPMENTS.status,
            Order.__table__.c.holds,
            SESSIONS.user_id,
            SESSIONS.user_name,
        )
        .select_from(BatchOrder)
        .join(Batch, BATCHES.id == ORDERS.batch_id)
        .join(Order, Order.id == ORDERS.order_id)
        .join(Shipment, SHIPMENTS.order_id == ORDERS.order_id)
        .outerjoin(
            PackingSession,
            and_(
                SESSIONS.order_id == ORDERS.order_id,
                SESSIONS.seq == SHIPMENTS.seq,
                SESSIONS.state == PackingState.PACKING,
            ),
        )
        .where(ORDERS.batch_id == batch_id, Order.cancelled_at.is_(None), IS_OF_BATCH)
        .order_by(ORDERS.position, SHIPMENTS.seq)
    )
    stops = [
        Stop(
            number,
            seq,
            customer,
            (boxes or {}).get(str(seq)),
            bool(is_edited),
            status is DeliveryStatus.SHIPPED,
            [] if status is DeliveryStatus.SHIPPED else [hold for hold in holds if hold.covers(seq)],
            holder_id,
            holder_name,
        )
        for number, seq, customer, boxes, is_edited, status, holds, holder_id, holder_name in rows
    ]
    return Round(batch, sorted(stops, key=lambda stop: (stop.box is None, stop.box or 0)))


def open_rounds() -> list[ListedRound]:
    """The newest open batches that have something to pack."""
    packed = func.sum(case((IS_PACKED, 1), else_=0))
    rows = db.session.execute(
        select(Batch, packed, func.count())
        .join(BatchOrder, ORDERS.batch_id == BATCHES.id)
        .join(Order, Order.id == ORDERS.order_id)
        .join(Shipment, SHIPMENTS.order_id == ORDERS.order_id)
        .where(BATCHES.closed_at.is_(None), Order.cancelled_at.is_(None), IS_OF_BATCH)
        .group_by(BATCHES.id)
        .order_by(BATCHES.id.desc())
        .limit(MAX_BATCHES)
    )
    return [ListedRound(batch, done or 0, size) for batch, done, size in rows if (done or 0) < size]
