"""Batches to print in tests, and what is printed of them."""

from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, ActorKind, Batch, Order
from webshop_orders.operations.batches import selection as batches
from webshop_orders.operations.printing import packing_slips, pick_lists, selection
from webshop_orders.operations.printing.packing_slips import PackingSlip
from webshop_orders.operations.printing.pick_lists import PickList, PickRow
from webshop_orders.transactions.unit_of_work import writing

ANNA = Actor(ActorKind.STAFF, "Anna", user_id=1)


def batch_of(*orders: Order) -> Batch:
    with writing():
        return batches.create([order.number for order in orders], by=ANNA)


def pick_list(batch: Batch) -> PickList:
    db.session.rollback()
    return pick_lists.of(selection.of_batch(batch.id))


def slips(batch: Batch) -> list[PackingSlip]:
    db.session.rollback()
    return packing_slips.of(selection.of_batch(batch.id))


def slip(order: Order, seq: int = 1) -> PackingSlip:
    db.session.rollback()
    (one,) = packing_slips.of(selection.of_references([f"{order.number}-{seq}"]))
    return one


def shown(rows: list[PickRow]) -> list[tuple[str | None, str, int]]:
    """The shelf place, SKU and number of each row."""
    return [(row.shelf_place, row.sku, row.quantity) for row in rows]


def boxes(rows: list[PickRow]) -> list[list[tuple[int, int | None]]]:
    """For each row, how many units go into which box."""
    return [[(share.quantity, share.box) for share in row.shares] for row in rows]
