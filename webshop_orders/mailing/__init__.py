"""One function per kind of mail; each queues its message in the present transaction."""

from webshop_orders.mailing.messages.queueing import (
    queue_comment,
    queue_copy,
    queue_delivery_confirmation,
    queue_order_changed,
    queue_order_confirmation,
    queue_shop_notification,
    queue_test,
)

__all__ = [
    "queue_comment",
    "queue_copy",
    "queue_delivery_confirmation",
    "queue_order_changed",
    "queue_order_confirmation",
    "queue_shop_notification",
    "queue_test",
]
