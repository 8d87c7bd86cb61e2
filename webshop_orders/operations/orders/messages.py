"""What staff do with mails that are written already: send them on their way, send a copy elsewhere, lay them aside."""

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import defer

from webshop_orders import mailing
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import get_for_update
from webshop_orders.errors import NoChange, NotFound
from webshop_orders.models import Actor, EventKind, Message, MessageAttempt, MessageState, Order
from webshop_orders.operations.audit import history

WITHOUT_BODY = (defer(Message.text), defer(Message.html))


def get(message_id: int, order: Order | None = None, *, to_change: bool = False) -> Message:
    """A mail, of this order where one is given, kept from workers where it is to be changed; raises NotFound."""
    message = get_for_update(Message, message_id) if to_change else db.session.get(Message, message_id)
    if message is None or (order is not None and (message.order_id != order.id or message.is_test)):
        raise NotFound(_("There is no such mail."))
    return message


def number_of_order(message_id: int) -> str | None:
    """The number of the order that a mail is about; None where it is about none, or there is no such mail."""
    about = select(Order.number).join(Message, Message.order_id == Order.id).where(Message.id == message_id)
    return db.session.scalar(about)


def of_order(order: Order) -> list[Message]:
    """The mails about an order, the latest first, without what they say."""
    written = select(Message).where(Message.order_id == order.id, ~Message.is_test).order_by(Message.id.desc())
    return list(db.session.scalars(written.options(*WITHOUT_BODY)))


def attempts_of(message: Message) -> list[MessageAttempt]:
    """Each try to deliver a mail, the latest first."""
    made = select(MessageAttempt).where(MessageAttempt.message_id == message.id).order_by(MessageAttempt.number.desc())
    return list(db.session.scalars(made))


def queue_again(message: Message, *, by: Actor) -> None:
    """Send a mail that was given up or held on its way, as it was written; it keeps its Message-ID and is locked.

    Raises NothingToChange where it is on its way already.
    """
    if not message.can_be_requeued:
        raise NoChange(_("That mail is on its way or has been sent already."))
    message.state, message.held_because, message.needs_attention = MessageState.QUEUED, None, False
    message.due_at = message.tried_from = now()
    _record(message, EventKind.MESSAGE_QUEUED_AGAIN, by=by, mailed_to=message.recipient)


def send_copy(message: Message, recipient: str, *, by: Actor) -> Message:
    """Queue the very same mail to another address, without touching the customer; the first one is seen to thereby."""
    order = _record(message, EventKind.MESSAGE_RESENT, by=by, mailed_to=recipient)
    message.needs_attention = False
    return mailing.queue_copy(message, recipient, about=order, by=by)


def dismiss(message: Message, *, by: Actor) -> None:
    """Lay aside a mail that could not be delivered; raises NothingToChange where nobody is asked to see to it."""
    if not message.needs_attention:
        raise NoChange(_("That mail needs no attention."))
    message.needs_attention = False
    _record(message, EventKind.MESSAGE_SETTLED, by=by, mailed_to=message.recipient)


def _record(message: Message, kind: EventKind, *, by: Actor, mailed_to: str) -> Order | None:
    if message.order_id is None:
        return None
    order = db.session.get_one(Order, message.order_id)
    db.session.expire(order, ["has_failed_mail"])
    if not message.is_test:
        history.record(order, kind, by=by, subject=message.subject, mailed_to=mailed_to)
    return order
