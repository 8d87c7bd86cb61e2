"""Import of orders: those that do not exist yet are placed, in batches that are transactions of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from flask_babel import gettext as _
from sqlalchemy.exc import DataError, IntegrityError

from webshop_orders import shop_settings
from webshop_orders.connectors.importing import batches
from webshop_orders.connectors.importing.records import BatchOutcome, ImportOutcome, Record, Refusal
from webshop_orders.documents.order import NewOrder
from webshop_orders.errors import Busy, RuleViolation
from webshop_orders.models import Actor, ActorKind
from webshop_orders.operations.order_list import counts
from webshop_orders.operations.orders import bulk_placement, placement
from webshop_orders.operations.stock import products
from webshop_orders.transactions.unit_of_work import writing

BATCH_SIZE = 500
IMPORTER = Actor(ActorKind.INTEGRATION, "import")

Batch = list[tuple[Record[NewOrder], NewOrder]]


def import_orders(
    records: Iterable[Record[NewOrder]],
    *,
    keeps_source_total: bool,
    refuse: Callable[[Refusal], object],
    progress: Callable[[ImportOutcome], object],
) -> ImportOutcome:
    """Place those orders that do not exist yet; those that do are left alone, so that an import can be continued."""
    import_batch = partial(_import_batch, keeps_source_total=keeps_source_total)
    outcome = batches.run(records, import_batch, batch_size=BATCH_SIZE, refuse=refuse, progress=progress)
    if outcome.new:
        with writing():
            counts.compact()
    return outcome


def _import_batch(records: list[Record[NewOrder]], *, keeps_source_total: bool) -> BatchOutcome:
    outcome = BatchOutcome()
    existing = placement.taken_references(record.reference for record in records if record.reference)
    outcome.already = sum(record.reference in existing for record in records)
    batch = batches.read((record for record in records if record.reference not in existing), outcome)
    placed = _place(batch, keeps_source_total=keeps_source_total)
    outcome.new += placed.new
    outcome.already += placed.already
    outcome.refusals += placed.refusals
    return outcome


def _place(batch: Batch, *, keeps_source_total: bool) -> BatchOutcome:
    if not batch:
        return BatchOutcome()
    try:
        return batches.with_retries(partial(_place_together, batch, keeps_source_total=keeps_source_total))
    except (DataError, IntegrityError):  # by one that would not let the others in
        return _place_one_by_one(batch, keeps_source_total=keeps_source_total)


def _place_together(batch: Batch, *, keeps_source_total: bool) -> BatchOutcome:
    news = [new for _record, new in batch]
    with writing():
        placed = bulk_placement.place_imported(news, by=IMPORTER, keeps_source_total=keeps_source_total)
    refusals = [
        batch[place][0].refusal(violation, news[place].external_reference) for place, violation in placed.refused
    ]
    return BatchOutcome(new=len(placed.placed), already=len(placed.existing), refusals=refusals)


def _place_one_by_one(batch: Batch, *, keeps_source_total: bool) -> BatchOutcome:
    outcome = BatchOutcome()
    for record, new in batch:
        try:
            is_new = _place_one(new, keeps_source_total=keeps_source_total)
        except Busy:
            raise
        except RuleViolation as violation:
            outcome.refusals.append(record.refusal(violation, new.external_reference))
        except (DataError, IntegrityError):
            unstorable = RuleViolation(_("The database cannot store this order."))
            outcome.refusals.append(record.refusal(unstorable, new.external_reference))
        else:
            outcome.new += is_new
            outcome.already += not is_new
    return outcome


def _place_one(new: NewOrder, *, keeps_source_total: bool) -> bool:
    """Place an order unless it exists; whether it is new."""
    with writing():
        shop_settings.lock_number_series()
        if placement.taken_references([new.external_reference]):
            return False
        catalogue = products.matching(line.sku for line in new.lines)
        placement.place(new, catalogue, by=IMPORTER, imported=True, keeps_source_total=keeps_source_total)
    return True
