"""Queue a mail in the outbox, completely rendered, in the current transaction.

Raises RuleViolation for an invalid recipient, and for a test order, about which nobody is mailed."""

import uuid
from dataclasses import replace
from datetime import timedelta

from flask import current_app
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.expected_days import Days
from webshop_orders.mailing import addresses
from webshop_orders.mailing.changes import OrderChange
from webshop_orders.mailing.context import (
    Context,
    backorder_notice_context,
    change_context,
    comment_context,
    new_order_context,
    order_context,
    return_context,
    shipment_context,
    withdrawal_context,
)
from webshop_orders.mailing.credit_notes import credit_note_context
from webshop_orders.mailing.messages.active_templates import render_with_fallback
from webshop_orders.mailing.templates.rendered_mail import RenderedMail
from webshop_orders.mailing.vocabulary import mail_language
from webshop_orders.models import (
    Actor,
    ActorKind,
    Comment,
    MailHoldReason,
    Message,
    MessageKind,
    MessageState,
    Order,
    Refund,
    Return,
    Shipment,
    Withdrawal,
)
from webshop_orders.text.search import search_text

TEST_PREFIX = "[Test]"


def queue_order_confirmation(order: Order, recipient: str, *, by: Actor, automatic: bool) -> Message:
    """Queue the order confirmation, for the order as it is now; raises RuleViolation for an invalid recipient."""
    return add(make_order_confirmation(order, recipient, by=by, automatic=automatic), about=order)


def make_order_confirmation(order: Order, recipient: str, *, by: Actor, automatic: bool) -> Message:
    """The order confirmation, to be added once the order has an id; raises RuleViolation as the others do."""
    shop = shop_settings.current()
    context = order_context(order, shop, mail_language(order.language, shop))
    return _render(order, MessageKind.ORDER_CONFIRMATION, context, recipient, by=by, automatic=automatic)


def queue_delivery_confirmation(shipment: Shipment, recipient: str, *, by: Actor, automatic: bool) -> Message:
    """Queue the delivery confirmation of one shipment; raises RuleViolation for an invalid recipient."""
    shop = shop_settings.current()
    context = shipment_context(shipment, shop, mail_language(shipment.order.language, shop))
    message = _queue(shipment.order, MessageKind.DELIVERY_CONFIRMATION, context, recipient, by=by, automatic=automatic)
    message.shipment_reference = shipment.reference
    return message


def queue_order_changed(order: Order, changes: list[OrderChange], recipient: str, *, by: Actor) -> Message:
    """Queue a mail about changes of an order; raises RuleViolation for an invalid recipient."""
    shop = shop_settings.current()
    context = change_context(order, changes, shop, mail_language(order.language, shop))
    return _queue(order, MessageKind.ORDER_CHANGED, context, recipient, by=by, automatic=False)


def queue_comment(order: Order, comment: Comment, recipient: str, *, quoted: str | None = None, by: Actor) -> Message:
    """Queue a comment, signed by the member of staff who wrote it, with what it answers `quoted`.

    Raises RuleViolation for an invalid recipient.
    """
    author = by.name if by.kind is ActorKind.STAFF else None
    shop = shop_settings.current()
    context = comment_context(order, comment.text, author, shop, mail_language(order.language, shop), quoted)
    return _queue(order, MessageKind.COMMENT, context, recipient, by=by, automatic=False)


def queue_return_registered(order: Order, a_return: Return, recipient: str, *, by: Actor) -> Message:
    """Queue a mail about a return that was registered; raises RuleViolation for an invalid recipient."""
    shop = shop_settings.current()
    context = return_context(order, a_return, shop, mail_language(order.language, shop))
    return _queue(order, MessageKind.RETURN_REGISTERED, context, recipient, by=by, automatic=True)


def queue_credit_note(order: Order, refund: Refund, recipient: str, *, by: Actor, automatic: bool) -> Message:
    """Queue the credit note of a refund; raises RuleViolation for an invalid recipient."""
    shop = shop_settings.current()
    context = credit_note_context(order, refund, shop, mail_language(order.language, shop))
    return _queue(order, MessageKind.CREDIT_NOTE, context, recipient, by=by, automatic=automatic)


def queue_backorder_notice(order: Order, days: Days, recipient: str, *, by: Actor) -> Message:
    """Queue a mail about when backordered products are expected; raises RuleViolation for an invalid recipient."""
    shop = shop_settings.current()
    context = backorder_notice_context(order, days, shop, mail_language(order.language, shop))
    return _queue(order, MessageKind.BACKORDER_NOTICE, context, recipient, by=by, automatic=False)


