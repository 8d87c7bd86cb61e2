"""Taking steps back and carrying them out again (Ångra, Gör om): each is a change of its own, with one event."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, Event, Order, UndoStep
from webshop_orders.models.event_facts import ChangesRedone, ChangesUndone
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import withdrawn_mails
from webshop_orders.operations.undo import order_state, restoring, steps
from webshop_orders.operations.undo.order_state import Difference, Rows
from webshop_orders.operations.undo.steps import VERSION_KINDS, Step


def undo(order: Order, step_id: int | None = None, *, by: Actor) -> ChangesUndone:
    """Take back the last step of a user in a locked order, or all of their steps down to the one with this id.

    Their mails are withdrawn. Raises RuleViolation with the reason where one of them can no longer be taken back.
    """
    available = steps.read(order.id, by)
    chosen = available.undoable(step_id)
    if not chosen:
        raise RuleViolation(available.obstacle(step_id) or "")
    undone = _load(chosen)
    both = order_state.together(Difference(step.before, step.after) for step in undone)
    mails = withdrawn_mails.lock_last_confirmations(order, _shipped(order, both.after, both.before))
    left = next((mail.subject for mail in mails if mail.has_left), None)
    if left:
        raise RuleViolation(_("“%(subject)s” has left already, so this can no longer be taken back.", subject=left))
    if not order_state.stands_as(order, both.after):
        raise RuleViolation(_("What it changed was changed since, so this can no longer be taken back."))
    changes = changes_of(order, chosen)
    uncovered = restoring.restore(order, both.before)
    facts = ChangesUndone([step.version for step in reversed(undone)], changes, uncovered)
    history.record(order, facts, by=by)
    withdrawn_mails.withdraw(mails, by=by)
    _queue_again(order, _shipped(order, both.before, both.after))
    for step in undone:
        step.undone_version = order.version
    return facts


def redo(order: Order, *, by: Actor) -> ChangesRedone:
    """Carry out the step again that a user took back last in a locked order; its withdrawn mails are queued again.

    Raises NoChange where there is none, or the order was changed since.
    """
    step = steps.read(order.id, by).redoable()
    if step is None:
        raise NoChange(_("There is nothing to carry out again."))
    (undone,) = _load([step])
    if not order_state.stands_as(order, undone.before):
        raise RuleViolation(_("What it changed was changed since, so this can no longer be carried out again."))
    changes = changes_of(order, [step])
    from_version, uncovered = order.version, restoring.restore(order, undone.after)
    facts = ChangesRedone([step.version], changes, uncovered)
    history.record(order, facts, by=by)
    reopened = _shipped(order, undone.before, undone.after)
    withdrawn_mails.withdraw(withdrawn_mails.lock_last_confirmations(order, reopened), by=by)
    _queue_again(order, _shipped(order, undone.after, undone.before))
    undone.from_version, undone.version, undone.undone_version = from_version, order.version, None
    return facts


def changes_of(order: Order, chosen: list[Step]) -> list[dict[str, Any]]:
    """The kinds and facts of the events of some steps, the latest first; one that was redone tells what it repeats."""
    first = min(step.from_version for step in chosen)
    events = select(Event).where(Event.order_id == order.id, Event.version > first, Event.kind.in_(VERSION_KINDS))
    changes: list[dict[str, Any]] = []
    for event in db.session.scalars(events.order_by(Event.id.desc())):
        if not any(step.from_version < event.version <= step.version for step in chosen):
            continue
        facts = event.read_facts()
        if isinstance(facts, ChangesRedone):
            changes += facts.changes
        else:
            changes.append({"kind": event.kind.value, "facts": event.facts})
    return changes


def _shipped(order: Order, rows: Rows, others: Rows) -> list[str]:
    """The references of the shipments that are shipped in some rows, and not in others."""
    seqs = order_state.shipped(rows) - order_state.shipped(others)
    return [f"{order.number}-{seq}" for seq in seqs]


def _queue_again(order: Order, references: list[str]) -> None:
    """Queue the withdrawn confirmations of shipments that are shipped again."""
    mails = withdrawn_mails.lock_last_confirmations(order, references)
    withdrawn_mails.queue_again(mails, order_version=order.version)


def _load(chosen: list[Step]) -> list[UndoStep]:
    """The steps with their values, oldest first."""
    ids = [step.id for step in chosen]
    return list(db.session.scalars(select(UndoStep).where(UndoStep.id.in_(ids)).order_by(UndoStep.id)))
