"""Carries out the actions of batches, one transaction an order, by any number of workers.

A worker leases some orders of a batch, as the outbox leases mails: `due_at` is set LEASE_DURATION ahead, and the
attempt number is the fencing token. What is done to an order and its new state in the batch are one commit, unless the
lease is lost by then: killed anywhere, a worker leaves each order done once or not at all.
"""

import logging
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from time import monotonic
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, select, update

from webshop_orders import request_ids
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import for_update
from webshop_orders.errors import Busy, DomainError
from webshop_orders.models import Actor, Batch, BatchAction, BatchOrder, BatchOrderState, BatchState, Order
from webshop_orders.operations.batches import actions, running
from webshop_orders.operations.batches.actions import Task
from webshop_orders.transactions import database_errors
from webshop_orders.transactions.unit_of_work import editing, writing

LEASED_AT_ONCE = 20
LEASE_DURATION = timedelta(minutes=5)
# Far longer than one order takes, also where each of its locks is waited for.
MIN_TIME_LEFT = timedelta(seconds=30)
BUSY_ATTEMPTS = 3
BUSY_DELAY = timedelta(seconds=5)
MAX_PAUSE_SECONDS = 0.005
logger = logging.getLogger(__name__)

ROWS: Any = BatchOrder.__table__  # written without the ORM, since nothing of it is read again
LEASE_COLUMNS = (ROWS.c.id, ROWS.c.order_id, Order.number, ROWS.c.attempts, ROWS.c.data, ROWS.c.version)
HOLDS = (
    ROWS.c.id == bindparam("row_id"),
    ROWS.c.state == BatchOrderState.WAITING,
    ROWS.c.attempts == bindparam("token"),
)
RECORD = (
    update(ROWS)
    .where(*HOLDS)
    .values(
        {name: bindparam(f"new_{name}", type_=ROWS.c[name].type) for name in ("state", "due_at", "reason", "version")}
    )
)


class LeaseLost(Exception):
    """Another worker has the order by now, or its batch was stopped: nothing of this change is kept."""


@dataclass(frozen=True)
class Lease:
    """An order of a batch that only this worker may change for it until `until`."""

    row_id: int
    number: str
    token: int
    until: datetime
    task: Task
    actor: Actor
    request_id: str | None

    @property
    def has_time(self) -> bool:
        return now() + MIN_TIME_LEFT < self.until


def carry_out_batches(stop: Event) -> int:
    """Carry out some orders of each running batch in turn, so that none waits for another; returns how many."""
    running_batches = select(Batch.id).where(Batch.state == BatchState.RUNNING).order_by(Batch.started_at, Batch.id)
    batch_ids = db.session.scalars(running_batches).all()
    db.session.rollback()
    return sum(_carry_out_some(batch_id, stop) for batch_id in batch_ids if not stop.is_set())


def _carry_out_some(batch_id: int, stop: Event) -> int:
    leases = deque(acquire(batch_id))
    taken = len(leases)
    while leases and leases[0].has_time and not stop.is_set():
        began = monotonic()
        lease = leases.popleft()
        with request_ids.resumed(lease.request_id):
            _carry_out(lease)
        _let_others_write(monotonic() - began, stop)
    for lease in leases:
        _release(lease, now())
    if taken < LEASED_AT_ONCE:
        _finish(batch_id)
    return taken - len(leases)


def _let_others_write(seconds: float, stop: Event) -> None:
    """Leave the database to others for as long as it was ours: SQLite's lock goes to whoever happens to ask next.

    Without a pause, one in fifty changes of users had to be given up after five seconds of asking.
    """
    if db.engine.dialect.name == "sqlite":
        stop.wait(min(seconds, MAX_PAUSE_SECONDS))


