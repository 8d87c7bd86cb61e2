"""Taking due mails and webhooks so that no two workers send the same one, and noting what became of them.

A claim is a lease: until it ends, the message is due to nobody; a worker that dies lets it end, and it is due again.
The number of the attempt tells a worker that slept past its lease from the one that has the message now.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, exists, or_, select, update
from sqlalchemy.orm import aliased

from webshop_orders.clock import now
from webshop_orders.db.extensions import Base, db
from webshop_orders.db.locks import for_update
from webshop_orders.errors import Busy
from webshop_orders.models import (
    AccountMail,
    HoldReason,
    Message,
    MessageAttempt,
    MessageState,
    Order,
    User,
    Webhook,
    WebhookAttempt,
    WebhookMessage,
)
from webshop_orders.outbox.outcomes import Outcome
from webshop_orders.transactions.unit_of_work import writing

BATCH = 20
LEASE_DURATION = timedelta(minutes=5)
# Longer than one delivery can take when a slow server answers each step just in time.
MIN_TIME_LEFT = timedelta(seconds=90)
FIRST_RETRY = timedelta(minutes=1)
MAX_RETRY_DELAY = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=3)
TRIES_TO_RECORD = 3
chance = SystemRandom()


@dataclass(frozen=True)
class Queue:
    """One of the outbox's queues: its table, that of its attempts if it has one, and what is read with each message."""

    table: type[Message] | type[WebhookMessage] | type[AccountMail]
    attempts: type[MessageAttempt] | type[WebhookAttempt] | None
    along: Select[Any, Any]


def _is_earlier_under_way() -> ColumnElement[bool]:
    """Whether the same webhook has yet to hear of something that happened to the same order before."""
    earlier = aliased(WebhookMessage)
    return exists().where(
        earlier.webhook_id == WebhookMessage.webhook_id,
        earlier.order_id == WebhookMessage.order_id,
        earlier.id < WebhookMessage.id,
        earlier.due_at.is_not(None),
    )


MAILS = Queue(
    Message,
    MessageAttempt,
    select(Message, Order.number).outerjoin(Order, Order.id == Message.order_id),
)
ACCOUNT_MAILS = Queue(AccountMail, None, select(AccountMail, User).join(User, User.id == AccountMail.user_id))
WEBHOOKS = Queue(
    WebhookMessage,
    WebhookAttempt,
    select(WebhookMessage, Webhook)
    .join(Webhook, Webhook.id == WebhookMessage.webhook_id)
    .where(Webhook.disabled_at.is_(None), ~_is_earlier_under_way()),
)


@dataclass(frozen=True)
class Lease:
    """A message that this worker alone may send until its lease ends; detached, so that reading it asks nothing."""

    queue: Queue
    message: Any
    along: Any

    @property
    def has_time(self) -> bool:
        return self.message.due_at is not None and now() + MIN_TIME_LEFT < self.message.due_at


def acquire(queue: Queue) -> list[Lease]:
    """Claim the messages of a queue that have been due longest, at most a batch."""
    at = now()
    due = queue.along.where(queue.table.due_at <= at, *_may_be_told(queue, at))
    if not db.session.execute(due.limit(1)).first():  # looking takes no lock
        db.session.rollback()
        return []
    with writing():
        rows = db.session.execute(
            for_update(due.order_by(queue.table.due_at, queue.table.id).limit(BATCH), of=queue.table, skip_locked=True)
        ).all()
        for message, _along in rows:
            if message.state is MessageState.SENDING:
                _note_cut_off(queue, message)
            message.state, message.due_at = MessageState.SENDING, at + LEASE_DURATION
            message.attempts += 1
    for row in rows:
        for one in row:
            if isinstance(one, Base) and one in db.session:
                db.session.expunge(one)
    return [Lease(queue, message, along) for message, along in rows]


def _may_be_told(queue: Queue, at: datetime) -> list[ColumnElement[bool]]:
    """Webhooks that did not answer a moment ago are left alone for a while."""
    return [or_(Webhook.paused_until.is_(None), Webhook.paused_until <= at)] if queue is WEBHOOKS else []


def record_outcome(claim: Lease, outcome: Outcome) -> MessageState:
    """Note what became of a claimed message, unless the lease ran out and the message is another worker's by now.

    Gives the state that it is left in.
    """
    at, message = now(), claim.message
    state = outcome.state
    if state is MessageState.RETRYING and at - message.tried_from >= GIVE_UP_AFTER:
        state = MessageState.GIVEN_UP
    values: dict[str, Any] = {"state": state, "last_answer": outcome.answer, "due_at": None}
    if state is MessageState.SENT:
        values["sent_at"] = at
    if state is MessageState.RETRYING:
        values["due_at"] = at + retry_delay(message.attempts)
    if state is MessageState.GIVEN_UP and claim.queue is MAILS:
        values["needs_attention"] = True
    told = {"message_id": message.id, "number": message.attempts, "at": at, "state": state, "answer": outcome.answer}
    _change(claim, values, claim.queue.attempts(**told) if claim.queue.attempts else None)
    return state


def release(claim: Lease) -> None:
    """Give a claimed message back untried."""
    tried = claim.message.attempts - 1
    state = MessageState.RETRYING if tried else MessageState.QUEUED
    _change(claim, {"state": state, "attempts": tried, "due_at": now()})


def queue_held() -> None:
    """Queue what was held only because there was no mail server.

    What is older than any mail would be tried for stays: nobody expects it any more, and staff can send it by hand.
    """
    at = now()
    held = (
        Message.state == MessageState.HELD,
        Message.held_because == HoldReason.NO_SERVER,
        Message.queued_at > at - GIVE_UP_AFTER,
    )
    if db.session.scalar(select(exists().where(*held))):
        with writing():
            queued = {"state": MessageState.QUEUED, "held_because": None, "due_at": at, "tried_from": at}
            db.session.execute(update(Message).where(*held).values(queued))
    db.session.rollback()


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after a number of tries: doubling, and not the same for all that failed at once."""
    doubled = FIRST_RETRY * (1 << min(attempts - 1, 10))
    return min(doubled, MAX_RETRY_DELAY) * chance.uniform(0.8, 1.2)


def _note_cut_off(queue: Queue, message: Any) -> None:
    if queue.attempts is None:
        return
    answer = _("The attempt was cut off before its outcome was known; the mail may have left.")
    cut_off = {"number": message.attempts, "state": MessageState.RETRYING, "answer": answer}
    db.session.add(queue.attempts(message_id=message.id, **cut_off))


def _change(claim: Lease, values: dict[str, Any], attempt: MessageAttempt | WebhookAttempt | None = None) -> None:
    table = claim.queue.table
    ours = (
        table.id == claim.message.id,
        table.state == MessageState.SENDING,
        table.attempts == claim.message.attempts,
    )
    change = update(table).where(*ours).values(values).execution_options(synchronize_session=False)
    for tries_left in reversed(range(TRIES_TO_RECORD)):
        try:
            with writing():
                still_ours = db.session.scalar(change.returning(table.id)) is not None
                if still_ours and attempt is not None:
                    db.session.add(attempt)
            return
        except Busy:  # a mail that left but is not noted would leave twice
            if not tries_left:
                raise
