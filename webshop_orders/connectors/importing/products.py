"""Import of products: added or changed by SKU; lines of orders stay as they were sold."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from webshop_orders.connectors.importing import batches
from webshop_orders.connectors.importing.orders import IMPORTER
from webshop_orders.connectors.importing.reading import batches_of, read_batch
from webshop_orders.connectors.importing.records import BatchOutcome, ImportOutcome, Refusal, Source
from webshop_orders.documents.product import NewProduct
from webshop_orders.models import Product
from webshop_orders.operations.stock import backorders, products, reservations
from webshop_orders.transactions.unit_of_work import writing

BATCH_SIZE = 100


def import_products(
    source: Source[NewProduct],
    *,
    refuse: Callable[[Refusal], object],
    progress: Callable[[ImportOutcome, float], object],
) -> ImportOutcome:
    """Add or change products."""
    read_batches = (read_batch(records, source.share()) for records in batches_of(source, BATCH_SIZE))
    return batches.run(read_batches, _save_batch, refuse=refuse, progress=progress)


def _save_batch(batch: list[tuple[int, NewProduct]]) -> BatchOutcome:
    return batches.with_retries(partial(_save, [new for _number, new in batch]))


def _save(batch: list[NewProduct]) -> BatchOutcome:
    """Save a batch of products.

    The stock of existing ones is set afterwards, each in its own transaction, since it changes what covers orders.
    """
    outcome = BatchOutcome()
    levels: dict[Product, int | None] = {}
    with writing():
        catalogue = products.by_sku(new.sku for new in batch)
        reservations.lock(catalogue.values())
        first = {new.sku: new for new in reversed(batch) if new.sku not in catalogue}
        catalogue |= {product.sku: product for product in products.add_all(first.values(), by=IMPORTER)}
        outcome.new = len(first)
        for new in batch:
            if first.get(new.sku) is new:
                continue
            product = catalogue[new.sku]
            is_changed = products.change(product, new, by=IMPORTER)
            if new.has_stock and new.stock != product.stock:
                levels[product] = new.stock
            if product in levels or is_changed:
                outcome.changed += 1
            else:
                outcome.already += 1
    for product, level in levels.items():
        with writing():
            backorders.set_stock(product.id, level, by=IMPORTER)
    return outcome
