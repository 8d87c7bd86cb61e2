"""Checks of batches: what waits is in a batch that runs, and is taken by a worker."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.models import Batch, BatchOrder, BatchOrderState, BatchState, Order
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.verification import mends
from webshop_orders.verification.check import Check, Progress, Violation

BATCHES, ROWS, ORDERS = Batch.__table__.c, BatchOrder.__table__.c, Order.__table__.c
IS_WAITING = ROWS.state == BatchOrderState.WAITING


def _waiting(_progress: Progress) -> Iterator[Violation]:
    joined = BatchOrder.__table__.join(Batch.__table__, BATCHES.id == ROWS.batch_id)
    columns = select(ROWS.id, ROWS.batch_id, ORDERS.number).select_from(
        joined.join(Order.__table__, ORDERS.id == ROWS.order_id)
    )
    is_wrong = (IS_WAITING & (BATCHES.state != BatchState.RUNNING)) | (ROWS.due_at.is_not(None) != IS_WAITING)
    for row in db.session.execute(columns.where(is_wrong).order_by(ROWS.id)):
        yield Violation(
            _(
                "Batch %(batch)s: order %(number)s waits, and no worker will take it.",
                batch=row.batch_id,
                number=row.number,
            ),
            mends.update("batch_orders", {"state": "listed", "due_at": None}, {"id": row.id}),
        )


CHECKS = (Check(_l("batches: orders that wait"), _waiting),)
