"""What the palette finds while one types, and the order of a code that is scanned."""

import re

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from webshop_orders import rendering, shop_settings
from webshop_orders.barcodes import scanned_codes
from webshop_orders.errors import NotFound
from webshop_orders.operations.order_list import key_lookup, pages
from webshop_orders.operations.order_list.filters import OrderFilter
from webshop_orders.operations.order_list.pages import OrderListPage
from webshop_orders.operations.orders.loading import get_order_along
from webshop_orders.operations.orders.order_rows import Parts
from webshop_orders.operations.stock import products
from webshop_orders.operations.undo import steps
from webshop_orders.operations.users import read_your_writes
from webshop_orders.text.tracking_codes import without_scanner_prefix
from webshop_orders.web.auth.authorization import may
from webshop_orders.web.http.converters import OrderNumber
from webshop_orders.web.http.query_args import text_arg
from webshop_orders.web.http.responses import open_page
from webshop_orders.web.orders.forms.base import request_keys
from webshop_orders.web.orders.page import TABS
from webshop_orders.web.palette import actions, matching, places
from webshop_orders.web.palette.actions import OrderPage

blueprint = Blueprint("palette", __name__)

MAX_ORDERS = 5
MAX_PRODUCTS = 3
NUMBER = re.compile(OrderNumber.regex)
NOTHING = OrderListPage([], None, None, is_by_key=False, is_by_arrival=False, is_scan_limited=False)


@blueprint.get("/palette")
def search() -> Response:
    """What the words mean; sent with Enter, the number or code of an order opens it."""
    words = without_scanner_prefix(text_arg("q"))
    if words and text_arg("open") == "1" and (response := _open(words)):
        return response
    page, typed, shop = _order_page(), matching.typed_words(words), shop_settings.current()
    order = page.order if page else None
    found = NOTHING
    if words:
        found = read_your_writes.read(g.user, lambda: pages.page(OrderFilter(words=words), limit=MAX_ORDERS))
    html = rendering.render(
        "palette/found.html",
        words=words,
        order=order,
        found=found,
        actions=actions.offer(page, typed) if page and (typed or not words) else [],
        places=places.offer(order, typed) if typed or not words else [],
        products=products.search(words, shop.currency, limit=MAX_PRODUCTS) if words and may("products.search") else [],
        request_key=request_keys(),
    )
    return Response(html)


@blueprint.get("/find")
def find() -> Response:
    """Open the order of a scanned slip or label; raises NotFound."""
    code = text_arg("code")
    if code and (response := _open(code)):
        return response
    raise NotFound(_("No order has the code «%(code)s».", code=code))


def _open(code: str) -> Response | None:
    """Open the order of a code where it is handled, or the list of those that have it; None where there is none."""
    matches = read_your_writes.read(g.user, lambda: key_lookup.exact_matches(code))
    if not matches:
        return None
    if len(matches) > 1:
        return open_page(url_for("orders.index", q=next(iter(scanned_codes.meanings(code)), code)))
    ((number, seq),) = matches
    if seq is None:
        return open_page(url_for("order.tab", number=number))
    return open_page(url_for("order.tab", number=number, tab="shipping", _anchor=f"shipment-{seq}"))


def _order_page() -> OrderPage | None:
    """The page of an order on which the palette was opened, if it was."""
    number, tab = text_arg("order"), text_arg("tab")
    if not NUMBER.fullmatch(number):
        return None
    try:
        order, along = get_order_along(number, Parts.ALL, steps.ALONG, user_id=g.user.id)
    except NotFound:
        return None
    return OrderPage(order, steps.of_rows(along), tab if tab in TABS else "summary")
