"""Bulk orders for load tests: inserted directly, in the state that the operations would have left them in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from sqlalchemy import func, select, text

from webshop_orders import shop_settings
from webshop_orders.db import bulk_writing
from webshop_orders.db.extensions import db
from webshop_orders.demo import bulk_orders, bulk_products
from webshop_orders.demo.bulk_orders import Run
from webshop_orders.demo.bulk_rows import TABLES, Ids, Rows
from webshop_orders.models import Order, Product
from webshop_orders.operations.order_list import counts as order_counts
from webshop_orders.operations.orders import placement
from webshop_orders.operations.stock import reservations
from webshop_orders.transactions.unit_of_work import writing

BATCH_SIZE = 10_000


def generate(count: int, today: date, *, progress: Callable[[int], object]) -> None:
    """Add orders that send no mail and no webhook, continuing after those of earlier runs.

    They sell products of their own, which are added if the shop lacks them. `progress` is called with the size of each
    finished batch. On PostgreSQL everything is one transaction, which blocks other orders until it ends.
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
    shop_settings.lock_number_series()
    products = bulk_products.ensure_products()
    reservations.lock(products.values())
    pool = bulk_products.article_pool(products)
    bulk_writing.lock(TABLES)
    ids = Ids(*(bulk_writing.next_ids(table) for table in TABLES))
    with bulk_writing.without_search_index(len(indices)):
        for batch in _batches(indices):
            rows = Rows()
            for index, number in zip(batch, placement.next_free_numbers(len(batch)), strict=True):
                bulk_orders.add(rows, ids, index, number, run, pool)
            for table, table_rows in zip(TABLES, rows.by_table(), strict=True):
                if table_rows:
                    bulk_writing.write(table, table_rows[0]._fields, table_rows)
            _update_stock(products, rows)
            progress(len(batch))
    bulk_writing.advance_sequences(TABLES)
    order_counts.compact()


def _update_stock(products: dict[int, Product], rows: Rows) -> None:
    """Add the stock that the new lines reserve, so that they take none from other orders.

    A product with backordered units keeps no available stock.
    """
    margin = shop_settings.current().stock_safety_margin
    for product_id in rows.reserved.keys() | rows.backordered.keys():
        product = products[product_id]
        product.reserved += rows.reserved[product_id]
        product.backordered += rows.backordered[product_id]
        product.stock = (product.stock or 0) + rows.reserved[product_id]
        if product.backordered:
            product.stock -= product.available(margin)
