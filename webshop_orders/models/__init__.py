"""The tables."""

from webshop_orders.models.access_entry import AccessEntry, AccessKind
from webshop_orders.models.account_mail import AccountMail, AccountMailKind
from webshop_orders.models.actor import SYSTEM, Actor, ActorKind
from webshop_orders.models.answered_request import AnsweredRequest
from webshop_orders.models.api_key import ApiKey, Scope
from webshop_orders.models.attempt import Attempt
from webshop_orders.models.comment import Comment, CommentKind
from webshop_orders.models.connection import Connection, ConnectionKind, ReceivedDelivery, ToldOrder
from webshop_orders.models.customer import Address, Customer
from webshop_orders.models.delivery import Delivery
from webshop_orders.models.event import Event, EventKind
from webshop_orders.models.line import MOST_UNITS, Line
from webshop_orders.models.mail_template import MailSource, MailTemplate
from webshop_orders.models.message import HeldBecause, Message, MessageKind
from webshop_orders.models.order import OPEN_STATUSES, Difference, Order, OrderStatus
from webshop_orders.models.order_count import OrderCount
from webshop_orders.models.product import Product
from webshop_orders.models.queued import UNDER_WAY, MessageState, Queued, Tried
from webshop_orders.models.saved_view import SavedView
from webshop_orders.models.shipment import DeliveryStatus, Shipment
from webshop_orders.models.shop import CARRIERS, Carrier, Shop
from webshop_orders.models.tracking_code import TrackingCode
from webshop_orders.models.used_token import OUR_SESSIONS, UsedToken
from webshop_orders.models.user import FailedLogin, Role, User, hash_of, is_hash_of
from webshop_orders.models.webhook import DisabledBecause, Webhook, WebhookAttempt, WebhookEvent, WebhookMessage
from webshop_orders.models.writing import write_rows_together

__all__ = [
    "CARRIERS",
    "MOST_UNITS",
    "OPEN_STATUSES",
    "OUR_SESSIONS",
    "SYSTEM",
    "UNDER_WAY",
    "AccessEntry",
    "AccessKind",
    "AccountMail",
    "AccountMailKind",
    "Actor",
    "ActorKind",
    "Address",
    "AnsweredRequest",
    "ApiKey",
    "Attempt",
    "Carrier",
    "Comment",
    "CommentKind",
    "Connection",
    "ConnectionKind",
    "Customer",
    "Delivery",
    "DeliveryStatus",
    "Difference",
    "DisabledBecause",
    "Event",
    "EventKind",
    "FailedLogin",
    "HeldBecause",
    "Line",
    "MailSource",
    "MailTemplate",
    "Message",
    "MessageKind",
    "MessageState",
    "Order",
    "OrderCount",
    "OrderStatus",
    "Product",
    "Queued",
    "ReceivedDelivery",
    "Role",
    "SavedView",
    "Scope",
    "Shipment",
    "Shop",
    "ToldOrder",
    "TrackingCode",
    "Tried",
    "UsedToken",
    "User",
    "Webhook",
    "WebhookAttempt",
    "WebhookEvent",
    "WebhookMessage",
    "hash_of",
    "is_hash_of",
    "write_rows_together",
]
