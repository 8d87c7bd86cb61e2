"""Bulk orders for load tests: inserted directly, in the state that the operations would have left them in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date

from sqlalchemy import func, select, text

from webshop_orders import shop_settings
from webshop_orders.db import bulk_writing
from webshop_orders.db.extensions import db
from webshop_orders.demo import bulk_batches, bulk_products
from webshop_orders.demo.bulk_batches import Assignment, Batch
from webshop_orders.demo.bulk_orders import Run
from webshop_orders.demo.bulk_products import ArticlePool
from webshop_orders.demo.bulk_rows import MAX_ROWS, TABLES
from webshop_orders.models import SYSTEM, MovementReason, Order, Product
from webshop_orders.operations.order_list import counts as order_counts
from webshop_orders.operations.orders import placement
from webshop_orders.operations.stock import movements, reservations
from webshop_orders.transactions.unit_of_work import writing

BATCH_SIZE = 10_000
# For fewer orders, updating the indexes and making the orders in one process is faster.
MANY_ORDERS = 20_000
SEARCHED = "order_search"  # filled by a trigger


def generate(count: int, today: date, *, progress: Callable[[int], object]) -> None:
    """Add orders that send no mail and no webhook, continuing after those of earlier runs.

    They sell products of their own, which are added if the shop lacks them. `progress` is called with the size of each
    finished batch. On PostgreSQL everything is one transaction, which blocks other orders until it ends, and reading
    them too where most orders are new.
    """
    rounds_to_whole_kronor = shop_settings.current().rounds_to_whole_kronor
    run = Run.on(today, first=_count_earlier(), count=count, rounds_to_whole_kronor=rounds_to_whole_kronor)
    all_indices = range(run.first, run.first + count)
    for indices in [all_indices] if bulk_writing.uses_one_transaction() else _batches(all_indices):
        with writing():
            _add(indices, run, progress)
    with writing():
        db.session.execute(text("analyze"))


def _count_earlier() -> int:
    earlier = select(func.count()).where(Order.external_reference.startswith("generated-"))
    return db.session.scalar(earlier) or 0


def _batches(indices: range) -> Iterator[range]:
    return (indices[start : start + BATCH_SIZE] for start in range(0, len(indices), BATCH_SIZE))


def _add(indices: range, run: Run, progress: Callable[[int], object]) -> None:
    shop_settings.lock_bulk_placement()
    products = bulk_products.ensure_products()
    reservations.lock(products.values())
    bulk_writing.lock(TABLES)
    first_ids = [next(bulk_writing.next_ids(table)) for table in TABLES]
    is_large = bulk_writing.uses_one_transaction() and len(indices) >= MANY_ORDERS
    assignments = _assignments(indices, run, bulk_products.article_pool(products), first_ids)
    existing = sum(row.count for row in order_counts.by_status().values())
    with _without_indexes() if is_large and len(indices) > existing else nullcontext():
        for batch in bulk_batches.make_ahead(assignments) if is_large else map(bulk_batches.make, assignments):
            batch.write()
            _update_stock(products, batch)
            progress(batch.orders)
    bulk_writing.advance_sequences(TABLES)
    order_counts.compact()


def _assignments(indices: range, run: Run, pool: ArticlePool, first_ids: Sequence[int]) -> Iterator[Assignment]:
    """Each batch has as many ids of each table as it can need, so that none depends on what another one uses."""
    for batch in _batches(indices):
        orders_before = batch.start - indices.start
        yield Assignment(
            run=run,
            pool=pool,
            indices=batch,
            numbers=placement.next_free_numbers(len(batch)),
            first_ids=[first + orders_before * most for first, most in zip(first_ids, MAX_ROWS, strict=True)],
            as_copy_text=bulk_writing.uses_one_transaction(),
        )


def _without_indexes() -> AbstractContextManager[None]:
    return bulk_writing.without_indexes([*(table.__tablename__ for table in TABLES), SEARCHED])


def _update_stock(products: dict[int, Product], batch: Batch) -> None:
    """Add the stock that the new lines reserve, so that they take none from other orders.

    A product with backordered units keeps no available stock.
    """
    margin = shop_settings.current().stock_safety_margin
    for product_id in batch.reserved.keys() | batch.backordered.keys():
        product = products[product_id]
        product.reserved += batch.reserved[product_id]
        product.backordered += batch.backordered[product_id]
        level = (product.stock or 0) + batch.reserved[product_id]
        if product.backordered:
            level -= max(0, level - margin - product.reserved)
        movements.set_level(product, level, MovementReason.RECEIVED, by=SYSTEM)
