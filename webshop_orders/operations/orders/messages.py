"""What staff do with mails that are already written: queue one again, send a copy, dismiss a failed one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import literal_column, select
from sqlalchemy.orm import defer, undefer

from webshop_orders import mailing, shop_settings
from webshop_orders.db import paging
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import get_for_update
from webshop_orders.db.plain_rows import NestedPages, NestedRows, PlainRows
from webshop_orders.errors import NoChange, NotFound
from webshop_orders.models import (
    Actor,
    Message,
    MessageAttempt,
    MessageKind,
    Order,
)
from webshop_orders.models.event_facts import MessageDismissed, MessageQueuedAgain, MessageResent
from webshop_orders.operations.audit import history
from webshop_orders.operations.inbox import derived
from webshop_orders.text.search import search_text

# What lists of mails read: not the bodies, but whether a mail follows its customer's address.
LISTED = (defer(Message.text), defer(Message.html), undefer(Message.is_to_former_email))
LISTED_MESSAGE = PlainRows(Message, without=["text", "html", "search_text"], extra=["is_to_former_email"])
MESSAGE = PlainRows(Message, without=["text", "html", "search_text"])
MESSAGES = Message.__table__.c
ORDERS = Order.__table__
OF_ORDER = MESSAGES.order_id == ORDERS.c.id, ~MESSAGES.is_test
MESSAGES_OF_ORDER = NestedPages(select(*LISTED_MESSAGE.columns).where(*OF_ORDER), MESSAGES.id, ORDERS)
LATEST_CONFIRMATION = NestedRows(
    select(*MESSAGE.columns)
    .where(*OF_ORDER, MESSAGES.kind == MessageKind.ORDER_CONFIRMATION)
    .order_by(MESSAGES.id.desc())
    .limit(literal_column("1")),
    ORDERS,
)


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


@dataclass(frozen=True)
class OrderMessagePage:
    """Mails about an order without their bodies, the latest first; `next_before` is the cursor of the next page."""

    messages: list[Message]
    next_before: int | None


def page(rows: list[list[Any]], including: Message | None = None) -> OrderMessagePage:
    """The page of the mails about an order that the rows of `MESSAGES_OF_ORDER` are, and `including` in any case."""
    messages = [LISTED_MESSAGE.make(row) for row in rows]
    shown, next_before = paging.split_page(messages, lambda message: message.id)
    if including is not None and including.id not in {message.id for message in shown}:
        shown.append(including)
    return OrderMessagePage(shown, next_before)


def latest_confirmation(rows: list[list[Any]]) -> Message | None:
    """The order confirmation that was written last, without its bodies, of the rows of `LATEST_CONFIRMATION`."""
    return MESSAGE.make(rows[0]) if rows else None


def attempts_of(message: Message) -> list[MessageAttempt]:
    """The attempts to deliver a mail, the latest first."""
    attempts = select(MessageAttempt).where(MessageAttempt.message_id == message.id)
    return list(db.session.scalars(attempts.order_by(MessageAttempt.number.desc())))


def corrected_recipients(messages: Iterable[Message], emails: Mapping[int, str | None]) -> dict[int, str]:
    """Where mails that have not been sent go when they are queued again, by their ids: those whose address was wrong.

    `emails` are the current addresses of the customers, by the ids of their orders. A mail follows the customer, or the
    shop, that it was written to; one to any other address goes there again.
    """
    notification_email = shop_settings.current().notification_email
    corrected: dict[int, str] = {}
    for message in messages:
        is_notification = message.kind is MessageKind.SHOP_NOTIFICATION
        email = notification_email if is_notification else emails.get(message.order_id or 0)
        if not message.is_unsent or message.is_test or email is None or email == message.recipient:
            continue
        if is_notification or message.is_to_former_email:
            corrected[message.id] = email
    return corrected


def customer_emails(messages: Iterable[Message]) -> dict[int, str | None]:
    """The current addresses of the customers whom unsent mails were written to, by the ids of their orders."""
    order_ids = {message.order_id for message in messages if message.is_unsent and message.order_id}
    if not order_ids:
        return {}
    emails = select(Order.id, Order.__table__.c.customer_email).where(Order.id.in_(order_ids))
    return {row.id: row.customer_email for row in db.session.execute(emails)}


def queue_again(message: Message, *, by: Actor) -> None:
    """Queue a mail that was given up, held or withdrawn, with its Message-ID and unchanged, except that it goes to the
    corrected address of its customer; its row must be locked.

    Held again where there still is no mail server. Raises NoChange where it is queued or sent already.
    """
    order = db.session.get(Order, message.order_id) if message.order_id else None
    emails = {order.id: order.customer.email} if order else {}
    recipient = corrected_recipients([message], emails).get(message.id)
    if not message.can_be_requeued and recipient is None:
        raise NoChange(_("That mail is on its way or has been sent already."))
    held_because = mailing.hold_reason(message.kind, automatic=False)
    if held_because is not None and message.held_because is held_because and recipient is None:
        raise NoChange(_("There still is no mail server, so the mail is held."))
    _settle(message)
    if recipient is not None:
        message.recipient = recipient
        message.search_text = search_text([recipient, message.subject, order.number if order else ""])
    mailing.schedule(message, automatic=False)
    message.withdrawn_at, message.withdrawn_by = None, None
    _record(message, MessageQueuedAgain(message.subject, message.recipient, message.held_because), by=by)


def send_copy(message: Message, recipient: str, *, by: Actor) -> Message:
    """Queue the same mail to another address, without changing the customer; the original needs no more attention."""
    held_because = mailing.hold_reason(message.kind, automatic=False)
    order = _record(message, MessageResent(message.subject, recipient, held_because), by=by)
    copy = mailing.queue_copy(message, recipient, about=order, by=by)
    _settle(message)  # last, since it writes what was changed until then
    return copy


def dismiss(message: Message, *, by: Actor) -> None:
    """Dismiss a mail that could not be delivered; raises NoChange where it needs no attention."""
    if not message.needs_attention:
        raise NoChange(_("That mail needs no attention."))
    _settle(message)
    _record(message, MessageDismissed(message.subject, message.recipient), by=by)


def _settle(message: Message) -> None:
    if message.needs_attention:
        message.needs_attention = False
        derived.failed_mail(message.order_id, message.recipient)


def _record(
    message: Message, facts: MessageQueuedAgain | MessageResent | MessageDismissed, *, by: Actor
) -> Order | None:
    if message.order_id is None:
        return None
    order = db.session.get_one(Order, message.order_id)
    db.session.expire(order, ["has_failed_mail"])
    if not message.is_test:
        history.record(order, facts, by=by)
    return order
