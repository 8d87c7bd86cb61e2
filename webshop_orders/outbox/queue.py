"""The lease: a worker leases due mails and webhooks, so that no two workers send the same one at the same time.

A lease is a row's `due_at` set LEASE_DURATION ahead. Until then the row is due for no other worker; if its worker
dies, the lease expires and the row is due again. The attempt number is the fencing token: a worker that wakes up after
its lease expired can no longer record an outcome.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any

from flask_babel import LazyString
from sqlalchemy import ColumnElement, Select, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from webshop_orders import metrics
from webshop_orders.clock import now
from webshop_orders.db.extensions import Base, db
from webshop_orders.db.locks import for_update
from webshop_orders.errors import Busy
from webshop_orders.models import (
    AccountMail,
    MailHoldReason,
    Message,
    MessageAttempt,
    MessageState,
    Order,
    User,
    Webhook,
    WebhookAttempt,
    WebhookMessage,
)
from webshop_orders.operations.inbox import derived
from webshop_orders.outbox.outcomes import Outcome
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.transactions.unit_of_work import writing

BATCH_SIZE = 20
LEASE_DURATION = timedelta(minutes=5)
# Longer than one delivery can take when a slow server answers each step just before the timeout.
MIN_TIME_LEFT = timedelta(seconds=90)
FIRST_RETRY_DELAY = timedelta(minutes=1)
MAX_RETRY_DELAY = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=3)
RECORD_ATTEMPTS = 3
jitter = SystemRandom()


@dataclass(frozen=True)
class Queue:
    """One queue of the outbox: its name, its table, the table of its attempts if it has one, the query for due rows.

    Each row of `query` is a message and the related row that its delivery needs. `interrupted` is recorded as the
    answer of an attempt whose worker died.
    """

    name: str
    table: type[Message] | type[WebhookMessage] | type[AccountMail]
    attempts: type[MessageAttempt] | type[WebhookAttempt] | None
    query: Select[Any, Any]
    interrupted: LazyString


def _has_earlier_pending() -> ColumnElement[bool]:
    """Whether an earlier message about the same order is still pending for the same webhook: they go in order."""
    earlier = aliased(WebhookMessage)
    return exists().where(
        earlier.webhook_id == WebhookMessage.webhook_id,
        earlier.order_id == WebhookMessage.order_id,
        earlier.id < WebhookMessage.id,
        earlier.due_at.is_not(None),
    )


MAIL_INTERRUPTED = _l("The attempt was cut off before its outcome was known; the mail may have left.")
WEBHOOK_INTERRUPTED = _l("The attempt was cut off before its outcome was known; the receiver may have got the request.")
MAILS = Queue(
    "mails",
    Message,
    MessageAttempt,
    select(Message, Order.number).outerjoin(Order, Order.id == Message.order_id),
    MAIL_INTERRUPTED,
)
ACCOUNT_MAILS = Queue(
    "account_mails",
    AccountMail,
    None,
    select(AccountMail, User).join(User, User.id == AccountMail.user_id),
    MAIL_INTERRUPTED,
)
WEBHOOKS = Queue(
    "webhooks",
    WebhookMessage,
    WebhookAttempt,
    select(WebhookMessage, Webhook)
    .join(Webhook, Webhook.id == WebhookMessage.webhook_id)
    .where(Webhook.disabled_at.is_(None), ~_has_earlier_pending()),
    WEBHOOK_INTERRUPTED,
)


@dataclass(frozen=True)
class Lease:
    """A message that only this worker may send until the lease expires.

    `related` is the row that was read with it: the order's number, the user or the webhook. Both are detached from the
    session, so that reading them sends no query.
    """

    queue: Queue
    message: Any
    related: Any

    @property
    def has_time(self) -> bool:
        """Whether enough of the lease is left for one delivery."""
        return self.message.due_at is not None and now() + MIN_TIME_LEFT < self.message.due_at


def acquire(queue: Queue) -> list[Lease]:
    """Lease the messages of a queue that have been due longest, at most BATCH_SIZE of them."""
    at = now()
    due = queue.query.where(queue.table.due_at <= at, *_is_not_paused(queue, at))
    if not db.session.execute(due.limit(1)).first():  # this read takes no lock
        db.session.rollback()
        return []
    with writing():
        rows = db.session.execute(
            for_update(
                due.order_by(queue.table.due_at, queue.table.id).limit(BATCH_SIZE), of=queue.table, skip_locked=True
            )
        ).all()
        for message, _related in rows:
            if message.state is MessageState.SENDING:
                _record_interrupted(queue, message)
            message.state, message.due_at = MessageState.SENDING, at + LEASE_DURATION
            message.attempts += 1
    for row in rows:
        for entity in row:
            if isinstance(entity, Base) and entity in db.session:
                db.session.expunge(entity)
    return [Lease(queue, message, related) for message, related in rows]


def first_due(queue: Queue) -> datetime | None:
    """Since when the message has been due that has been so for longest; None where none is."""
    at = now()
    due = queue.query.with_only_columns(func.min(queue.table.due_at))
    first: datetime | None = db.session.scalar(due.where(queue.table.due_at <= at, *_is_not_paused(queue, at)))
    return first


def _is_not_paused(queue: Queue, at: datetime) -> list[ColumnElement[bool]]:
    """The condition that skips webhooks whose receiver recently failed to answer."""
    return [or_(Webhook.paused_until.is_(None), Webhook.paused_until <= at)] if queue is WEBHOOKS else []


def record_outcome(lease: Lease, outcome: Outcome) -> MessageState:
    """Record the outcome of a leased message, unless the lease expired and another worker has taken the message.

    Returns the state that the message is left in.
    """
    at, message = now(), lease.message
    state = outcome.state
    if state is MessageState.RETRYING and at - message.tried_from >= GIVE_UP_AFTER:
        state = MessageState.GIVEN_UP
    values: dict[str, Any] = {"state": state, "last_answer": outcome.answer, "due_at": None}
    if state is MessageState.SENT:
        values["sent_at"] = at
    if state is MessageState.RETRYING:
        values["due_at"] = at + retry_delay(message.attempts)
    if state is MessageState.GIVEN_UP and lease.queue is MAILS:
        values["needs_attention"] = True
    facts = {"message_id": message.id, "number": message.attempts, "at": at, "state": state, "answer": outcome.answer}
    _update_if_leased(lease, values, lease.queue.attempts(**facts) if lease.queue.attempts else None)
    metrics.record_delivery(lease.queue.name, state)
    return state


def release(lease: Lease) -> None:
    """Return a leased message to the queue without counting an attempt."""
    attempts = lease.message.attempts - 1
    state = MessageState.RETRYING if attempts else MessageState.QUEUED
    _update_if_leased(lease, {"state": state, "attempts": attempts, "due_at": now()})


def queue_held() -> None:
    """Queue the mails that were held only because no mail server was configured.

    Those older than GIVE_UP_AFTER stay held: nobody expects them any more, and staff can send them by hand.
    """
    at = now()
    is_held = (
        Message.state == MessageState.HELD,
        Message.held_because == MailHoldReason.NO_SERVER,
        Message.queued_at > at - GIVE_UP_AFTER,
    )
    if db.session.scalar(select(exists().where(*is_held))):
        with writing():
            values = {"state": MessageState.QUEUED, "held_because": None, "due_at": at, "tried_from": at}
            db.session.execute(update(Message).where(*is_held).values(values))
    db.session.rollback()


def retry_delay(attempts: int) -> timedelta:
    """The delay after a number of failed attempts: exponential backoff with jitter."""
    delay = FIRST_RETRY_DELAY * (1 << min(attempts - 1, 10))
    return min(delay, MAX_RETRY_DELAY) * jitter.uniform(0.8, 1.2)


def _record_interrupted(queue: Queue, message: Any) -> None:
    if queue.attempts is None:
        return
    facts = {"number": message.attempts, "state": MessageState.RETRYING, "answer": str(queue.interrupted)}
    db.session.add(queue.attempts(message_id=message.id, **facts))


def _update_if_leased(
    lease: Lease, values: dict[str, Any], attempt: MessageAttempt | WebhookAttempt | None = None
) -> None:
    table = lease.queue.table
    is_leased = (
        table.id == lease.message.id,
        table.state == MessageState.SENDING,
        table.attempts == lease.message.attempts,
    )
    change = update(table).where(*is_leased).values(values).execution_options(synchronize_session=False)
    for attempts_left in reversed(range(RECORD_ATTEMPTS)):
        try:
            with writing():
                was_leased = db.session.scalar(change.returning(table.id)) is not None
                if was_leased and attempt is not None:
                    db.session.add(attempt)
                if was_leased and "needs_attention" in values:
                    derived.failed_mail(lease.message.order_id, lease.message.recipient)
            return
        except Busy:  # a mail that was sent but not recorded would be sent twice
            if not attempts_left:
                raise
