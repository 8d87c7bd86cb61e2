"""Carrying a file out: a batch of its orders, to each of which a worker adds its codes."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import Any

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.mailing.messages import send_warnings
from webshop_orders.models import Actor, Batch, BatchAction, TrackingFile, TrackingFileRow
from webshop_orders.operations.batches import actions, outcomes, running, selection
from webshop_orders.operations.tracking_files import columns, files
from webshop_orders.operations.tracking_files.orders import OrderFacts, read_facts

# What workers ask about an order that is shipped.
WARNINGS = [
    *chain.from_iterable(outcomes.CODES_OF_WARNINGS.values()),
    send_warnings.JUST_SENT,
    send_warnings.ROWS_NOT_SHOWN,
]


def start(file: TrackingFile, *, expected: int, ships: bool, by: Actor) -> Batch:
    """Have workers add the codes of a locked file, and ship the shipments that get them if `ships`.

    The rows are checked anew. Of the table itself, only the columns that were used are kept. Raises RuleViolation where
    it is carried out already, where no row is, and where others than the `expected` number of rows would be.
    """
    files.check_open(file)
    rows = files.recheck(file)
    taken = [row for row in rows if row.is_taken]
    if not taken:
        raise RuleViolation(_("No row of the file can be carried out."))
    if len(taken) != expected:
        raise RuleViolation(
            ngettext(
                "The orders have changed meanwhile: now it would be %(count)s row. Look at it once more.",
                "The orders have changed meanwhile: now it would be %(count)s rows. Look at it once more.",
                len(taken),
                count=format_decimal(len(taken)),
            )
        )
    facts = read_facts(row.order_id for row in taken if row.order_id is not None)
    data = _data(taken, facts, ships=ships)
    name = _("Codes of %(name)s", name=file.name)[: selection.MAX_NAME_LENGTH]
    batch = selection.create(list(data), by=by, name=name, data=data)
    running.start(batch, BatchAction.ADD_TRACKING, {}, by=by)
    columns.remember(file.fingerprint, file.columns)
    file.batch_id, file.started_at = batch.id, now()
    used = set(file.columns.values())
    for row in rows:
        row.cells = [cell if column in used else "" for column, cell in enumerate(row.cells)]
    db.session.flush()
    return batch


def retry(file: TrackingFile, *, by: Actor) -> int:
    """Have workers try the refused orders of a locked file again, with whatever was asked about them confirmed.

    Returns how many orders wait now. Raises RuleViolation and NoChange as `running.retry` does, and RuleViolation where
    the file is not carried out, or its batch has done something else since.
    """
    batch = selection.lock(file.batch_id) if file.batch_id is not None else None
    if batch is None or batch.action is not BatchAction.ADD_TRACKING:
        raise RuleViolation(_("No order of %(name)s was refused.", name=file.name))
    return running.retry(batch, {actions.AGREED: WARNINGS}, by=by)


def _data(rows: Sequence[TrackingFileRow], facts: dict[int, OrderFacts], *, ships: bool) -> dict[str, dict[str, Any]]:
    """What is done to each order, by its number: its shipments with their codes, and whether they are shipped."""
    of_orders: dict[int, dict[int, dict[str, Any]]] = defaultdict(dict)
    for row in rows:
        if row.order_id is None or row.seq is None:
            continue
        order = facts[row.order_id]
        is_open = not order.shipments[row.seq].is_shipped
        entry = of_orders[row.order_id].setdefault(
            row.seq, {"reference": order.reference(row.seq), "codes": [], "ship": False}
        )
        entry["codes"] += [code for code in row.codes if code not in entry["codes"]]
        entry["ship"] = entry["ship"] or (ships and row.is_sent and is_open)
    return {facts[order_id].number: {"shipments": list(of_order.values())} for order_id, of_order in of_orders.items()}
