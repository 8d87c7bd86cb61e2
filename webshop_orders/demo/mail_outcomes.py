"""The delivery outcomes of the demo's mails, recorded as if a worker had sent them before the demo starts."""

from datetime import timedelta

from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.models import Message, MessageAttempt, MessageState

ACCEPTED = "250 2.0.0 Ok: queued as {number:X}"
REFUSED = "550 5.1.1 <{recipient}>: Recipient address rejected: User unknown"
BUSY = "451 4.7.1 Greylisting in action, please come back later"
GIVEN_UP_AT, DELAYED_AT = 3, 7  # positions, counted from the latest mail


def record_outcomes() -> None:
    """Mark every mail as sent except the latest, which is still queued; one was delayed, and one given up."""
    latest_first = select(Message).order_by(Message.queued_at.desc(), Message.id.desc())
    for index, message in enumerate(db.session.scalars(latest_first).all()):
        if index == GIVEN_UP_AT:
            _record_attempt(message, MessageState.GIVEN_UP, REFUSED.format(recipient=message.recipient))
            message.needs_attention = True
        elif index:
            if index == DELAYED_AT:
                _record_attempt(message, MessageState.RETRYING, BUSY)
            _record_attempt(message, MessageState.SENT, ACCEPTED.format(number=0x4F2A_1B00 + message.id))
            message.sent_at = message.queued_at + timedelta(seconds=4)


def _record_attempt(message: Message, state: MessageState, answer: str) -> None:
    message.attempts += 1
    message.state, message.held_because, message.due_at, message.last_answer = state, None, None, answer
    at = message.queued_at + timedelta(seconds=4)
    db.session.add(MessageAttempt(message_id=message.id, number=message.attempts, at=at, state=state, answer=answer))
