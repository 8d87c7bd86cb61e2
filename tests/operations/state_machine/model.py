"""The machine's model of an order, and the rows that it is compared with."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from hypothesis import strategies as st
from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.models import (
    Actor,
    ActorKind,
    Address,
    DeliveryStatus,
    Event,
    EventKind,
    Line,
    Message,
    Order,
    Product,
    Shipment,
    StockMovement,
)
from webshop_orders.operations.orders import loading

ANNA = Actor(ActorKind.STAFF, "Anna Lind", user_id=1)
BO = Actor(ActorKind.STAFF, "Bo Ek", user_id=2)
MAX_ORDERS = 3
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
AUTOMATIC = {EventKind.BACKORDER_COVERED, EventKind.COVER_WITHDRAWN}
HOME = Address(name="Åsa Öberg", street="Storgatan 1", postal_code="972 31", city="Luleå", country="SE")
T = TypeVar("T")
Values = dict[str, Any]
PICK = st.integers(0, 10**6)  # the index of an order, shipment or line, modulo their number
QUANTITY = st.one_of(st.integers(1, 12), st.integers(1, 12), st.sampled_from([0, 99_999, 100_000]))
ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 8), st.integers(0, 100)), min_size=1, max_size=3)

# By the number of a return: by line, the units that were announced, and those that came back, None while awaited.
ExpectedReturns = dict[int, dict[int, tuple[int, int | None]]]


@dataclass
class ExpectedOrder:
    """The model of an order: what it should be after the changes so far.

    `done` has what it was before each change that can be taken back, and `undone` what it was before each undo.
    """

    number: str
    rounds: bool
    version: int = 1
    events: int = 1
    messages: int = 0
    sums: Counter[str] = field(default_factory=Counter)
    seqs: set[int] = field(default_factory=set)
    last_seq: int = 0
    by_hand: dict[int, DeliveryStatus] = field(default_factory=dict)
    shipped: dict[int, list[tuple[Any, ...]]] = field(default_factory=dict)
    cancelled: bool = False
    holds: list[tuple[int, int | None]] = field(default_factory=list)
    done: list[Values] = field(default_factory=list)
    undone: list[Values] = field(default_factory=list)
    returns: ExpectedReturns = field(default_factory=dict)
    last_return: int = 0
    withdrawals: list[int] = field(default_factory=list)
    whole: bool = False
    priority: str | None = None

    def values(self) -> Values:
        """What an undo gives back; statuses set by hand are left out, since stock may decide otherwise meanwhile."""
        names = ("sums", "shipped", "cancelled", "holds", "returns", "whole", "priority")
        return deepcopy({name: getattr(self, name) for name in names})


@dataclass(frozen=True)
class Snapshot:
    """The rows of one run in the database, oldest order first."""

    orders: list[Order]
    events: dict[int, list[Event]]
    messages: dict[int, list[Message]]
    products: list[Product]
    movements: dict[int, list[StockMovement]]

    @classmethod
    def read(cls, numbers: list[str], skus: list[str]) -> Snapshot:
        db.session.rollback()
        db.session.expire_all()
        statement = loading.COMPLETE_ORDERS.where(Order.number.in_(numbers)).order_by(Order.placed_at, Order.id)
        orders = list(db.session.scalars(statement).unique())
        events: dict[int, list[Event]] = {order.id: [] for order in orders}
        for event in db.session.scalars(select(Event).where(Event.order_id.in_(events)).order_by(Event.id)):
            events[event.order_id].append(event)
        messages: dict[int, list[Message]] = {order.id: [] for order in orders}
        for message in db.session.scalars(select(Message).where(Message.order_id.in_(messages)).order_by(Message.id)):
            assert message.order_id is not None
            messages[message.order_id].append(message)
        products = list(db.session.scalars(select(Product).where(Product.sku.in_(skus)).order_by(Product.id)))
        movements: dict[int, list[StockMovement]] = {product.id: [] for product in products}
        of_products = select(StockMovement).where(StockMovement.product_id.in_(movements))
        for movement in db.session.scalars(of_products.order_by(StockMovement.version)):
            movements[movement.product_id].append(movement)
        return cls(orders, events, messages, products, movements)

    def open_lines(self) -> list[Line]:
        """Oldest order first."""
        return [line for order in self.orders for line in order.lines if line.shipment.is_open]

    def counters(self) -> list[tuple[int | None, int, int]]:
        return [(product.stock, product.reserved, product.backordered) for product in self.products]

    def as_values(self) -> object:
        """All values that a change could touch, to see that a refused one touched none."""
        return (
            self.counters(),
            [product.stock_version for product in self.products],
            [
                (
                    (order.number, order.version, order.event_count, order.message_count, order.total),
                    (order.customer, order.status, order.last_seq, order.holds, order.is_held, order.returns),
                    (order.ships_whole, order.priority),
                    (order.refunds, order.registered_payments, order.paid, order.refunded, order.credited),
                    [
                        (s.seq, s.status, s.shipped_at, contents(s), [code.code for code in s.tracking_codes])
                        for s in order.shipments
                    ],
                    [line.reserved for line in order.lines],
                    len(self.events[order.id]),
                    len(self.messages[order.id]),
                )
                for order in self.orders
            ],
        )


def pick(things: list[T], which: int) -> T:
    return things[which % len(things)]


def holds_of(order: Order) -> list[tuple[int, int | None]]:
    return [(hold.id, hold.shipment) for hold in order.holds]


def gives(order: Order) -> bool:
    """Whether a hold of an order gives stock to others."""
    return not all(hold.keeps_stock for hold in order.holds)


def contents(shipment: Shipment) -> list[tuple[object, ...]]:
    return [(line.id, line.sku, line.quantity, line.unit_price, line.discount) for line in shipment.lines]


def states_of_lines(shipment: Shipment) -> list[tuple[int, int, int]]:
    return [(line.id, line.quantity, line.reserved) for line in shipment.lines]


def gone(orders: list[Order]) -> Counter[str]:
    """Units of each SKU that have left and are not back in stock: with what is in stock, they never become more."""
    units: Counter[str] = Counter()
    for order in orders:
        for line in order.lines:
            if line.shipment.is_shipped:
                units[line.sku] += line.quantity
        for a_return in order.returns:
            for returned in a_return.lines:
                units[returned.sku] -= returned.restocked
    return units


def units_back(units: tuple[int, int | None] | None) -> int:
    """Units of a line that a return brings back: those that came, or those that are awaited."""
    if units is None:
        return 0
    quantity, received = units
    return quantity if received is None else received
