"""Allocating stock to backordered units, oldest order first, when stock arrives; taking it back when stock is lost."""

from collections.abc import Iterable

from sqlalchemy import Select, select

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import for_update
from webshop_orders.models import SYSTEM, Actor, DeliveryStatus, Line, Order, Product, Shipment
from webshop_orders.models.event_facts import BackorderCovered, CoverWithdrawn
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders.loading import lock_orders
from webshop_orders.operations.stock import reservations


def cover(product_ids: Iterable[int], *, by: Actor = SYSTEM) -> None:
    """Cover the backordered units of some products with their free stock."""
    ids = set(product_ids)
    orders, products = _lock(ids, _orders_selling(ids).where(Line.reserved < Line.quantity, ~Shipment.gives_stock))
    changed = [line for product in products for line in reservations.cover(product, _lines_selling(product, orders))]
    _record(orders, changed, BackorderCovered, by)


def find_next_to_cover() -> int | None:
    """The id of the oldest order with backordered units of a product that has free stock."""
    free = Product.stock - shop_settings.current().stock_safety_margin - Product.reserved > 0
    waiting = (
        select(Order.id)
        .join(Order.shipments)
        .join(Shipment.lines)
        .join(Line.product)
        .where(
            Product.backordered > 0,
            free,
            Line.reserved < Line.quantity,
            ~Shipment.gives_stock,
            Order.cancelled_at.is_(None),
            Shipment.status != DeliveryStatus.SHIPPED,
        )
    )
    return db.session.scalar(waiting.order_by(Order.placed_at, Order.id).limit(1))


def cover_order(order_id: int, *, by: Actor = SYSTEM) -> bool:
    """Cover the backordered units of one order with free stock; returns whether any were."""
    orders = lock_orders([order_id])
    waiting = {line.product_id for order in orders for line in order.lines if line.backordered and line.product_id}
    products = _lock_products(waiting)
    changed = [line for product in products for line in reservations.cover(product, _lines_selling(product, orders))]
    _record(orders, changed, BackorderCovered, by)
    return bool(changed)


def receive(levels: dict[Product, int | None]) -> dict[int, int | None]:
    """Set the stock of products whose new level covers all their reservations; returns the others, by product id.

    The worker allocates what becomes free, an order at a time. The others need `set_stock`, each in a transaction of
    its own, since that locks orders.
    """
    reservations.lock(levels)
    remaining: dict[int, int | None] = {}
    for product, level in levels.items():
        if level is not None and product.is_tracked and level >= product.reserved:
            product.stock = level
        elif level != product.stock:
            remaining[product.id] = level
    return remaining


def set_stock(product_id: int, level: int | None, *, by: Actor) -> None:
    """Set the stock of a product (None: not tracked), and cover or uncover open lines accordingly."""
    orders, (product,) = _lock({product_id}, _orders_selling({product_id}))
    lines = _lines_selling(product, orders)
    is_enough = level is None or level >= sum(line.reserved for line in lines)
    changed = reservations.set_level(product, level, lines)
    given = [line for line in changed if line.backordered and not line.shipment.keeps_stock]
    _record(orders, given, CoverWithdrawn, by)
    others = [line for line in changed if line not in given]
    _record(orders, others, BackorderCovered if is_enough else CoverWithdrawn, by)


def _orders_selling(product_ids: set[int]) -> Select[int]:
    """The ids of orders with an open shipment that sells one of some products."""
    return (
        select(Order.id)
        .join(Order.shipments)
        .join(Shipment.lines)
        .where(
            Line.product_id.in_(product_ids),
            Order.cancelled_at.is_(None),
            Shipment.status != DeliveryStatus.SHIPPED,
        )
        .distinct()
    )


def _lock(product_ids: set[int], order_ids: Select[int]) -> tuple[list[Order], list[Product]]:
    """Lock orders and then products, in the sequence that every change uses.

    Starts again where another order was placed before the products were locked.
    """
    while True:
        ids = set(db.session.scalars(order_ids))
        with db.session.begin_nested() as savepoint:
            orders, products = lock_orders(ids), _lock_products(product_ids)
            if ids.issuperset(db.session.scalars(order_ids)):
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
        order.refresh_derived_columns()
        event = facts(
            products=[line.name for line in lines],
            skus=list(dict.fromkeys(line.sku for line in lines)),
            shipments=[shipment.reference for shipment, status in before.items() if shipment.status is not status],
        )
        history.record(order, event, by=by)
