"""The orders before and after one in a list."""

from webshop_orders.db.extensions import db
from webshop_orders.models import Order
from webshop_orders.operations.order_list import key_lookup, query_plan, statements
from webshop_orders.operations.order_list.cursors import Position
from webshop_orders.operations.order_list.filters import Criterion, OrderFilter
from webshop_orders.operations.order_list.key_lookup import KeyMatches


def find(order: Order, order_filter: OrderFilter, *, backwards: bool = False) -> str | None:
    """The number of the order that comes after one in a list, or before it; None at the list's end.

    The order itself need not match any more: a list of what is to be shipped goes on after the one that was shipped.
    As on the list's pages, at most `query_plan.SCAN_LIMIT` orders are looked at.
    """
    matches = key_lookup.find(order_filter.words) if order_filter.words else KeyMatches()
    plan = query_plan.plan(order_filter, () if order_filter.anywhere else matches.order_ids)
    sort_column = statements.SORT_COLUMNS[order_filter.effective_sort]
    key = order.id if plan.driving is Criterion.WORDS else getattr(order, sort_column.key)
    query = statements.matching_orders(plan.reversed() if backwards else plan, Position(key, order.id), 1)
    row = db.session.execute(*query).one_or_none()
    return row.number if row is not None else None
