"""Labels of the interface for enum values, and short texts about mails."""

from collections.abc import Callable
from typing import Any

from webshop_orders.clock import now
from webshop_orders.models import (
    ActorKind,
    CallOutcome,
    Comment,
    CommentKind,
    DeliveryStatus,
    DisabledReason,
    MailHoldReason,
    Message,
    MessageKind,
    MessageState,
    Order,
    OrderStatus,
    RefundRow,
    RefundRowKind,
    RefundState,
    Role,
)
from webshop_orders.models.goods_return import DISPOSITION_LABELS, KIND_LABELS, REASON_LABELS, STATE_LABELS
from webshop_orders.money import payments
from webshop_orders.operations.order_list.columns import Column
from webshop_orders.operations.stock import whole_orders
from webshop_orders.text.languages import Sentence, translated
from webshop_orders.text.languages import gettext as _
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.formatting import clock_time, country, relative_time

DELIVERY_STATUSES = {
    DeliveryStatus.READY: _l("Ready"),
    DeliveryStatus.BACKORDERED: _l("Backordered"),
    DeliveryStatus.SHIPPED: _l("Shipped"),
}
ORDER_STATUSES = {
    OrderStatus.READY: _l("Ready"),
    OrderStatus.BACKORDERED: _l("Backordered"),
    OrderStatus.PARTLY_SHIPPED: _l("Partly shipped"),
    OrderStatus.SHIPPED: _l("Shipped"),
    OrderStatus.CANCELLED: _l("Cancelled"),
}
COLUMNS = {
    Column.REFERENCE: _l("Reference"),
    Column.PLACED: _l("Placed"),
    Column.CUSTOMER: _l("Customer"),
    Column.EMAIL: _l("E-mail"),
    Column.PHONE: _l("Phone"),
    Column.CITY: _l("City"),
    Column.STATUS: _l("Delivery status"),
    Column.PAYMENT: _l("Payment"),
    Column.SHIPPING: _l("Shipping method"),
    Column.ITEMS: _l("Items"),
    Column.TOTAL: _l("Sum"),
    Column.CHANGED: _l("Changed"),
}
MESSAGE_KINDS = {
    MessageKind.ORDER_CONFIRMATION: _l("Order confirmation"),
    MessageKind.DELIVERY_CONFIRMATION: _l("Delivery confirmation"),
    MessageKind.ORDER_CHANGED: _l("Order change"),
    MessageKind.COMMENT: _l("Comment to customer"),
    MessageKind.SHOP_NOTIFICATION: _l("Notification to the shop"),
    MessageKind.WITHDRAWAL_RECEIPT: _l("Receipt of a withdrawal"),
    MessageKind.RETURN_REGISTERED: _l("Registered return"),
    MessageKind.CREDIT_NOTE: _l("Credit note"),
    MessageKind.BACKORDER_NOTICE: _l("Backorder notice"),
}
MESSAGE_STATES = {
    MessageState.QUEUED: _l("queued"),
    MessageState.SENDING: _l("being sent"),
    MessageState.SENT: _l("sent"),
    MessageState.RETRYING: _l("failed for now"),
    MessageState.GIVEN_UP: _l("given up"),
    MessageState.HELD: _l("held"),
    MessageState.WITHDRAWN: _l("withdrawn"),
}
HOLD_REASONS = {
    MailHoldReason.NOT_AUTOMATIC: _l("not sent: the shop sends these by hand"),
    MailHoldReason.NO_SERVER: _l("not sent: no mail server is set up"),
}
REFUND_STATES = {
    RefundState.REQUESTED: _l("requested"),
    RefundState.DONE: _l("carried out"),
    RefundState.CANCELLED: _l("abandoned"),
}
DISABLED_REASONS = {
    DisabledReason.BY_HAND: _l("Switched off."),
    DisabledReason.GONE: _l("Switched off: it answered that it is gone for good."),
    DisabledReason.UNREACHABLE: _l("Switched off: it has not answered for three days."),
}
CALL_SOURCES: dict[str, Sentence | str] = {
    "bring": "Bring",
    "dhl": "DHL",
    "neutral": _l("Shipping system"),
    "nshift": "nShift",
    "ongoing": "Ongoing",
    "postnord": "PostNord",
    "sendify": "Sendify",
    "shipmondo": "Shipmondo",
    "shopify": "Shopify",
    "woocommerce": "WooCommerce",
}
CALL_OUTCOMES = {
    CallOutcome.PLACED: _l("Order placed"),
    CallOutcome.UPDATED: _l("Order changed"),
    CallOutcome.UNCHANGED: _l("Nothing to change"),
    CallOutcome.IGNORED: _l("Left alone"),
    CallOutcome.NOT_TAKEN: _l("Not taken"),
}
ROLES = {
    Role.ADMIN: _l("Administrator"),
    Role.STAFF: _l("Staff"),
    Role.WAREHOUSE: _l("Warehouse"),
    Role.VIEWER: _l("Viewer"),
}


