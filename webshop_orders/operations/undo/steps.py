"""The steps that users can take back in an order, and carry out again: recorded with each change, read with the order.

A step can be taken back until the next one has happened outside this desk: while nobody else has changed the order
since, and no mail of it has left. Newest first, and in the reverse sequence again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, delete, insert, or_, select

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.parameters import written_out
from webshop_orders.db.plain_rows import NestedRows
from webshop_orders.models import Actor, Event, Message, MessageState, Order, UndoStep
from webshop_orders.models.message import CAUSED_BY_CHANGES
from webshop_orders.operations.orders import order_rows
from webshop_orders.operations.orders.loading import VERSION_KINDS
from webshop_orders.operations.orders.order_rows import NestedValues
from webshop_orders.operations.undo import order_state
from webshop_orders.operations.undo.order_state import State

MAX_STEPS = 50  # of a user in an order that can be taken back
STEP_RETENTION = timedelta(days=30)

ORDERS, STEPS = Order.__table__, UndoStep.__table__
EVENTS, MESSAGES = Event.__table__, Message.__table__
INSERT_STEP = insert(UndoStep)
OF_USER = STEPS.c.user_id == bindparam("user_id")
ALONG = (
    NestedRows(
        select(STEPS.c.id, STEPS.c.from_version, STEPS.c.version, STEPS.c.undone_version)
        .where(STEPS.c.order_id == ORDERS.c.id, OF_USER)
        .order_by(STEPS.c.id.desc())
        .limit(MAX_STEPS),
        ORDERS,
    ),
    NestedRows(
        select(EVENTS.c.id, EVENTS.c.version, EVENTS.c.actor_name)
        .where(
            EVENTS.c.order_id == ORDERS.c.id,
            EVENTS.c.kind.in_(written_out(VERSION_KINDS)),
            EVENTS.c.user_id.is_distinct_from(bindparam("user_id")),
        )
        .order_by(EVENTS.c.id.desc())
        .limit(1),
        ORDERS,
    ),
    NestedRows(
        select(MESSAGES.c.id, MESSAGES.c.order_version, MESSAGES.c.subject)
        .where(
            MESSAGES.c.order_id == ORDERS.c.id,
            MESSAGES.c.automatic,
            MESSAGES.c.kind.in_(written_out(CAUSED_BY_CHANGES)),
            MESSAGES.c.order_version.is_not(None),
            or_(MESSAGES.c.attempts > 0, MESSAGES.c.state.in_(written_out([MessageState.SENDING, MessageState.SENT]))),
        )
        .order_by(MESSAGES.c.order_version.desc())
        .limit(1),
        ORDERS,
    ),
)


@dataclass(frozen=True)
class Step:
    """A step without its values; `undone_version` is the version that taking it back made, None while it stands."""

    id: int
    from_version: int
    version: int
    undone_version: int | None


@dataclass(frozen=True)
class Steps:
    """The steps of a user in an order, oldest first, and the last version that keeps older ones from being undone.

    `changed_by` changed the order at `changed_version`, last of all others; the mail `left_subject` of `left_version`
    has left. Both versions are 0 where there is none.
    """

    steps: list[Step]
    changed_version: int = 0
    changed_by: str = ""
    left_version: int = 0
    left_subject: str = ""

    def undoable(self, step_id: int | None = None) -> list[Step]:
        """The steps that are taken back together, newest first: the last one, or all down to the one with this id.

        Empty where one of them cannot be: `obstacle` says why.
        """
        chosen = self._standing(step_id)
        return [] if self._obstacle(chosen) else chosen

    def redoable(self) -> Step | None:
        """The step that is carried out again first; None where there is none, or someone changed the order since.

        A step that was taken back before a later one was made is never carried out again, whatever became of that.
        """
        standing = [step.id for step in self.steps if step.undone_version is None]
        after = [step for step in self.steps if step.id > max(standing, default=0) and not self._is_given_up(step)]
        step = after[0] if after else None
        return step if step and (step.undone_version or 0) > self.changed_version else None

    def _is_given_up(self, undone: Step) -> bool:
        return any(step.id > undone.id and step.from_version >= (undone.undone_version or 0) for step in self.steps)

    def obstacle(self, step_id: int | None = None) -> str | None:
        """Why these steps cannot be taken back, in one sentence; None where they can."""
        return self._obstacle(self._standing(step_id))

    def _standing(self, step_id: int | None) -> list[Step]:
        standing = [step for step in reversed(self.steps) if step.undone_version is None]
        if step_id is None:
            return standing[:1]
        return [step for step in standing if step.id >= step_id] if any(s.id == step_id for s in standing) else []

    def _obstacle(self, chosen: list[Step]) -> str | None:
        if not chosen:
            return _("There is nothing of yours to take back.")
        if chosen[-1].from_version < self.changed_version:
            return _("%(name)s has changed the order since, so this can no longer be taken back.", name=self.changed_by)
        if chosen[-1].from_version < self.left_version:
            return _("“%(subject)s” has left already, so this can no longer be taken back.", subject=self.left_subject)
        return None

    def of_version(self, version: int) -> Step | None:
        """The standing step that made a version of the order, where it can be taken back."""
        step = next((step for step in self.steps if step.from_version < version <= step.version), None)
        return step if step and self.undoable(step.id) else None


def read(order_id: int, by: Actor) -> Steps:
    """The steps of a user in an order, in one statement."""
    return of_rows(order_rows.read_along(order_id, ALONG, user_id=by.user_id))


def of_rows(rows: NestedValues) -> Steps:
    """The steps that the rows of `ALONG` are."""
    steps, changes, mails = rows
    changed: list[Any] = changes[0] if changes else [0, 0, ""]
    left: list[Any] = mails[0] if mails else [0, 0, ""]
    return Steps([Step(*row) for row in steps], changed[1], changed[2], left[1], left[2])


def with_last_change(order: Order) -> Steps:
    """The steps of a user who has just changed an order, as far as their last one: it can be taken back."""
    return Steps([Step(id=0, from_version=order.version - 1, version=order.version, undone_version=None)])


def record(order: Order, before: State, from_version: int, by: Actor) -> None:
    """Record what a user's change altered, from the state `before` it; a change without a new version is no step."""
    if by.user_id is None or order.version == from_version:
        return
    altered = order_state.difference(before, order_state.take(order))
    values = {
        "order_id": order.id,
        "user_id": by.user_id,
        "at": now(),
        "from_version": from_version,
        "version": order.version,
        "before": altered.before,
        "after": altered.after,
    }
    db.session.connection().execute(INSERT_STEP, values)  # without the ORM, since nothing of it is read here


def delete_expired() -> None:
    """Delete steps past their retention period."""
    db.session.execute(delete(UndoStep).where(UndoStep.at < now() - STEP_RETENTION))
