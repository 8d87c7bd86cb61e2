"""The interface's words for what the code calls by its own names."""

from flask import Flask, current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webshop_orders import payments
from webshop_orders.models import DeliveryStatus, Message, MessageKind, MessageState, OrderStatus, Role
from webshop_orders.web.formatting import when

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
MESSAGE_KINDS = {
    MessageKind.ORDER_CONFIRMATION: _l("Order confirmation"),
    MessageKind.DELIVERY_CONFIRMATION: _l("Delivery confirmation"),
    MessageKind.COMMENT: _l("Comment to customer"),
    MessageKind.SHOP_NOTIFICATION: _l("Notification to the shop"),
}
MESSAGE_STATES = {
    MessageState.QUEUED: _l("queued"),
    MessageState.SENDING: _l("being sent"),
    MessageState.SENT: _l("sent"),
    MessageState.RETRYING: _l("failed for now, will be tried again"),
    MessageState.GIVEN_UP: _l("given up"),
}
ROLES = {Role.ADMIN: _l("Administrator"), Role.STAFF: _l("Staff"), Role.VIEWER: _l("Viewer")}


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        delivery_status=delivery_status,
        order_status=lambda status: str(ORDER_STATUSES[status]),
        message_kind=lambda kind: str(MESSAGE_KINDS[kind]),
        payment_method=payments.name_of,
        role=lambda role: str(ROLES[role]),
    )
    app.jinja_env.globals.update(message_state=message_state)


def message_state(message: Message) -> str:
    """What became of a mail, and when."""
    if message.state is MessageState.SENT and message.sent_at is not None:
        return _("sent %(when)s", when=when(message.sent_at))
    if message.state is MessageState.QUEUED and not current_app.config["MAIL_SERVER"]:
        return _("not sent: no mail server is set up")
    return str(MESSAGE_STATES[message.state])


def delivery_status(status: DeliveryStatus) -> str:
    return str(DELIVERY_STATUSES[status])