def message_state(message: Message) -> str:
    """What became of a mail, and when."""
    if message.state is MessageState.SENT and message.sent_at is not None:
        return _("sent %(when)s", when=relative_time(message.sent_at))
    if message.state is MessageState.RETRYING and message.due_at is not None:
        return _("failed for now, will be tried again %(when)s", when=relative_time(message.due_at))
    if message.state is MessageState.QUEUED and message.due_at is not None and message.due_at > now():
        return _("queued, goes %(when)s", when=clock_time(message.due_at))
    if message.state is MessageState.WITHDRAWN and message.withdrawn_at is not None:
        when = relative_time(message.withdrawn_at)
        return _("withdrawn by %(name)s %(when)s", name=message.withdrawn_by, when=when)
    if message.held_because is not None:
        return str(HOLD_REASONS[message.held_because])
    return str(MESSAGE_STATES[message.state])


def message_cause(message: Message) -> str:
    """Why a mail was written: automatically, or by whom."""
    if message.is_test:
        return _("test by %(name)s", name=message.caused_by)
    if message.automatic:
        return _("automatic")
    if message.caused_by_kind is ActorKind.INTEGRATION:
        return _("by the integration %(name)s", name=message.caused_by)
    return _("by %(name)s", name=message.caused_by)


def comment_about(comment: Comment) -> str:
    """Whom a comment is from or for."""
    if comment.from_customer:
        return _("From customer")
    return _("To customer") if comment.kind is CommentKind.CUSTOMER else _("Internal")


def comment_mail(comment: Comment, message: Message | None) -> str:
    """What became of the mail with a comment to the customer; empty for the others."""
    if comment.kind is CommentKind.INTERNAL or comment.from_customer:
        return ""
    if message is not None:
        return _("mail to %(recipient)s: %(state)s", recipient=message.recipient, state=message_state(message))
    return _("mailed") if comment.mailed else _("not mailed, so nobody gets it")


def delivery_status(status: DeliveryStatus) -> str:
    return str(DELIVERY_STATUSES[status])


TEMPLATE_FILTERS = {"comment_about": comment_about, "refund_row": lambda row: refund_row(row)}


def template_filters(language: str) -> dict[str, Callable[..., Any]]:
    """The filters of templates in a language."""
    call_sources, payment_methods = translated(CALL_SOURCES, language), translated(payments.METHOD_LABELS, language)
    return {
        "call_outcome": translated(CALL_OUTCOMES, language).__getitem__,
        "call_source": lambda source: call_sources.get(source, source),
        "column": translated(COLUMNS, language).__getitem__,
        "delivery_status": translated(DELIVERY_STATUSES, language).__getitem__,
        "disposition": translated(DISPOSITION_LABELS, language).__getitem__,
        "disabled_reason": translated(DISABLED_REASONS, language).__getitem__,
        "message_kind": translated(MESSAGE_KINDS, language).__getitem__,
        "message_state_label": translated(MESSAGE_STATES, language).__getitem__,
        "order_status": translated(ORDER_STATUSES, language).__getitem__,
        # Or as the checkout called it.
        "payment_method": lambda method: payment_methods.get((method or "").casefold(), method or ""),
        "refund_state": translated(REFUND_STATES, language).__getitem__,
        "return_kind": translated(KIND_LABELS, language).__getitem__,
        "return_reason": translated(REASON_LABELS, language).__getitem__,
        "return_state": translated(STATE_LABELS, language).__getitem__,
        "role": translated(ROLES, language).__getitem__,
    }


def refund_row(row: RefundRow) -> str:
    """What a row of a refund is for."""
    if row.kind is RefundRowKind.SHIPPING:
        return f"{_('Shipping')}, {row.name}" if row.name else _("Shipping")
    return row.name or _("Amount")


def vat_sentence(order: Order) -> str:
    """That the VAT of an order is still that of another country than the one it goes to."""
    return _(
        "The VAT is still that of %(before)s, and may be another in %(after)s. Check prices and VAT.",
        before=country(order.vat_country or ""),
        after=country(order.shipping_address.country),
    )


TEMPLATE_GLOBALS = {
    "comment_mail": comment_mail,
    "message_cause": message_cause,
    "message_state": message_state,
    "vat_sentence": vat_sentence,
    "whole_progress": whole_orders.progress,
}
