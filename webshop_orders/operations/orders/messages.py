"""What staff do with mails that are already written: queue one again, send a copy, dismiss a failed one."""

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import defer

from webshop_orders import mailing
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import get_for_update
from webshop_orders.errors import NoChange, NotFound
from webshop_orders.models import Actor, Message, MessageAttempt, MessageState, Order
from webshop_orders.models.event_facts import MessageDismissed, MessageQueuedAgain, MessageResent
from webshop_orders.operations.audit import history

WITHOUT_BODY = (defer(Message.text), defer(Message.html))


def get(message_id: int, order: Order | None = None, *, for_update: bool = False) -> Message:
    """A mail, one about `order` where that is given; raises NotFound.

    With `for_update` its row is locked, so that no worker sends it meanwhile.
    """
    message = get_for_update(Message, message_id) if for_update else db.session.get(Message, message_id)
    if message is None or (order is not None and (message.order_id != order.id or message.is_test)):
        raise NotFound(_("There is no such mail."))
    return message


def number_of_order(message_id: int) -> str | None:
    """The number of the order that a mail is about; None where it is about none, or there is no such mail."""
    number = select(Order.number).join(Message, Message.order_id == Order.id).where(Message.id == message_id)
    return db.session.scalar(number)


def of_order(order: Order) -> list[Message]:
    """The mails about an order, the latest first, without their bodies."""
    messages = select(Message).where(Message.order_id == order.id, ~Message.is_test).order_by(Message.id.desc())
    return list(db.session.scalars(messages.options(*WITHOUT_BODY)))


def attempts_of(message: Message) -> list[MessageAttempt]:
    """The attempts to deliver a mail, the latest first."""
    attempts = select(MessageAttempt).where(MessageAttempt.message_id == message.id)
    return list(db.session.scalars(attempts.order_by(MessageAttempt.number.desc())))


def queue_again(message: Message, *, by: Actor) -> None:
    """Queue a mail that was given up or held, unchanged and with its Message-ID; its row must be locked.

    Raises NoChange where it is queued or sent already.
    """
    if not message.can_be_requeued:
        raise NoChange(_("That mail is on its way or has been sent already."))
    message.state, message.held_because, message.needs_attention = MessageState.QUEUED, None, False
    message.due_at = message.tried_from = now()
    _record(message, MessageQueuedAgain, by=by, mailed_to=message.recipient)


def send_copy(message: Message, recipient: str, *, by: Actor) -> Message:
    """Queue the same mail to another address, without changing the customer; the original needs no more attention."""
    order = _record(message, MessageResent, by=by, mailed_to=recipient)
    message.needs_attention = False
    return mailing.queue_copy(message, recipient, about=order, by=by)


def dismiss(message: Message, *, by: Actor) -> None:
    """Dismiss a mail that could not be delivered; raises NoChange where it needs no attention."""
    if not message.needs_attention:
        raise NoChange(_("That mail needs no attention."))
    message.needs_attention = False
    _record(message, MessageDismissed, by=by, mailed_to=message.recipient)


def _record(
    message: Message,
    facts: type[MessageQueuedAgain | MessageResent | MessageDismissed],
    *,
    by: Actor,
    mailed_to: str,
) -> Order | None:
    if message.order_id is None:
        return None
    order = db.session.get_one(Order, message.order_id)
    db.session.expire(order, ["has_failed_mail"])
    if not message.is_test:
        history.record(order, facts(subject=message.subject, mailed_to=mailed_to), by=by)
    return order
