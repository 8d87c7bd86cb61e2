"""Taking due messages so that no two workers send the same one, and noting what became of them.

A claim is a lease: a worker that dies loses it in time, and the message is due again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, update

from webshop_orders.columns import now
from webshop_orders.errors import Busy
from webshop_orders.extensions import db
from webshop_orders.models import Message, MessageState, Order
from webshop_orders.outbox.outcomes import Outcome
from webshop_orders.unit_of_work import writing

BATCH = 20
LEASE = timedelta(minutes=5)
# Longer than one delivery can take when a slow server answers each step just in time.
LEAST_TIME = timedelta(seconds=90)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=3)
TRIES_TO_RECORD = 3
chance = SystemRandom()


@dataclass(frozen=True)
class Claim:
    """A message that this worker alone may send until its lease ends; detached, so that reading it asks nothing."""

    message: Message
    order_number: str

    @property
    def has_time(self) -> bool:
        return self.message.leased_until is not None and now() + LEAST_TIME < self.message.leased_until


def take() -> list[Claim]:
    """Claim the messages that have been due longest, at most a batch."""
    at = now()
    if not db.session.scalar(select(exists().where(_is_due(at)))):  # looking takes no lock
        db.session.rollback()
        return []
    with writing():
        rows = db.session.execute(
            select(Message, Order.number)
            .join(Order, Order.id == Message.order_id)
            .where(_is_due(at))
            .order_by(Message.due_at, Message.id)
            .limit(BATCH)
            .with_for_update(of=Message, skip_locked=True)
        ).all()
        for message, _number in rows:
            message.state, message.leased_until = MessageState.SENDING, at + LEASE
            message.attempts += 1
    for message, _number in rows:
        db.session.expunge(message)
    return [Claim(message, number) for message, number in rows]


def record(claim: Claim, outcome: Outcome) -> None:
    """Note what became of a claimed message, unless the lease ran out and the message is another worker's by now."""
    at, message = now(), claim.message
    state = outcome.state
    if state is MessageState.RETRYING and at - message.queued_at >= GIVE_UP_AFTER:
        state = MessageState.GIVEN_UP
    values: dict[str, Any] = {"state": state, "last_answer": outcome.answer}
    if state is MessageState.SENT:
        values["sent_at"] = at
    if state is MessageState.RETRYING:
        values["due_at"] = at + pause(message.attempts)
    _change(claim, values)


def release(claim: Claim) -> None:
    """Give a claimed message back untried."""
    tried = claim.message.attempts - 1
    _change(claim, {"state": MessageState.RETRYING if tried else MessageState.QUEUED, "attempts": tried})


def pause(attempts: int) -> timedelta:
    """How long to wait after a number of tries: doubling, and not the same for all that failed at once."""
    doubled = FIRST_PAUSE * (1 << min(attempts - 1, 10))
    return min(doubled, LONGEST_PAUSE) * chance.uniform(0.8, 1.2)


def _is_due(at: datetime) -> ColumnElement[bool]:
    return or_(
        and_(Message.state.in_([MessageState.QUEUED, MessageState.RETRYING]), Message.due_at <= at),
        and_(Message.state == MessageState.SENDING, Message.leased_until <= at),
    )


def _change(claim: Claim, values: dict[str, Any]) -> None:
    ours = (
        Message.id == claim.message.id,
        Message.state == MessageState.SENDING,
        Message.attempts == claim.message.attempts,
        Message.leased_until == claim.message.leased_until,
    )
    change = update(Message).where(*ours).values(leased_until=None, **values)
    for tries_left in reversed(range(TRIES_TO_RECORD)):
        try:
            with writing():
                db.session.execute(change.execution_options(synchronize_session=False))
            return
        except Busy:  # a mail that left but is not noted would leave twice
            if not tries_left:
                raise
