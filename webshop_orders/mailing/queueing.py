from webshop_orders.extensions import db
from webshop_orders.models import Actor, Comment, Message, MessageKind, Order, Shipment


def queue_order_confirmation(order: Order, recipient: str, *, by: Actor, automatic: bool) -> Message:
    return _queue(order, MessageKind.ORDER_CONFIRMATION, recipient, by, automatic)


def queue_delivery_confirmation(shipment: Shipment, recipient: str, *, by: Actor, automatic: bool) -> Message:
    return _queue(shipment.order, MessageKind.DELIVERY_CONFIRMATION, recipient, by, automatic, shipment)


def queue_comment(order: Order, comment: Comment, recipient: str, *, by: Actor) -> Message:
    return _queue(order, MessageKind.COMMENT, recipient, by, False)


def queue_shop_notification(order: Order, recipient: str, *, by: Actor) -> Message:
    return _queue(order, MessageKind.SHOP_NOTIFICATION, recipient, by, True)


def _queue(
    order: Order, kind: MessageKind, recipient: str, by: Actor, automatic: bool, shipment: Shipment | None = None
) -> Message:
    import uuid

    order.message_count += 1
    message = Message(
        order_id=order.id,
        kind=kind,
        language=order.language,
        recipient=recipient,
        sender="x@example.com",
        message_id=uuid.uuid4().hex,
        subject="x",
        text="x",
        html="x",
        caused_by=by.name,
        automatic=automatic,
        shipment_reference=shipment.reference if shipment else None,
    )
    db.session.add(message)
    return message
