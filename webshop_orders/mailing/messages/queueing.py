"""Putting a mail in the outbox, fully written, in the present transaction."""

import uuid
from dataclasses import replace

from flask import current_app

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.mailing import addresses, context
from webshop_orders.mailing.changes import LineChange
from webshop_orders.mailing.messages.writing import render_with_fallback
from webshop_orders.mailing.templates.rendering import RenderedMail
from webshop_orders.mailing.vocabulary import mail_language
from webshop_orders.models import (
    Actor,
    ActorKind,
    Comment,
    HoldReason,
    Message,
    MessageKind,
    MessageState,
    Order,
    Shipment,
)
from webshop_orders.text.folding import fold

MARK_OF_TESTS = "[Test]"


def queue_order_confirmation(order: Order, recipient: str, *, by: Actor, automatic: bool) -> Message:
    """Queue the order confirmation, as the order stands now; raises Refused for a recipient that cannot be one."""
    language = mail_language(order.language)
    facts = context.about_order(order, shop_settings.current(), language)
    return _queue(order, MessageKind.ORDER_CONFIRMATION, facts, recipient, by=by, automatic=automatic)


def queue_delivery_confirmation(shipment: Shipment, recipient: str, *, by: Actor, automatic: bool) -> Message:
    """Queue the delivery confirmation of one shipment; raises Refused for a recipient that cannot be one."""
    language = mail_language(shipment.order.language)
    facts = context.about_shipment(shipment, shop_settings.current(), language)
    message = _queue(shipment.order, MessageKind.DELIVERY_CONFIRMATION, facts, recipient, by=by, automatic=automatic)
    message.shipment_reference = shipment.reference
    return message


def queue_order_changed(order: Order, changes: list[LineChange], recipient: str, *, by: Actor) -> Message:
    """Queue word of how the order was changed, and how it stands now; raises Refused as the others do."""
    language = mail_language(order.language)
    facts = context.about_change(order, changes, shop_settings.current(), language)
    return _queue(order, MessageKind.ORDER_CHANGED, facts, recipient, by=by, automatic=False)


def queue_comment(order: Order, comment: Comment, recipient: str, *, by: Actor) -> Message:
    """Queue a comment to the customer, signed by the member of staff who wrote it; raises Refused as the others do."""
    author = by.name if by.kind is ActorKind.STAFF else None
    facts = context.about_comment(order, comment.text, author, shop_settings.current(), mail_language(order.language))
    return _queue(order, MessageKind.COMMENT, facts, recipient, by=by, automatic=False)


def queue_shop_notification(order: Order, recipient: str, *, by: Actor) -> Message:
    """Queue word of a new order to the shop itself, in the shop's language; raises Refused as the others do."""
    shop = shop_settings.current()
    facts = context.about_new_order(order, shop, mail_language(shop.language))
    return _queue(order, MessageKind.SHOP_NOTIFICATION, facts, recipient, by=by, automatic=True)


def queue_test(
    kind: MessageKind, language: str, rendered: RenderedMail, recipient: str, *, about: Order | None, by: Actor
) -> Message:
    """Queue a mail that someone sends to try a template; it stands in the log, but not among the order's mails."""
    marked = replace(rendered, subject=f"{MARK_OF_TESTS} {rendered.subject}")
    return _put(kind, language, marked, recipient, about=about, by=by, automatic=False, is_test=True)


def queue_copy(message: Message, recipient: str, *, about: Order | None, by: Actor) -> Message:
    """Queue the very same mail once more, to another address; raises Refused as the others do."""
    same = RenderedMail(subject=message.subject, text=message.text, html=message.html)
    copy = _put(
        message.kind,
        message.language,
        same,
        recipient,
        about=about,
        by=by,
        automatic=False,
        is_test=message.is_test,
    )
    copy.shipment_reference, copy.remark = message.shipment_reference, message.remark
    return copy


def _queue(
    order: Order, kind: MessageKind, facts: context.Context, recipient: str, *, by: Actor, automatic: bool
) -> Message:
    rendered, remark = render_with_fallback(kind, facts["language"], facts)
    message = _put(kind, facts["language"], rendered, recipient, about=order, by=by, automatic=automatic)
    message.remark = remark
    return message


def _put(
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
    sender = addresses.sender(shop_settings.current())
    held_because = _reason_to_hold(kind, automatic=automatic)
    message = Message(
        order_id=about.id if about else None,
        kind=kind,
        language=language,
        recipient=recipient,
        sender=sender,
        message_id=f"<{uuid.uuid4()}@{addresses.parse(sender).domain}>",
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        caused_by=by.name,
        caused_by_kind=by.kind,
        automatic=automatic,
        is_test=is_test,
        search_text=fold("\n".join([recipient, rendered.subject, about.number if about else ""])),
        state=MessageState.HELD if held_because else MessageState.QUEUED,
        held_because=held_because,
        due_at=None if held_because else now(),
    )
    if about and not is_test:
        about.message_count += 1
    db.session.add(message)
    return message


def _reason_to_hold(kind: MessageKind, *, automatic: bool) -> HoldReason | None:
    if automatic and not shop_settings.current().sends_automatically(kind):
        return HoldReason.NOT_AUTOMATIC
    return None if current_app.config.get("MAIL_SERVER") else HoldReason.NO_SERVER
