"""The tables, and the rules that need only an order and its parts."""

from webshop_orders.models.access_entry import AccessEntry, AccessKind
from webshop_orders.models.account_mail import AccountMail, AccountMailKind
from webshop_orders.models.actor import SYSTEM, Actor, ActorKind
from webshop_orders.models.answered_request import AnsweredRequest
from webshop_orders.models.api_key import ApiKey, Scope
from webshop_orders.models.approval import Approval
from webshop_orders.models.attempt import MessageAttempt
from webshop_orders.models.attribute import Attribute
from webshop_orders.models.backup import Backup
from webshop_orders.models.batch import Batch, BatchAction, BatchOrder, BatchOrderState, BatchState
from webshop_orders.models.capture import Capture
from webshop_orders.models.carrier import CARRIERS, CODE_PATTERNS, Carrier
from webshop_orders.models.charge import Charge, ChargeKind
from webshop_orders.models.comment import Comment, CommentKind
from webshop_orders.models.connection import Connection, ConnectionKind, ReceivedDelivery, SourceOrder
from webshop_orders.models.customer import Address, Customer
from webshop_orders.models.delivery import Delivery
from webshop_orders.models.direct_writes import write_directly
from webshop_orders.models.dispatch_check import CHECK_LABELS, DispatchCheck, DispatchChecks
from webshop_orders.models.event import Event
from webshop_orders.models.event_facts import BeforeAfter, EventFacts
from webshop_orders.models.event_kind import EventKind
from webshop_orders.models.goods_return import Disposition, Return, ReturnKind, ReturnLine, ReturnReason, ReturnState
from webshop_orders.models.heartbeat import Heartbeat
from webshop_orders.models.hold import Hold, HoldReason, HoldRule, HoldRules, hold_label
from webshop_orders.models.hourly_count import Figure, HourlyCount
from webshop_orders.models.inbox_item import Attention, InboxCount, InboxItem, InboxKind
from webshop_orders.models.incoming_call import CallOutcome, IncomingCall
from webshop_orders.models.incoming_delivery import IncomingDelivery
from webshop_orders.models.line import MAX_QUANTITY, NO_SKU, Line, check_quantity
from webshop_orders.models.logo import Logo
from webshop_orders.models.mail_template import MailSource, MailTemplate
from webshop_orders.models.message import MailHoldReason, Message, MessageKind
from webshop_orders.models.order import OPEN_STATUSES, Difference, Order, OrderStatus
from webshop_orders.models.order_count import OrderCount
from webshop_orders.models.packing import PackingLine, PackingScan, PackingSession, PackingState, ScanKind
from webshop_orders.models.payment_part import PaymentPart
from webshop_orders.models.pinned_view import PinnedView
from webshop_orders.models.presence import Place, Presence
from webshop_orders.models.price_change import PriceChange
from webshop_orders.models.priority import Priority
from webshop_orders.models.product import Product
from webshop_orders.models.product_event import ProductEvent
from webshop_orders.models.queued_delivery import PENDING_STATES, DeliveryAttempt, MessageState, QueuedDelivery
from webshop_orders.models.refund import Refund, RefundRow, RefundRowKind, RefundState
from webshop_orders.models.registered_payment import RegisteredPayment
from webshop_orders.models.removed_units import RemovedUnits
from webshop_orders.models.saved_view import SavedView
from webshop_orders.models.shipment import DeliveryStatus, Shipment
from webshop_orders.models.shop import Shop
from webshop_orders.models.stock_movement import MovementReason, StockMovement
from webshop_orders.models.tracking_code import FormerCode, TrackingCode
from webshop_orders.models.tracking_file import (
    CellNote,
    ColumnRole,
    Decision,
    Finding,
    TrackingFile,
    TrackingFileColumns,
    TrackingFileRow,
)
from webshop_orders.models.undo_step import UndoStep
from webshop_orders.models.used_token import OWN_SESSIONS, UsedToken
from webshop_orders.models.user import FailedLogin, Role, User, hash_password, verify_password
from webshop_orders.models.webhook import DisabledReason, Webhook, WebhookAttempt, WebhookEvent, WebhookMessage
from webshop_orders.models.withdrawal import Withdrawal, WithdrawalSource, WithdrawnLine

__all__ = [
    "CARRIERS",
    "CHECK_LABELS",
    "CODE_PATTERNS",
    "MAX_QUANTITY",
    "NO_SKU",
    "OPEN_STATUSES",
    "OWN_SESSIONS",
    "PENDING_STATES",
    "SYSTEM",
    "AccessEntry",
    "AccessKind",
    "AccountMail",
    "AccountMailKind",
    "Actor",
    "ActorKind",
    "Address",
    "AnsweredRequest",
    "ApiKey",
    "Approval",
    "Attention",
    "Attribute",
    "Backup",
    "Batch",
    "BatchAction",
    "BatchOrder",
    "BatchOrderState",
    "BatchState",
    "BeforeAfter",
    "CallOutcome",
    "Capture",
    "Carrier",
    "CellNote",
    "Charge",
    "ChargeKind",
    "ColumnRole",
    "Comment",
    "CommentKind",
    "Connection",
    "ConnectionKind",
    "Customer",
    "Decision",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryStatus",
    "Difference",
    "DisabledReason",
    "DispatchCheck",
    "DispatchChecks",
    "Disposition",
    "Event",
    "EventFacts",
    "EventKind",
    "FailedLogin",
    "Figure",
    "Finding",
    "FormerCode",
    "Heartbeat",
    "Hold",
    "HoldReason",
    "HoldRule",
    "HoldRules",
    "HourlyCount",
    "InboxCount",
    "InboxItem",
    "InboxKind",
    "IncomingCall",
    "IncomingDelivery",
    "Line",
    "Logo",
    "MailHoldReason",
    "MailSource",
    "MailTemplate",
    "Message",
    "MessageAttempt",
    "MessageKind",
    "MessageState",
    "MovementReason",
    "Order",
    "OrderCount",
    "OrderStatus",
    "PackingLine",
    "PackingScan",
    "PackingSession",
    "PackingState",
    "PaymentPart",
    "PinnedView",
    "Place",
    "Presence",
    "PriceChange",
    "Priority",
    "Product",
    "ProductEvent",
    "QueuedDelivery",
    "ReceivedDelivery",
    "Refund",
    "RefundRow",
    "RefundRowKind",
    "RefundState",
    "RegisteredPayment",
    "RemovedUnits",
    "Return",
    "ReturnKind",
    "ReturnLine",
    "ReturnReason",
    "ReturnState",
    "Role",
    "SavedView",
    "ScanKind",
    "Scope",
    "Shipment",
    "Shop",
    "SourceOrder",
    "StockMovement",
    "TrackingCode",
    "TrackingFile",
    "TrackingFileColumns",
    "TrackingFileRow",
    "UndoStep",
    "UsedToken",
    "User",
    "Webhook",
    "WebhookAttempt",
    "WebhookEvent",
    "WebhookMessage",
    "Withdrawal",
    "WithdrawalSource",
    "WithdrawnLine",
    "check_quantity",
    "hash_password",
    "hold_label",
    "verify_password",
    "write_directly",
]
