"""Where each kind of the inbox is looked at and mended: the page, or the form on it."""

from collections.abc import Callable
from typing import NamedTuple

from flask import url_for

from webshop_orders.models import InboxKind
from webshop_orders.operations.inbox.listing import ListedItem
from webshop_orders.text.languages import Sentence
from webshop_orders.text.languages import lazy_gettext as _l


class Link(NamedTuple):
    label: Sentence
    url: Callable[[ListedItem], str]


def _tab(tab: str) -> Callable[[ListedItem], str]:
    return lambda item: url_for("order.tab", number=item.order_number, tab=tab)


def _shipment(item: ListedItem) -> str:
    """The card of the shipment, or of the order, on Frakt."""
    reference = item.facts.get("shipment")
    anchor = f"shipment-{reference.rpartition('-')[2]}" if reference else None
    return url_for("order.tab", number=item.order_number, tab="shipping", _anchor=anchor)


def _mail(item: ListedItem) -> str:
    message_id = item.facts["message"]
    if item.order_number is None:
        return url_for("outbox.show", message_id=message_id)
    return url_for("messages.show", number=item.order_number, message_id=message_id)


# What has lain for long is best worked on together with others like it.
GO_INTO_BATCHES = {InboxKind.READY_TOO_LONG}
LINKS: dict[InboxKind, Link] = {
    InboxKind.FAILED_MAIL: Link(_l("Open the mail"), _mail),
    InboxKind.SENT_WITHOUT_CODE: Link(_l("Open the shipment"), _shipment),
    InboxKind.CODE_WITHOUT_SHIPPING: Link(_l("Open the shipment"), _shipment),
    InboxKind.READY_TOO_LONG: Link(_l("Open the shipment"), _shipment),
    InboxKind.SOURCE_DIFFERS: Link(_l("See what differs"), _tab("summary")),
    InboxKind.DELIVERY_REFUSED: Link(_l("Open the order"), _tab("shipping")),
    InboxKind.WEBHOOK_OFF: Link(
        _l("Open the webhook"), lambda item: url_for("webhooks.show", webhook_id=item.facts["webhook"])
    ),
    InboxKind.TO_REFUND: Link(_l("Pay back"), lambda item: url_for("refunds.open_form", number=item.order_number)),
    InboxKind.TO_CHARGE: Link(
        _l("Register a payment"), lambda item: url_for("payments.open_form", number=item.order_number)
    ),
    InboxKind.CUSTOMER_COMMENT: Link(_l("Answer"), _tab("summary")),
    InboxKind.HOLD_ENDED: Link(_l("Open the order"), _tab("shipping")),
    InboxKind.DISPATCH_CHECK: Link(_l("Open customer"), _tab("customer")),
    InboxKind.WITHDRAWAL: Link(
        _l("Handle the withdrawal"),
        lambda item: url_for("withdrawals.show", withdrawal_id=item.facts["withdrawal"]),
    ),
    InboxKind.INCOMING_CALL: Link(
        _l("Open the call"), lambda item: url_for("incoming_calls.show", call_id=item.facts["call"])
    ),
}
