"""Import of orders: those that do not exist yet are placed, in batches that are transactions of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial

from flask_babel import gettext as _
from sqlalchemy.exc import DataError, IntegrityError

from webshop_orders import shop_settings
from webshop_orders.connectors.importing import batches
from webshop_orders.connectors.importing.reading import batches_of, read_batch
from webshop_orders.connectors.importing.reading_ahead import read_ahead
from webshop_orders.connectors.importing.records import BatchOutcome, ImportOutcome, ReadBatch, Refusal, Source
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewOrder
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, ActorKind
from webshop_orders.operations.order_list import counts
from webshop_orders.operations.orders import bulk_placement, placement
from webshop_orders.operations.stock import products
from webshop_orders.transactions.unit_of_work import writing

BATCH_SIZE = 500
IMPORTER = Actor(ActorKind.INTEGRATION, "import")

Batch = list[tuple[int, NewOrder]]


def import_orders(
    source: Source[NewOrder],
    *,
    keeps_source_total: bool,
    refuse: Callable[[Refusal], object],
    progress: Callable[[ImportOutcome, float], object],
) -> ImportOutcome:
    """Place those orders that do not exist yet; those that do are left alone, so that an import can be continued."""
    place = partial(_place, keeps_source_total=keeps_source_total)
    with closing(read_ahead(_read_batches(source))) as read_batches:
        outcome = batches.run(read_batches, place, refuse=refuse, progress=progress)
    if outcome.new:
        with writing():
            counts.compact()
    return outcome


def _read_batches(source: Source[NewOrder]) -> Iterator[ReadBatch[NewOrder]]:
    for records in batches_of(source, BATCH_SIZE):
        existing = placement.taken_references(record.reference for record in records if record.reference)
        db.session.rollback()  # which on SQLite ends the read, before other processes write
        yield read_batch(records, source.share(), existing=existing)


def _place(batch: Batch, *, keeps_source_total: bool) -> BatchOutcome:
    try:
        return batches.with_retries(partial(_place_together, batch, keeps_source_total=keeps_source_total))
    except (DataError, IntegrityError):  # by one that would not let the others in
        return _place_one_by_one(batch, keeps_source_total=keeps_source_total)


def _place_together(batch: Batch, *, keeps_source_total: bool) -> BatchOutcome:
    news = [new for _number, new in batch]
    with writing():
        placed = bulk_placement.place_imported(news, by=IMPORTER, keeps_source_total=keeps_source_total)
    refusals = [
        Refusal.of(violation, batch[place][0], news[place].external_reference) for place, violation in placed.refused
    ]
    return BatchOutcome(new=len(placed.placed), already=len(placed.existing), refusals=refusals)


def _place_one_by_one(batch: Batch, *, keeps_source_total: bool) -> BatchOutcome:
    outcome = BatchOutcome()
    for number, new in batch:
        try:
            is_new = batches.with_retries(partial(_place_one, new, keeps_source_total=keeps_source_total))
        except RuleViolation as violation:
            outcome.refusals.append(Refusal.of(violation, number, new.external_reference))
        except (DataError, IntegrityError):
            unstorable = RuleViolation(_("The database cannot store this order."))
            outcome.refusals.append(Refusal.of(unstorable, number, new.external_reference))
        else:
            outcome.new += is_new
            outcome.already += not is_new
    return outcome


def _place_one(new: NewOrder, *, keeps_source_total: bool) -> bool:
    """Place an order unless it exists; whether it is new."""
    with writing():
        shop_settings.lock_bulk_placement()
        if placement.taken_references([new.external_reference]):
            return False
        catalogue = products.matching(line.sku for line in new.lines)
        placement.place(new, catalogue, by=IMPORTER, imported=True, keeps_source_total=keeps_source_total)
    return True
