"""As many orders as a load test needs, written past the operations, and as those would have left them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from sqlalchemy import func, select, text

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.demo import bulk_goods, bulk_orders, bulk_writing
from webshop_orders.demo.bulk_orders import Run
from webshop_orders.demo.bulk_rows import Ids, Rows
from webshop_orders.demo.bulk_writing import TABLES
from webshop_orders.models import Order, Product
from webshop_orders.operations.order_list import counts as order_counts
from webshop_orders.operations.orders import placement
from webshop_orders.operations.stock import reservations
from webshop_orders.transactions.unit_of_work import writing

BATCH = 10_000


def generate(count: int, today: date, *, progress: Callable[[int], object]) -> None:
    """Add orders that mail nobody and tell no webhook, going on after those of earlier runs.

    They sell products of their own, which are put in where the shop lacks them. `progress` hears how many more are
    there. On PostgreSQL all come in one transaction, which keeps others from placing orders meanwhile.
    """
    run = Run.on(today, first=_count_earlier(), count=count, rounds=shop_settings.current().rounds_to_whole_kronor)
    whole = range(run.first, run.first + count)
    for indices in [whole] if bulk_writing.takes_all_at_once() else _batches(whole):
        with writing():
            _add(indices, run, progress)
    with writing():
        db.session.execute(text("analyze"))


def _count_earlier() -> int:
    earlier = select(func.count()).where(Order.external_reference.startswith("generated-"))
    return db.session.scalar(earlier) or 0


def _batches(indices: range) -> Iterator[range]:
    return (indices[start : start + BATCH] for start in range(0, len(indices), BATCH))


def _add(indices: range, run: Run, progress: Callable[[int], object]) -> None:
    shop_settings.lock_number_series()
    products = bulk_goods.put_in()
    reservations.lock(products.values())
    goods = bulk_goods.as_goods(products)
    bulk_writing.lock()
    ids = Ids(*(bulk_writing.next_ids(table) for table in TABLES))
    with bulk_writing.without_index_of_words(len(indices)):
        for batch in _batches(indices):
            rows = Rows()
            for index, number in zip(batch, placement.next_free_numbers(len(batch)), strict=True):
                bulk_orders.add(rows, ids, index, number, run, goods)
            for table, of_table in zip(TABLES, rows.by_table(), strict=True):
                bulk_writing.write(table, of_table)
            _keep_stock(products, rows)
            progress(len(batch))
    bulk_writing.go_on_after()
    order_counts.compact()


def _keep_stock(products: dict[int, Product], rows: Rows) -> None:
    """Let in what open lines hold, so that they take none from others; where lines wait, nothing is free."""
    margin = shop_settings.current().stock_safety_margin
    for product_id in rows.held.keys() | rows.waiting.keys():
        product = products[product_id]
        product.reserved += rows.held[product_id]
        product.backordered += rows.waiting[product_id]
        product.stock = (product.stock or 0) + rows.held[product_id]
        if product.backordered:
            product.stock -= product.available(margin)
