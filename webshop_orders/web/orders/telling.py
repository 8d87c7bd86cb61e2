"""Telling the customer what was changed of their order."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.mailing.changes import since_last_notified
from webshop_orders.mailing.context import change_rows
from webshop_orders.mailing.vocabulary import mail_language
from webshop_orders.models import Order
from webshop_orders.web.auth.authorization import may
from webshop_orders.web.http.responses import ToastAction

FORM, BUTTON = "order-changed", "order-changed-send"  # the ids of the form on the tab Utskick, and of its button


def tell_customer(order: Order) -> list[ToastAction]:
    """What a toast offers after a change that the customer should know of; nothing where they cannot be mailed."""
    if not _can_be_told(order):
        return []
    return [ToastAction("tell-customer", _("Tell the customer"), telling_url(order), goes_to=BUTTON)]


def untold_changes(order: Order) -> list[dict[str, Any]]:
    """What the customer does not know of, as the mail says it; nothing where they cannot be mailed."""
    if not order.untold_facts() or not _can_be_told(order):
        return []
    return change_rows(order, since_last_notified(order), mail_language(order.language, shop_settings.current()))


def telling_url(order: Order) -> str:
    return url_for("order.tab", number=order.number, tab="messages", _anchor=FORM)


def _can_be_told(order: Order) -> bool:
    return bool(order.customer.email) and not order.is_test and may("messages.send_order_changed")
