"""That something was printed: an event of each order, and the boxes of a batch, which reprints keep."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Select, bindparam, exists, select, update

from webshop_orders.db.extensions import db
from webshop_orders.db.locks import lock_rows
from webshop_orders.models import Actor, BatchOrder, Event, Order
from webshop_orders.models.event_facts import Document, DocumentPrinted
from webshop_orders.operations.audit import history
from webshop_orders.operations.batches import selection as batches
from webshop_orders.operations.orders import loading
from webshop_orders.operations.printing import selection
from webshop_orders.operations.printing.selection import Selection

ROWS: Any = BatchOrder.__table__
LISTINGS = ROWS.c


def record_batch(batch_id: int, document: Document, *, by: Actor) -> Selection:
    """Record that a document was printed for a batch, and keep its boxes; raises as `selection.of_batch` does.

    A pick list also says which version of each order the pickers have.
    """
    batches.lock(batch_id)
    lock_rows(select(Order.id).where(Order.id.in_(_orders_of(batch_id))).order_by(Order.id))
    printed = selection.of_batch(batch_id)
    _record(printed, document, by=replace(by, batch_id=batch_id))
    _keep(printed, batch_id, document)
    return printed


def record_shipments(references: list[str], document: Document, *, by: Actor) -> Selection:
    """Record that a document was printed for single shipments; raises as `selection.of_references` does."""
    numbers = [reference.rpartition("-")[0] for reference in references]
    lock_rows(select(Order.id).where(Order.number.in_(numbers)).order_by(Order.id))
    printed = selection.of_references(references)
    for selected in printed.orders:
        loading.check_not_erased(selected.order)
    _record(printed, document, by=by)
    return printed


def _record(printed: Selection, document: Document, *, by: Actor) -> None:
    """One event for each order that something is printed of; none where the same request was carried out before."""
    facts = [
        (selected.order, DocumentPrinted(document, [shipment.reference for shipment in selected.shipments]))
        for selected in printed.orders
        if selected.shipments
    ]
    if facts and not _is_recorded([order.id for order, _facts in facts], by.request_key):
        history.record_together(facts, by=by)


def _is_recorded(order_ids: list[int], request_key: str | None) -> bool:
    if request_key is None:
        return False
    same = exists().where(Event.order_id.in_(order_ids), Event.request_key == request_key)
    return bool(db.session.scalar(select(same)))


def _keep(printed: Selection, batch_id: int, document: Document) -> None:
    """Keep the box of each shipment and, with a pick list, the version of its order."""
    rows: list[dict[str, Any]] = [
        {
            "of_order": selected.order.id,
            "new_boxes": {str(seq): box for seq, box in selected.boxes.items()},
            "new_version": selected.order.version,
        }
        for selected in printed.orders
        if selected.boxes
    ]
    values: dict[str, Any] = {"boxes": bindparam("new_boxes")}
    if document is Document.PICK_LIST:
        values["printed_version"] = bindparam("new_version")
    else:
        rows = [{name: value for name, value in row.items() if name != "new_version"} for row in rows]
    if rows:
        mine = (LISTINGS.batch_id == batch_id, LISTINGS.order_id == bindparam("of_order"))
        db.session.connection().execute(update(ROWS).where(*mine).values(values), rows)


def _orders_of(batch_id: int) -> Select[int]:
    return select(LISTINGS.order_id).where(LISTINGS.batch_id == batch_id)
