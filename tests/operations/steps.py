"""Helpers of the tests of operations."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.models import (
    Actor,
    ActorKind,
    Event,
    EventKind,
    Hold,
    HoldReason,
    Line,
    Message,
    Order,
    Product,
    StockMovement,
)
from webshop_orders.operations.order_list import pages
from webshop_orders.operations.order_list.filters import OrderFilter
from webshop_orders.operations.order_list.pages import ListedOrder
from webshop_orders.operations.orders import holds, loading
from webshop_orders.operations.stock import backorders
from webshop_orders.transactions.unit_of_work import editing, writing

ERP = Actor(ActorKind.INTEGRATION, "ERP")


def read(order: Order) -> Order:
    """The order as it is in the database, whatever is cached in the session."""
    db.session.rollback()
    db.session.expire_all()
    return loading.load_order(order.number)


def read_product(sku: str) -> Product:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Product).where(Product.sku == sku)).one()


def product(sku: str) -> Product:
    """A product as the transaction has it."""
    return db.session.scalars(select(Product).where(Product.sku == sku)).one()


def line_of(order: Order, sku: str, seq: int | None = None) -> Line:
    (line,) = (line for line in order.lines if line.sku == sku and seq in (None, line.shipment.seq))
    return line


def events_of(order: Order) -> list[Event]:
    return list(db.session.scalars(select(Event).where(Event.order_id == order.id).order_by(Event.id)))


def last_event(order: Order) -> Event:
    return events_of(order)[-1]


def kinds_of(order: Order) -> list[EventKind]:
    return [event.kind for event in events_of(order)]


def messages_of(order: Order) -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.order_id == order.id).order_by(Message.id)))


@contextmanager
def changing(order: Order, by: Actor) -> Iterator[Order]:
    """The order, locked to be changed with a form of its current version."""
    with editing(order.number, read(order).version, by) as current:
        yield current


def hold(order: Order, by: Actor, reason: HoldReason = HoldReason.WRONG_ADDRESS, **values: Any) -> Hold:
    """Pause an order, or one of its shipments, in a change of its own."""
    with changing(order, by) as current:
        return holds.hold(current, reason, by=by, **values)


def set_stock(sku: str, level: int | None, by: Actor = ERP) -> None:
    product_id = read_product(sku).id
    with writing():
        backorders.set_stock(product_id, level, by=by)


def movements_of(sku: str) -> list[StockMovement]:
    """The movements of a product's stock, oldest first."""
    of_product = select(StockMovement).where(StockMovement.product_id == read_product(sku).id)
    return list(db.session.scalars(of_product.order_by(StockMovement.version)))


def assert_stock_follows_from_movements() -> None:
    """Rule 31: the movements of each product add up to its stock, and none is missing."""
    db.session.rollback()
    db.session.expire_all()
    moved: dict[int, list[StockMovement]] = defaultdict(list)
    for movement in db.session.scalars(select(StockMovement).order_by(StockMovement.version)):
        moved[movement.product_id].append(movement)
    for product in db.session.scalars(select(Product)):
        movements = moved[product.id]
        assert sum(movement.quantity for movement in movements) == (product.stock or 0), product.sku
        assert (movements[-1].stock if movements else None) == product.stock, product.sku
        assert [movement.version for movement in movements] == list(range(1, product.stock_version + 1)), product.sku


def shape(order: Order) -> dict[int, list[tuple[str, int, int]]]:
    """Each shipment's number with the SKU, quantity and covered units of its lines."""
    return {
        shipment.seq: [(line.sku, line.quantity, line.reserved) for line in shipment.lines]
        for shipment in read(order).shipments
    }


def stock_of(sku: str) -> tuple[int | None, int, int]:
    """Stock, reserved and backordered units of a product."""
    product = read_product(sku)
    return product.stock, product.reserved, product.backordered


def listed(order_filter: OrderFilter) -> Iterator[ListedOrder]:
    """All orders that match, read page by page."""
    page = pages.page(order_filter)
    yield from page.orders
    while page.after is not None:
        page = pages.page(replace(order_filter, after=page.after))
        yield from page.orders
