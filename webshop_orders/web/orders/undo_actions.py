"""What a toast offers about a change: to take it back, and to carry it out again."""

import secrets

from flask import url_for
from flask_babel import gettext as _

from webshop_orders.models import Order
from webshop_orders.web.http.responses import ToastAction


def undo_action(order: Order, tab: str) -> ToastAction:
    """Take back what made the order's present version; the answer is the tab."""
    return ToastAction("undo", _("Undo"), url_for("undo.undo", number=order.number), _fields(order, tab))


def redo_action(order: Order, tab: str) -> ToastAction:
    """Carry out again what made the order's present version by taking it back; the answer is the tab."""
    return ToastAction("redo", _("Redo"), url_for("undo.redo", number=order.number), _fields(order, tab))


def _fields(order: Order, tab: str) -> dict[str, str]:
    return {"version": str(order.version), "request_key": secrets.token_urlsafe(12), "tab": tab}
