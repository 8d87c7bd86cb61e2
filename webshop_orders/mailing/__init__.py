"""Mails to customers and to the shop: one function for each kind queues it in the current transaction."""

from webshop_orders.mailing.messages.queueing import (
    add,
    hold_reason,
    make_order_confirmation,
    make_shop_notification,
    make_withdrawal_receipt,
    queue_backorder_notice,
    queue_comment,
    queue_copy,
    queue_credit_note,
    queue_delivery_confirmation,
    queue_order_changed,
    queue_order_confirmation,
    queue_return_registered,
    queue_test,
    schedule,
)

__all__ = [
    "add",
    "hold_reason",
    "make_order_confirmation",
    "make_shop_notification",
    "make_withdrawal_receipt",
    "queue_backorder_notice",
    "queue_comment",
    "queue_copy",
    "queue_credit_note",
    "queue_delivery_confirmation",
    "queue_order_changed",
    "queue_order_confirmation",
    "queue_return_registered",
    "queue_test",
    "schedule",
]
