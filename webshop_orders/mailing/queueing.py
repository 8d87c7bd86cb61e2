"""Putting a mail in the outbox, fully written, in the present transaction."""

import uuid

from webshop_orders import shop_settings
from webshop_orders.extensions import db
from webshop_orders.mailing import addresses, data
from webshop_orders.mailing.templates import render
from webshop_orders.mailing.words import language_of
from webshop_orders.models import Actor, ActorKind, Comment, Message, MessageKind, Order, Shipment


def queue_order_confirmation(order: Order, recipient: str, *, by: Actor, automatic: bool) -> Message:
    """Queue the order confirmation, as the order stands now; raises Refused for a recipient that cannot be one."""
    language = language_of(order.language)
    facts = data.about_order(order, shop_settings.current(), language)
    return _queue(order, MessageKind.ORDER_CONFIRMATION, facts, recipient, by=by, automatic=automatic)


def queue_delivery_confirmation(shipment: Shipment, recipient: str, *, by: Actor, automatic: bool) -> Message:
    """Queue the delivery confirmation of one shipment; raises Refused for a recipient that cannot be one."""
    language = language_of(shipment.order.language)
    facts = data.about_shipment(shipment, shop_settings.current(), language)
    message = _queue(shipment.order, MessageKind.DELIVERY_CONFIRMATION, facts, recipient, by=by, automatic=automatic)
    message.shipment_reference = shipment.reference
    return message


def queue_comment(order: Order, comment: Comment, recipient: str, *, by: Actor) -> Message:
    """Queue a comment to the customer, signed by the member of staff who wrote it; raises Refused as the others do."""
    author = by.name if by.kind is ActorKind.STAFF else None
    facts = data.about_comment(order, comment, author, shop_settings.current(), language_of(order.language))
    return _queue(order, MessageKind.COMMENT, facts, recipient, by=by, automatic=False)


def queue_shop_notification(order: Order, recipient: str, *, by: Actor) -> Message:
    """Queue word of a new order to the shop itself, in the shop's language; raises Refused as the others do."""
    shop = shop_settings.current()
    facts = data.about_new_order(order, shop, language_of(shop.language))
    return _queue(order, MessageKind.SHOP_NOTIFICATION, facts, recipient, by=by, automatic=True)


def _queue(
    order: Order, kind: MessageKind, facts: data.Plain, recipient: str, *, by: Actor, automatic: bool
) -> Message:
    addresses.check_recipient(recipient)
    sender = addresses.sender(shop_settings.current())
    rendered = render(kind, facts["language"], facts)
    order.message_count += 1
    message = Message(
        order_id=order.id,
        kind=kind,
        language=facts["language"],
        recipient=recipient,
        sender=sender,
        message_id=f"<{uuid.uuid4()}@{addresses.parse(sender).domain}>",
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        caused_by=by.name,
        automatic=automatic,
    )
    db.session.add(message)
    return message
