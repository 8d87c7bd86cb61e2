"""What a toast offers after a shipment has left: the next order of the list that the user came from."""

from flask import url_for
from flask_babel import gettext as _

from webshop_orders.models import Order
from webshop_orders.web.http.responses import ToastAction
from webshop_orders.web.orders import list_query


def next_order_action(order: Order, tab: str) -> ToastAction:
    """Open the next order on the same tab; which one that is, is only looked up when it is asked for."""
    url = url_for("neighbours.next_order", number=order.number) + list_query.neighbour_query(tab)
    return ToastAction("next-order", _("Next order"), url, opens_page=True)
