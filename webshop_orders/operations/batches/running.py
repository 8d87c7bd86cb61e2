"""Having an action carried out on the orders of a batch: it is only said here what is to be done; workers do it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, Update, and_, case, func, literal, null, select, update

from webshop_orders import request_ids
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.parameters import is_one_of
from webshop_orders.errors import AlreadyDone, NoChange, RuleViolation
from webshop_orders.models import Actor, Batch, BatchAction, BatchOrder, BatchOrderState, BatchState, Order
from webshop_orders.operations.batches import actions, selection

PAGE = 50
BATCHES: Any = Batch.__table__
ROWS: Any = BatchOrder.__table__  # written without the ORM, since there may be thousands
ORDERS = ROWS.c
CHOSEN = "chosen"
IS_CHOSEN = is_one_of(ORDERS.order_id, CHOSEN)


@dataclass(frozen=True)
class Progress:
    """How many orders of a batch its action has been begun for, and what became of them."""

    total: int = 0
    waiting: int = 0
    done: int = 0
    refused: int = 0


class BatchRow(NamedTuple):
    """An order in a batch: its place, and what became of it, with the `reason` as a sentence."""

    position: int
    order_id: int
    number: str
    customer: str
    state: BatchOrderState
    reason: str | None


@dataclass(frozen=True)
class RowPage:
    """Orders of a batch by position; `next_after` is the cursor of the page that follows."""

    rows: list[BatchRow]
    next_after: int | None


def start(
    batch: Batch,
    action: BatchAction,
    options: Mapping[str, Any] | None = None,
    *,
    by: Actor,
    only: Iterable[int] | None = None,
    shown: str | None = None,
) -> int:
    """Have workers carry an action out on each order of a locked batch, or `only` on those with these ids.

    The others stay listed, or as they are where the batch had the same action before. Taking back (UNDO) is for the
    orders that the batch changed. `shown` is `token_of` the batch as the form showed it: a form that is sent twice is
    carried out once. Returns how many orders wait now. Raises RuleViolation, NoChange while the batch is being worked
    on, and AlreadyDone.
    """
    selection.check_open(batch)
    if shown is not None and shown != token_of(batch):
        raise AlreadyDone(_("This was done already."))
    if batch.state is BatchState.RUNNING:
        raise NoChange(_("%(name)s is being worked on.", name=batch.name))
    filled = actions.check_options(action, options or {})
    is_chosen: ColumnElement[bool] = ORDERS.batch_id == batch.id
    if only is not None:
        is_chosen = and_(is_chosen, IS_CHOSEN)
    if action is BatchAction.UNDO:
        actions.check_undoable(batch, by)
        is_chosen = and_(is_chosen, ORDERS.state == BatchOrderState.DONE, ORDERS.version.is_not(None))
    parameters = {CHOSEN: tuple(only)} if only is not None else {}
    if not db.session.scalar(select(func.count()).where(is_chosen), parameters):
        nothing = action is BatchAction.UNDO
        raise RuleViolation(
            _("There is nothing of this batch to take back.") if nothing else _("Choose at least one order.")
        )
    changed = [ORDERS.batch_id == batch.id] if action is not batch.action else [is_chosen]
    waiting = _wait(*changed, is_chosen=is_chosen, keeps_version=action is BatchAction.UNDO)
    db.session.execute(waiting, parameters)
    batch.action, batch.options = action, filled
    _run(batch, by)
    return progress(batch).waiting


def retry(batch: Batch, options: Mapping[str, Any] | None = None, *, by: Actor) -> int:
    """Have workers try the refused orders of a locked batch again, with other options where they are given.

    Returns how many orders wait now. Raises RuleViolation where none was refused, and as `start` does.
    """
    selection.check_open(batch)
    if batch.state is BatchState.RUNNING:
        raise NoChange(_("%(name)s is being worked on.", name=batch.name))
    if batch.action is BatchAction.UNDO:
        actions.check_own(batch, by)
    is_refused = and_(ORDERS.batch_id == batch.id, ORDERS.state == BatchOrderState.REFUSED)
    if batch.action is None or not db.session.scalar(select(func.count()).where(is_refused)):
        raise RuleViolation(_("No order of %(name)s was refused.", name=batch.name))
    if options is not None:
        batch.options = actions.check_options(batch.action, options)
    db.session.execute(_wait(is_refused, is_chosen=is_refused, keeps_version=True))
    _run(batch, by)
    return progress(batch).waiting


def stop(batch: Batch) -> int:
    """Leave the orders of a locked batch undone that still wait; returns how many.

    Raises NoChange where none does. An order that a worker is at this moment changing is done.
    """
    is_waiting = and_(ORDERS.batch_id == batch.id, ORDERS.state == BatchOrderState.WAITING)
    listed = update(ROWS).where(is_waiting).values(state=BatchOrderState.LISTED, due_at=None)
    stopped = db.session.connection().execute(listed).rowcount
    if not stopped:
        raise NoChange(_("%(name)s is not being worked on.", name=batch.name))
    finish(batch.id)
    db.session.refresh(batch)
    return stopped


def finish(batch_id: int | None = None) -> int:
    """Note that batches, or one, are finished of which no order waits any more; returns how many were."""
    waits = (
        select(ORDERS.id).where(ORDERS.batch_id == BATCHES.c.id, ORDERS.due_at.is_not(None)).correlate(BATCHES).exists()
    )
    statement = update(BATCHES).where(BATCHES.c.state == BatchState.RUNNING, ~waits)
    if batch_id is not None:
        statement = statement.where(BATCHES.c.id == batch_id)
    values = {"state": BatchState.FINISHED, "finished_at": now()}
    return db.session.connection().execute(statement.values(values)).rowcount


def count_due_since(at: datetime) -> int:
    """How many orders have waited for a worker since before a time."""
    running_ids = select(BATCHES.c.id).where(BATCHES.c.state == BatchState.RUNNING)
    is_due = (ORDERS.batch_id.in_(running_ids), ORDERS.due_at < at)
    return db.session.scalar(select(func.count()).where(*is_due)) or 0


def progress(batch: Batch) -> Progress:
    """What became of the orders that the action of a batch was started for, in one statement."""
    rows = db.session.execute(
        select(ORDERS.state, func.count())
        .where(ORDERS.batch_id == batch.id, ORDERS.state != BatchOrderState.LISTED)
        .group_by(ORDERS.state)
    ).all()
    counts = {state.value: count for state, count in rows}
    return Progress(total=sum(counts.values()), **counts)


def progress_of(batch_ids: Iterable[int]) -> dict[int, Progress]:
    """The same of each of some batches, by their ids, in one statement."""
    rows = db.session.execute(
        select(ORDERS.batch_id, ORDERS.state, func.count())
        .where(ORDERS.batch_id.in_(list(batch_ids)), ORDERS.state != BatchOrderState.LISTED)
        .group_by(ORDERS.batch_id, ORDERS.state)
    ).all()
    counts: dict[int, dict[str, int]] = {}
    for batch_id, state, count in rows:
        counts.setdefault(batch_id, {})[state.value] = count
    return {batch_id: Progress(total=sum(states.values()), **states) for batch_id, states in counts.items()}


def refused(batch: Batch, after: int | None = None) -> RowPage:
    """A page of the orders that were refused, with their reasons."""
    return page(batch, BatchOrderState.REFUSED, after)


def refused_among(batch: Batch, numbers: Collection[str]) -> list[BatchRow]:
    """The refused orders of a batch that have one of these numbers."""
    query = _rows(batch).where(ORDERS.state == BatchOrderState.REFUSED, Order.number.in_(numbers))
    return [BatchRow(*row) for row in db.session.execute(query).all()]


def page(batch: Batch, state: BatchOrderState | None = None, after: int | None = None) -> RowPage:
    """A page of the orders of a batch by position, of those in one state where it is given."""
    query = _rows(batch).where(ORDERS.position > (after or 0)).limit(PAGE + 1)
    if state is not None:
        query = query.where(ORDERS.state == state)
    rows = [BatchRow(*row) for row in db.session.execute(query).all()]
    return RowPage(rows[:PAGE], rows[PAGE - 1].position if len(rows) > PAGE else None)


def _rows(batch: Batch) -> Select[*tuple[Any, ...]]:
    customer = func.coalesce(Order.__table__.c.customer_company, Order.__table__.c.customer_name)
    return (
        select(ORDERS.position, ORDERS.order_id, Order.number, customer, ORDERS.state, ORDERS.reason)
        .join(Order, Order.id == ORDERS.order_id)
        .where(ORDERS.batch_id == batch.id)
        .order_by(ORDERS.position)
    )


def token_of(batch: Batch) -> str:
    """Which start of a batch a form was rendered after."""
    return batch.started_at.isoformat() if batch.started_at else "-"


def _wait(*changed: ColumnElement[bool], is_chosen: ColumnElement[bool], keeps_version: bool) -> Update:
    """Have the chosen ones of the changed rows wait, due now, and list the others.

    The attempts go on being counted: a worker that has held a row since before holds it no longer.
    """
    waiting, listed = (literal(state, ORDERS.state.type) for state in (BatchOrderState.WAITING, BatchOrderState.LISTED))
    values: dict[Any, Any] = {
        ORDERS.state: case((is_chosen, waiting), else_=listed),
        ORDERS.due_at: case((is_chosen, literal(now(), ORDERS.due_at.type)), else_=null()),
        ORDERS.attempts: ORDERS.attempts + 1,
        ORDERS.reason: null(),
    }
    if not keeps_version:
        values[ORDERS.version] = null()
    return update(ROWS).where(*changed).values(values)


def _run(batch: Batch, by: Actor) -> None:
    batch.actor_kind, batch.actor_name, batch.user_id = by.kind, by.name, by.user_id
    batch.state, batch.started_at, batch.finished_at = BatchState.RUNNING, now(), None
    batch.request_id = request_ids.current()
    db.session.flush()