def acquire(batch_id: int) -> list[Lease]:
    """Lease the orders of a batch that have been due longest, at most LEASED_AT_ONCE of them."""
    at = now()
    due = (ROWS.c.batch_id == batch_id, ROWS.c.due_at <= at)
    if not db.session.execute(select(ROWS.c.id).where(*due).limit(1)).first():  # this read takes no lock
        db.session.rollback()
        return []
    with writing():
        batch = db.session.get_one(Batch, batch_id)
        query = select(*LEASE_COLUMNS).join(Order, Order.id == ROWS.c.order_id).where(*due)
        query = query.order_by(ROWS.c.due_at, ROWS.c.id).limit(LEASED_AT_ONCE)
        rows = db.session.execute(for_update(query, of=BatchOrder, skip_locked=True)).all()
        until = at + LEASE_DURATION
        lease = update(ROWS).where(ROWS.c.id.in_([row.id for row in rows]))
        db.session.connection().execute(lease.values(due_at=until, attempts=ROWS.c.attempts + 1))
        action = batch.action
        assert action is not None, "a batch is running because an action of it was started"
        return [
            Lease(
                row.id,
                row.number,
                row.attempts + 1,
                until,
                Task(action, batch.options, row.data, row.version),
                batch.actor,
                batch.request_id,
            )
            for row in rows
        ]


def _carry_out(lease: Lease) -> None:
    try:
        _retry_while_busy(lease)
    except LeaseLost:
        logger.info("batch", extra=_log_facts(lease, "left to another worker, or stopped"))
    except Busy:
        _release(lease, now() + BUSY_DELAY)
    except DomainError as reason:
        logger.info("batch", extra={**_log_facts(lease, "refused"), "because": type(reason).__name__})
        _record_refused(lease, str(reason))
    except Exception as error:
        if database_errors.as_refusal(error):
            raise  # of a database that does not answer: the worker tries again when it does, or the lease is over
        logger.exception("batch", extra=_log_facts(lease, "failed"))
        _record_refused(lease, _("Something went wrong. Nothing was changed. Whoever runs the order desk can see why."))


def _retry_while_busy(lease: Lease) -> None:
    for attempts_left in reversed(range(BUSY_ATTEMPTS)):
        try:
            change(lease)
            return
        except Busy:
            if not attempts_left:
                raise


def change(lease: Lease) -> None:
    """Change the order, and note in the same transaction that it is done; raises LeaseLost where it is not ours."""
    is_undo = lease.task.action is BatchAction.UNDO
    with editing(lease.number, None, lease.actor, is_step=not is_undo) as order:
        version = order.version
        note = actions.carry_out(order, lease.task, by=lease.actor)
        changed_to = order.version if order.version != version else None
        if not _record(lease, BatchOrderState.DONE, reason=note, version=changed_to):
            raise LeaseLost(lease.number)


def _log_facts(lease: Lease, outcome: str) -> dict[str, str]:
    return {"action": lease.task.action.value, "order": lease.number, "outcome": outcome}


def _record_refused(lease: Lease, reason: str) -> None:
    with writing():
        _record(lease, BatchOrderState.REFUSED, reason=reason, version=lease.task.version)


def _release(lease: Lease, due_at: datetime) -> None:
    """Have an order that is not done wait again."""
    with writing():
        _record(lease, BatchOrderState.WAITING, due_at=due_at, version=lease.task.version)


def _record(
    lease: Lease,
    state: BatchOrderState,
    *,
    due_at: datetime | None = None,
    reason: str | None = None,
    version: int | None = None,
) -> bool:
    """Whether the order was still this worker's."""
    values = {"new_state": state, "new_due_at": due_at, "new_reason": reason, "new_version": version}
    # Without the session, which would write what the order's change has left for the end.
    recorded = db.session.connection().execute(RECORD, {"row_id": lease.row_id, "token": lease.token, **values})
    return recorded.rowcount == 1


def _finish(batch_id: int) -> None:
    waits = select(ROWS.c.id).where(ROWS.c.batch_id == batch_id, ROWS.c.due_at.is_not(None)).limit(1)
    is_finished = db.session.execute(waits).first() is None  # this read takes no lock
    db.session.rollback()
    if is_finished:
        with writing():
            running.finish(batch_id)
