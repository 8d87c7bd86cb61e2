"""Taking steps back and carrying them out again (Ångra, Gör om): each is a change of its own, with one event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, Message, MessageKind, Order, UndoStep
from webshop_orders.models.event_facts import ChangesRedone, ChangesUndone
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import loading, withdrawn_mails
from webshop_orders.operations.undo import order_state, restoring, steps
from webshop_orders.operations.undo.order_state import Difference, Rows
from webshop_orders.operations.undo.steps import Step, Steps

# The mails that go with changes of these values of an order.
MAILS_OF_FIELDS = {"returns": MessageKind.RETURN_REGISTERED, "refunds": MessageKind.CREDIT_NOTE}


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
    mails = _Mails.lock(order, both, undone, available)
    left = next((mail.subject for mail in mails.of_steps if mail.has_left), None)
    if left:
        raise RuleViolation(_("“%(subject)s” has left already, so this can no longer be taken back.", subject=left))
    if not order_state.stands_as(order, both.after):
        raise RuleViolation(_("What it changed was changed since, so this can no longer be taken back."))
    changes = changes_of(order, chosen)
    uncovered = restoring.restore(order, both.before, by=by)
    _check_not_delivered(order)
    facts = ChangesUndone([step.version for step in reversed(undone)], changes, uncovered)
    history.record(order, facts, by=by)
    withdrawn_mails.withdraw(mails.of_steps, by=by)
    withdrawn_mails.queue_again(mails.before(_shipped(order, both.before)))
    for step in undone:
        step.undone_version = order.version
    return facts


def redo(order: Order, *, by: Actor) -> ChangesRedone:
    """Carry out the step again that a user took back last in a locked order; its withdrawn mails are queued again.

    Raises NoChange where there is none, or the order was changed since.
    """
    available = steps.read(order.id, by)
    step = available.redoable()
    if step is None:
        raise NoChange(_("There is nothing to carry out again."))
    (undone,) = _load([step])
    if not order_state.stands_as(order, undone.before):
        raise RuleViolation(_("What it changed was changed since, so this can no longer be carried out again."))
    mails = _Mails.lock(order, Difference(undone.before, undone.after), [undone], available)
    changes = changes_of(order, [step])
    from_version, uncovered = order.version, restoring.restore(order, undone.after, by=by)
    facts = ChangesRedone([step.version], changes, uncovered)
    history.record(order, facts, by=by)
    reopened = _shipped(order, undone.before) - _shipped(order, undone.after)
    withdrawn_mails.withdraw(mails.before(reopened), by=by)
    automatic = [mail for mail in mails.of_steps if mail.automatic]
    withdrawn_mails.queue_again(automatic, order_version=order.version)
    undone.from_version, undone.version, undone.undone_version = from_version, order.version, None
    return facts


def changes_of(order: Order, chosen: list[Step]) -> list[dict[str, Any]]:
    """The kinds and facts of the events of some steps, the latest first; one that was redone tells what it repeats."""
    first = min(step.from_version for step in chosen)
    changes: list[dict[str, Any]] = []
    for event in reversed(loading.changes_since(order, first)):
        if not any(step.from_version < event.version <= step.version for step in chosen):
            continue
        facts = event.read_facts()
        if isinstance(facts, ChangesRedone):
            changes += facts.changes
        else:
            changes.append({"kind": event.kind.value, "facts": event.facts})
    return changes


@dataclass(frozen=True)
class _Mails:
    """The delivery confirmations of the shipments that some steps alter, oldest first, and mails about returns, locked.

    `of_steps` are those that the steps caused, and those that staff sent by hand since; `former` are the confirmations
    besides that go or went automatically with a change that stands.
    """

    of_steps: list[Message]
    former: list[Message]

    @classmethod
    def lock(cls, order: Order, both: Difference, altering: list[UndoStep], available: Steps) -> _Mails:
        references = _shipped(order, both.before) | _shipped(order, both.after)
        mails = withdrawn_mails.lock_confirmations(order, references)
        since = min(step.at for step in altering)
        of_steps = [
            mail for mail in mails if _is_of(altering, mail) or (not mail.automatic and mail.queued_at >= since)
        ]
        for field, kind in MAILS_OF_FIELDS.items():
            if any(field in (rows.get(order_state.key_of(order)) or {}) for rows in (both.before, both.after)):
                of_steps += [mail for mail in withdrawn_mails.lock_mails_of(order, kind) if _is_of(altering, mail)]
        taken_back = [step for step in available.steps if step.undone_version is not None]
        former = [mail for mail in mails if mail.automatic and not _is_of([*altering, *taken_back], mail)]
        return cls(of_steps, sorted(former, key=lambda mail: mail.order_version or 0))

    def before(self, references: set[str]) -> list[Message]:
        """The confirmation that each of these shipments got last before the steps."""
        last = {mail.shipment_reference: mail for mail in self.former if mail.shipment_reference in references}
        return list(last.values())


def _is_of(made: Iterable[Step | UndoStep], mail: Message) -> bool:
    """Whether one of some steps caused an automatic mail."""
    return any(step.from_version < (mail.order_version or 0) <= step.version for step in made)


def _check_not_delivered(order: Order) -> None:
    """Raise RuleViolation where a shipment would be open again of which the carrier has delivered a parcel."""
    for shipment in order.shipments:
        if not shipment.is_shipped and any(code.delivered_at for code in shipment.tracking_codes):
            raise RuleViolation(
                _(
                    "The carrier has delivered something of %(shipment)s, so this can no longer be taken back.",
                    shipment=shipment.reference,
                )
            )


def _shipped(order: Order, rows: Rows) -> set[str]:
    """The references of the shipments that are shipped in some rows."""
    return {f"{order.number}-{seq}" for seq in order_state.shipped(rows)}


def _load(chosen: list[Step]) -> list[UndoStep]:
    """The steps with their values, oldest first."""
    ids = [step.id for step in chosen]
    return list(db.session.scalars(select(UndoStep).where(UndoStep.id.in_(ids)).order_by(UndoStep.id)))
