from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    ORDER_PLACED = "order_placed"
    ORDER_IMPORTED = "order_imported"
    ORDER_CANCELLED = "order_cancelled"
    ORDER_RESTORED = "order_restored"
    CUSTOMER_CHANGED = "customer_changed"
    LINE_ADDED = "line_added"
    LINE_CHANGED = "line_changed"
    LINE_REMOVED = "line_removed"
    LINE_SPLIT = "line_split"
    BACKORDERED_SPLIT = "backordered_split"
    SHIPMENT_SHIPPED = "shipment_shipped"
    SHIPMENT_REOPENED = "shipment_reopened"
    SHIPMENT_DELIVERED = "shipment_delivered"
    STATUS_SET = "status_set"
    TRACKING_ADDED = "tracking_added"
    TRACKING_REMOVED = "tracking_removed"
    COMMENT_ADDED = "comment_added"
    CONFIRMATION_SENT = "confirmation_sent"
    MESSAGE_QUEUED_AGAIN = "message_queued_again"
    MESSAGE_RESENT = "message_resent"
    MESSAGE_DISMISSED = "message_settled"
    BACKORDER_COVERED = "backorder_covered"
    COVER_WITHDRAWN = "cover_withdrawn"
    PAYMENT_CHANGED = "payment_changed"
    SOURCE_DIFFERS = "shop_differs"
    SOURCE_DIFFERENCES_DISMISSED = "shop_settled"
    PERSONAL_DATA_ERASED = "personal_data_erased"
    UNITS_REARRANGED = "units_rearranged"
    SHIPPING_CHANGED = "shipping_changed"
    CHANGES_UNDONE = "changes_undone"
    CHANGES_REDONE = "changes_redone"
    TRACKING_CORRECTED = "tracking_corrected"
    DOCUMENT_PRINTED = "document_printed"
    SHIPMENT_PACKED = "shipment_packed"
    ORDER_HELD = "order_held"
    HOLD_RELEASED = "hold_released"
    RETURN_REGISTERED = "return_registered"
    RETURN_RECEIVED = "return_received"
    RETURN_CLOSED = "return_closed"
    REFUND_REQUESTED = "refund_requested"
    REFUND_DONE = "refund_done"
    REFUND_CANCELLED = "refund_cancelled"
    PAYMENT_REGISTERED = "payment_registered"
    WITHDRAWAL_RECEIVED = "withdrawal_received"
    WITHDRAWAL_HANDLED = "withdrawal_handled"
    SHIPMENT_UNCOLLECTED = "shipment_uncollected"
    SHIPMENT_SENT_BACK = "shipment_sent_back"
    ORDER_PRIORITISED = "order_prioritised"
    WHOLE_DELIVERY_SET = "whole_delivery_set"
    BACKORDER_NOTICE_SENT = "backorder_notice_sent"
    COMMENT_READ = "comment_read"

    @property
    def bumps_version(self) -> bool:
        """Whether the change makes a new version of the order."""
        return self not in {
            EventKind.COMMENT_ADDED,
            EventKind.CONFIRMATION_SENT,
            EventKind.MESSAGE_QUEUED_AGAIN,
            EventKind.MESSAGE_RESENT,
            EventKind.MESSAGE_DISMISSED,
            EventKind.BACKORDER_COVERED,
            EventKind.COVER_WITHDRAWN,
            EventKind.PAYMENT_CHANGED,
            EventKind.SHIPMENT_DELIVERED,
            EventKind.SOURCE_DIFFERS,
            EventKind.SOURCE_DIFFERENCES_DISMISSED,
            EventKind.DOCUMENT_PRINTED,
            EventKind.SHIPMENT_PACKED,
            EventKind.WITHDRAWAL_RECEIVED,
            EventKind.WITHDRAWAL_HANDLED,
            EventKind.SHIPMENT_UNCOLLECTED,
            EventKind.SHIPMENT_SENT_BACK,
            EventKind.BACKORDER_NOTICE_SENT,
            EventKind.COMMENT_READ,
        }
