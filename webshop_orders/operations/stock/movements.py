"""Movements of stock (rule 31): the only place that changes the stock of a product, and pages of its changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from webshop_orders.clock import now
from webshop_orders.db import paging
from webshop_orders.db.extensions import db
from webshop_orders.models import SYSTEM, Actor, IncomingDelivery, MovementReason, Order, Product, StockMovement


def move(
    product: Product,
    quantity: int,
    reason: MovementReason,
    *,
    by: Actor,
    order: Order | None = None,
    reference: str | None = None,
    delivery: IncomingDelivery | None = None,
    note: str | None = None,
) -> StockMovement | None:
    """Change the stock of a locked product by `quantity` units; None where its stock is not tracked.

    `reference` names the shipment or the return of the order that it follows from.
    """
    if product.stock is None:
        return None
    return _record(
        product,
        quantity,
        product.stock + quantity,
        reason,
        by=by,
        order=order,
        reference=reference,
        delivery=delivery,
        note=note,
    )


def set_level(
    product: Product, level: int | None, reason: MovementReason, *, by: Actor, note: str | None = None
) -> StockMovement | None:
    """Set the stock of a locked product to `level` units (None: not tracked); None where it is so many already."""
    by = by.with_request_key(None)  # which may set the stock of a product several times
    return change_level(product, level, reason, by=by, note=note) if level != product.stock else None


def change_level(
    product: Product, level: int | None, reason: MovementReason, *, by: Actor, note: str | None = None
) -> StockMovement:
    """Set the stock of a locked product for a request, which can do so once.

    A count that found what was expected is a movement of 0 units.
    """
    quantity = (level or 0) - (product.stock or 0)
    return _record(product, quantity, level, reason, by=by, note=note, request_key=by.request_key)


def open_stock(products: Iterable[Product], *, by: Actor = SYSTEM) -> None:
    """Record what products that were just inserted have in stock."""
    for product in products:
        if product.stock is not None:
            _record(product, product.stock, product.stock, MovementReason.OPENING, by=by)


def _record(
    product: Product,
    quantity: int,
    stock: int | None,
    reason: MovementReason,
    *,
    by: Actor,
    order: Order | None = None,
    reference: str | None = None,
    delivery: IncomingDelivery | None = None,
    note: str | None = None,
    request_key: str | None = None,
) -> StockMovement:
    product.stock = stock
    product.stock_version += 1
    movement = StockMovement(
        product_id=product.id,
        version=product.stock_version,
        at=now(),
        actor_kind=by.kind,
        actor_name=by.name,
        user_id=by.user_id,
        quantity=quantity,
        stock=stock,
        reason=reason,
        note=note,
        order_id=order.id if order else None,
        reference=reference,
        incoming_delivery_id=delivery.id if delivery else None,
        request_key=request_key,
    )
    db.session.add(movement)
    return movement


def of_request(product: Product, request_key: str | None) -> StockMovement | None:
    """The movement of a product that the request with this idempotency key made, if it did."""
    if request_key is None:
        return None
    of_request = select(StockMovement).where(StockMovement.request_key == request_key)
    return db.session.scalar(of_request.where(StockMovement.product_id == product.id))


@dataclass(frozen=True)
class MovementPage:
    """Movements of a product, the latest first; `next_before` is the cursor of the page that follows.

    `order_numbers` are those of the orders that movements follow from, by their ids.
    """

    movements: list[StockMovement]
    next_before: int | None
    order_numbers: dict[int, str]


def page(product: Product, *, before: int | None = None, limit: int = paging.PAGE) -> MovementPage:
    """A page of the movements of a product; the cursor `before` is the version of the last one on the page before."""
    query = select(StockMovement, Order.number).outerjoin(Order, Order.id == StockMovement.order_id)
    query = query.where(StockMovement.product_id == product.id)
    if before is not None:
        query = query.where(StockMovement.version < before)
    rows = db.session.execute(query.order_by(StockMovement.version.desc()).limit(limit + 1)).all()
    shown = [movement for movement, _number in rows[:limit]]
    numbers = {movement.order_id: number for movement, number in rows if movement.order_id is not None}
    return MovementPage(shown, shown[-1].version if len(rows) > limit else None, numbers)
