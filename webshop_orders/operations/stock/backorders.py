"""Allocating stock to backordered units, oldest order first, when stock arrives; taking it back when stock is lost."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from sqlalchemy import Select, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import for_update
from webshop_orders.models import SYSTEM, Actor, DeliveryStatus, Line, MovementReason, Order, Product, Shipment
from webshop_orders.models.event_facts import BackorderCovered, CoverWithdrawn
from webshop_orders.operations.audit import history
from webshop_orders.operations.inbox import attention
from webshop_orders.operations.orders.loading import lock_orders
from webshop_orders.operations.stock import movements, queue, reservations, whole_orders

Level = TypeVar("Level", bound=int | None)
Moved = TypeVar("Moved")


def cover(product_ids: Iterable[int], *, by: Actor = SYSTEM) -> None:
    """Cover the backordered units of some products with their free stock."""
    ids = set(product_ids)
    coverable = _coverable(Line.order_id).where(Line.product_id.in_(ids))
    orders, products = _lock(ids, lambda: coverable, needs_orders=True)
    for order in orders:
        _cover(order, products, by)


def find_next_to_cover() -> int | None:
    """The id of the order that is next to get stock, among those that wait for a product that has free units."""
    return db.session.scalar(next_to_cover())


def next_to_cover() -> Select[int]:
    """The statement of `find_next_to_cover`."""
    return _coverable(Order.id).order_by(*queue.SEQUENCE).limit(1)


def cover_order(order_id: int, *, by: Actor = SYSTEM) -> bool:
    """Cover the backordered units of one order with free stock; returns whether any were."""
    orders = lock_orders([order_id])
    products = _lock_products({line.product_id for order in orders for line in order.lines if line.product_id})
    return any(_cover(order, products, by) for order in orders)  # at most one


def _coverable(column: Any) -> Select[Any]:
    """A column of the waiting lines that free stock can cover: of an order that ships whole, only with all others."""
    free = Product.stock - shop_settings.current().stock_safety_margin - Product.reserved
    waiting = queue.lines(column).join(Line.product).where(Product.backordered > literal_column("0"), free > 0)
    shipment, line, product = aliased(Shipment), aliased(Line), aliased(Product)
    free = product.stock - shop_settings.current().stock_safety_margin - product.reserved
    lacks_some = (
        select(product.id)
        .join(line, line.product_id == product.id)
        .join(shipment, line.shipment_id == shipment.id)
        .where(shipment.order_id == Order.id, ~shipment.gives_stock, line.waiting > 0)
        .group_by(product.id, free)
        .having(func.sum(line.waiting) > free)
        .correlate(Order)
        .exists()
    )
    return waiting.where(or_(~Order.ships_whole, ~lacks_some))


def _cover(order: Order, products: list[Product], by: Actor) -> bool:
    """Cover lines of a locked order that sell locked products; returns whether some got units."""
    if order.ships_whole:
        changed = whole_orders.settle_locked(order)
    else:
        changed = [
            line for product in products for line in reservations.cover(product, _lines_selling(product, [order]))
        ]
    _record([order], changed, BackorderCovered, by)
    return bool(changed)


def lock(product_id: int, order_ids: Select[int]) -> tuple[list[Order], Product]:
    """Lock some orders, which are in the sequence in which they get stock, and then a product that they wait for."""
    orders, (product,) = _lock({product_id}, lambda: order_ids)
    return orders, product


def cover_first(product: Product, orders: Iterable[Order], *, by: Actor) -> list[Order]:
    """Cover units of a locked product, order by order in this sequence; returns the orders that now lack nothing."""
    waiting = [order for order in orders if any(line.backordered for line in order.lines)]
    for order in waiting:
        _cover(order, [product], by)
    return [order for order in waiting if not any(line.backordered for line in order.lines)]


def receive(
    levels: dict[Product, int | None], *, by: Actor, reason: MovementReason = MovementReason.SET
) -> dict[int, int | None]:
    """Set the stock of products whose new level covers all their reservations; returns the others, by product id.

    The worker allocates what becomes free, an order at a time. The others need `set_stock`, each in a transaction of
    its own, since that locks orders.
    """
    reservations.lock(levels)
    remaining: dict[int, int | None] = {}
    for product, level in levels.items():
        if level is not None and product.is_tracked and level >= product.reserved:
            movements.set_level(product, level, reason, by=by)
        elif level != product.stock:
            remaining[product.id] = level
    return remaining


def set_stock(product_id: int, level: int | None, *, by: Actor, reason: MovementReason = MovementReason.SET) -> None:
    """Set the stock of a product (None: not tracked), and cover or uncover open lines accordingly."""
    change_stock(
        product_id,
        lambda product: level,
        lambda product, level: movements.set_level(product, level, reason, by=by),
        by=by,
    )


def change_stock(
    product_id: int,
    level_of: Callable[[Product], Level],
    move: Callable[[Product, Level], Moved],
    *,
    by: Actor,
) -> Moved:
    """Move the stock of a product to what `level_of` makes of it as it is, and cover or uncover open lines accordingly.

    `level_of` is asked again once the product is locked. Returns what `move` does.
    """
    orders, (product,) = _lock({product_id}, lambda: _orders_concerned(product_id, level_of))
    before = {line: line.reserved for order in orders for line in order.lines}
    lines = _lines_selling(product, orders)
    was_tracked = product.is_tracked
    moved = move(product, level_of(product))
    changed = dict.fromkeys(reservations.reallocate(product, lines, was_tracked=was_tracked))
    for order in orders:
        changed |= dict.fromkeys(whole_orders.settle_locked(order))
    changed |= dict.fromkeys(reservations.cover(product, lines))  # what those gave back that ship whole
    _record(orders, [line for line in changed if line.reserved < before[line]], CoverWithdrawn, by)
    _record(orders, [line for line in changed if line.reserved > before[line]], BackorderCovered, by)
    return moved


def _orders_concerned(product_id: int, level_of: Callable[[Product], Level]) -> Select[int]:
    """The ids of the orders whose cover can change with the stock of a product.

    Only those that wait, which are few, where all that is reserved stays so.
    """
    product = db.session.get_one(Product, product_id)
    level = level_of(product)
    keeps_reserved = level is None or (product.stock is not None and level >= product.reserved)
    if keeps_reserved:
        return queue.waiting_lines(Line.order_id).where(Line.product_id == product_id)
    return (
        select(Order.id)
        .join(Order.shipments)
        .join(Shipment.lines)
        .where(
            Line.product_id == product_id,
            Order.cancelled_at.is_(None),
            Shipment.status != DeliveryStatus.SHIPPED,
        )
        .distinct()
    )


def _lock(
    product_ids: set[int], order_ids: Callable[[], Select[int]], *, needs_orders: bool = False
) -> tuple[list[Order], list[Product]]:
    """Lock orders, which are in the sequence in which they get stock, and then products, as every change does.

    Starts again where another order was placed before the products were locked. Locks nothing where it `needs_orders`
    and there are none.
    """
    while True:
        ids = set(db.session.scalars(order_ids()))
        if needs_orders and not ids:
            return [], []
        with db.session.begin_nested() as savepoint:
            orders = queue.in_sequence(lock_orders(ids))
            of_whole = {line.product_id for order in orders if order.ships_whole for line in order.lines}
            locked = _lock_products(product_ids | {product_id for product_id in of_whole if product_id})
            products = [product for product in locked if product.id in product_ids]
            if ids.issuperset(db.session.scalars(order_ids())):
                return orders, products
            savepoint.rollback()  # releases the locks


def _lock_products(ids: set[int]) -> list[Product]:
    statement = for_update(select(Product).where(Product.id.in_(ids)).order_by(Product.id), key_share=True)
    return list(db.session.scalars(statement.execution_options(populate_existing=True)))


def _lines_selling(product: Product, orders: list[Order]) -> list[Line]:
    return [line for order in orders for line in order.lines if line.product is product and line.shipment.is_open]


def _record(
    orders: list[Order], changed: list[Line], facts: type[BackorderCovered | CoverWithdrawn], by: Actor
) -> None:
    """Refresh the statuses of shipments whose lines changed, and record one event for each order concerned."""
    for order in orders:
        lines = [line for line in changed if line.shipment.order is order]
        if not lines:
            continue
        before = {line.shipment: line.shipment.status for line in lines}
        for shipment in before:
            shipment.refresh_status()
        attention.refresh(order)
        event = facts(
            products=[line.name for line in lines],
            skus=list(dict.fromkeys(line.sku for line in lines)),
            shipments=[shipment.reference for shipment, status in before.items() if shipment.status is not status],
        )
        history.record(order, event, by=by)
