"""Taking due messages so that no two workers send the same one, and noting what became of them.

A claim is a lease: until it ends, the message is due to nobody; a worker that dies lets it end, and it is due again.
The number of the attempt tells a worker that slept past its lease from the one that has the message now.
"""

from dataclasses import dataclass
from datetime import timedelta
from random import SystemRandom
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import exists, select, update

from webshop_orders.columns import now
from webshop_orders.errors import Busy
from webshop_orders.extensions import db
from webshop_orders.models import Attempt, HeldBecause, Message, MessageState, Order
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
    order_number: str | None

    @property
    def has_time(self) -> bool:
        return self.message.due_at is not None and now() + LEAST_TIME < self.message.due_at


def take() -> list[Claim]:
    """Claim the messages that have been due longest, at most a batch."""
    at = now()
    is_due = Message.due_at <= at
    if not db.session.scalar(select(exists().where(is_due))):  # looking takes no lock
        db.session.rollback()
        return []
    with writing():
        rows = db.session.execute(
            select(Message, Order.number)
            .outerjoin(Order, Order.id == Message.order_id)
            .where(is_due)
            .order_by(Message.due_at, Message.id)
            .limit(BATCH)
            .with_for_update(of=Message, skip_locked=True)
        ).all()
        for message, _number in rows:
            if message.state is MessageState.SENDING:
                _note_cut_off(message)
            message.state, message.due_at = MessageState.SENDING, at + LEASE
            message.attempts += 1
    for message, _number in rows:
        db.session.expunge(message)
    return [Claim(message, number) for message, number in rows]


def record(claim: Claim, outcome: Outcome) -> None:
    """Note what became of a claimed message, unless the lease ran out and the message is another worker's by now."""
    at, message = now(), claim.message
    state = outcome.state
    if state is MessageState.RETRYING and at - message.tried_from >= GIVE_UP_AFTER:
        state = MessageState.GIVEN_UP
    values: dict[str, Any] = {"state": state, "last_answer": outcome.answer, "due_at": None}
    if state is MessageState.SENT:
        values["sent_at"] = at
    if state is MessageState.RETRYING:
        values["due_at"] = at + pause(message.attempts)
    if state is MessageState.GIVEN_UP:
        values["needs_attention"] = True
    attempt = Attempt(message_id=message.id, number=message.attempts, at=at, state=state, answer=outcome.answer)
    _change(claim, values, attempt)


def release(claim: Claim) -> None:
    """Give a claimed message back untried."""
    tried = claim.message.attempts - 1
    state = MessageState.RETRYING if tried else MessageState.QUEUED
    _change(claim, {"state": state, "attempts": tried, "due_at": now()})


def let_go_of_held() -> None:
    """Queue what was held only because there was no mail server.

    What is older than any mail would be tried for stays: nobody expects it any more, and staff can send it by hand.
    """
    at = now()
    held = (
        Message.state == MessageState.HELD,
        Message.held_because == HeldBecause.NO_SERVER,
        Message.queued_at > at - GIVE_UP_AFTER,
    )
    if db.session.scalar(select(exists().where(*held))):
        with writing():
            queued = {"state": MessageState.QUEUED, "held_because": None, "due_at": at, "tried_from": at}
            db.session.execute(update(Message).where(*held).values(queued))
    db.session.rollback()


def pause(attempts: int) -> timedelta:
    """How long to wait after a number of tries: doubling, and not the same for all that failed at once."""
    doubled = FIRST_PAUSE * (1 << min(attempts - 1, 10))
    return min(doubled, LONGEST_PAUSE) * chance.uniform(0.8, 1.2)


def _note_cut_off(message: Message) -> None:
    answer = _("The attempt was cut off before its outcome was known; the mail may have left.")
    db.session.add(Attempt(message_id=message.id, number=message.attempts, state=MessageState.RETRYING, answer=answer))


def _change(claim: Claim, values: dict[str, Any], attempt: Attempt | None = None) -> None:
    ours = (
        Message.id == claim.message.id,
        Message.state == MessageState.SENDING,
        Message.attempts == claim.message.attempts,
    )
    change = update(Message).where(*ours).values(values).execution_options(synchronize_session=False)
    for tries_left in reversed(range(TRIES_TO_RECORD)):
        try:
            with writing():
                still_ours = db.session.scalar(change.returning(Message.id)) is not None
                if still_ours and attempt is not None:
                    db.session.add(attempt)
            return
        except Busy:  # a mail that left but is not noted would leave twice
            if not tries_left:
                raise
