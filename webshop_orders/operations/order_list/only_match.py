"""The one order that a search finds, which Enter opens."""

from dataclasses import replace

from webshop_orders.operations.order_list import key_lookup, pages
from webshop_orders.operations.order_list.filters import OrderFilter
from webshop_orders.operations.order_list.pages import OrderListPage


def number(order_filter: OrderFilter, page: OrderListPage) -> str | None:
    """The number of the order whose key was typed in full, or of the only one on the search's `page`.

    A page of orders whose number, code, e-mail or phone begins with the words lacks those that have them elsewhere.
    Where 10030 is the beginning of a number and a postal code, neither is meant more than the other.
    """
    if not order_filter.words:
        return None
    if typed := key_lookup.number_of_only_match(order_filter.words):
        return typed
    only = _only_number(page)
    if only is None or not page.is_by_key:
        return only
    elsewhere = pages.page(replace(order_filter, anywhere=True), limit=1)
    return only if not elsewhere.orders or _only_number(elsewhere) == only else None


def _only_number(page: OrderListPage) -> str | None:
    is_whole = page.before is None and page.after is None
    return page.orders[0].number if is_whole and len(page.orders) == 1 else None