def make_shop_notification(order: Order, recipient: str, *, by: Actor) -> Message:
    """The shop's own notification of a new order, in its language, which a reply takes to the customer.

    It is to be added once the order has an id. Raises RuleViolation as the others do.
    """
    shop = shop_settings.current()
    context = new_order_context(order, shop, mail_language(shop.language, shop))
    message = _render(order, MessageKind.SHOP_NOTIFICATION, context, recipient, by=by, automatic=True)
    message.reply_to = order.customer.email
    return message


def make_withdrawal_receipt(withdrawal: Withdrawal, *, by: Actor) -> Message:
    """The receipt of a customer's statement, in the language that it was made in, whichever order it is about.

    It is to be added once the statement is recorded. Raises RuleViolation for an invalid recipient.
    """
    shop = shop_settings.current()
    context = withdrawal_context(withdrawal, shop, mail_language(withdrawal.language, shop))
    kind = MessageKind.WITHDRAWAL_RECEIPT
    rendered, remark = render_with_fallback(kind, context["language"], context)
    message = _make(kind, context["language"], rendered, withdrawal.email, about=None, by=by, automatic=True)
    message.remark = remark
    return message


def queue_test(
    kind: MessageKind, language: str, rendered: RenderedMail, recipient: str, *, about: Order | None, by: Actor
) -> Message:
    """Queue a mail that tests a template; it is in the log, but not among the order's mails."""
    test = replace(rendered, subject=f"{TEST_PREFIX} {rendered.subject}")
    message = _make(kind, language, test, recipient, about=about, by=by, automatic=False, is_test=True)
    return add(message, about=about)


def queue_copy(message: Message, recipient: str, *, about: Order | None, by: Actor) -> Message:
    """Queue an unchanged copy of a mail to another address; raises RuleViolation as the others do."""
    rendered = RenderedMail(subject=message.subject, text=message.text, html=message.html)
    copy = _make(
        message.kind,
        message.language,
        rendered,
        recipient,
        about=about,
        by=by,
        automatic=False,
        is_test=message.is_test,
    )
    copy.shipment_reference, copy.remark, copy.reply_to = message.shipment_reference, message.remark, message.reply_to
    return add(copy, about=about)


def add(message: Message, *, about: Order | None) -> Message:
    """Put a mail that was made into the outbox; it is about an order that has an id, or about none."""
    message.order_id = about.id if about else None
    db.session.add(message)
    return message


def _queue(order: Order, kind: MessageKind, context: Context, recipient: str, *, by: Actor, automatic: bool) -> Message:
    return add(_render(order, kind, context, recipient, by=by, automatic=automatic), about=order)


def _render(
    order: Order, kind: MessageKind, context: Context, recipient: str, *, by: Actor, automatic: bool
) -> Message:
    rendered, remark = render_with_fallback(kind, context["language"], context)
    message = _make(kind, context["language"], rendered, recipient, about=order, by=by, automatic=automatic)
    message.remark = remark
    return message


def _make(
    kind: MessageKind,
    language: str,
    rendered: RenderedMail,
    recipient: str,
    *,
    about: Order | None,
    by: Actor,
    automatic: bool,
    is_test: bool = False,
) -> Message:
    addresses.check_recipient(recipient)
    if about and about.is_test and not is_test:
        raise RuleViolation(_("%(number)s is a test order, about which nobody is mailed.", number=about.number))
    sender = addresses.sender(shop_settings.current())
    message = Message(
        kind=kind,
        language=language,
        recipient=recipient,
        sender=sender,
        message_id=f"<{uuid.uuid4()}@{addresses.domain(sender)}>",
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        caused_by=by.name,
        caused_by_kind=by.kind,
        automatic=automatic,
        is_test=is_test,
        search_text=search_text([recipient, rendered.subject, about.number if about else ""]),
        order_version=about.version if about and automatic else None,
    )
    schedule(message, automatic=automatic)
    if about and not is_test:
        about.message_count += 1
    return message


def schedule(message: Message, *, automatic: bool) -> None:
    """Have a mail sent as soon as it may: after the grace of its kind where it goes automatically, or else now.

    It is held where there is a reason for that.
    """
    message.tried_from = now()
    message.held_because = hold_reason(message.kind, automatic=automatic)
    message.state = MessageState.HELD if message.held_because else MessageState.QUEUED
    grace = shop_settings.current().mail_grace(message.kind) if automatic else timedelta(0)
    message.due_at = None if message.held_because else message.tried_from + grace


def hold_reason(kind: MessageKind, *, automatic: bool) -> MailHoldReason | None:
    """Why a mail of this kind would be held now; None where it would be queued."""
    if automatic and not shop_settings.current().sends_automatically(kind):
        return MailHoldReason.NOT_AUTOMATIC
    return None if current_app.config.get("MAIL_SERVER") else MailHoldReason.NO_SERVER
