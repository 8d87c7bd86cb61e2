"""What the list shows beside its page of orders: saved views and the counts of orders, read in one statement."""

from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.db.plain_rows import NestedRows
from webshop_orders.models import OrderStatus, User
from webshop_orders.operations.order_list import counts as status_counts
from webshop_orders.operations.order_list.counts import HELD_COUNTS, STATUS_COUNTS, StatusCount
from webshop_orders.operations.order_list.filters import OrderFilter
from webshop_orders.operations.order_list.saved_views import VISIBLE_VIEWS, ListedView


class Overview(NamedTuple):
    """The views that a user sees, by name, and the counts of all statuses that any order has or had.

    `held_counts` has how many orders of a status are held, where any is.
    """

    views: list[ListedView]
    status_counts: dict[OrderStatus, StatusCount]
    held_counts: dict[OrderStatus, int]

    def matching(self, order_filter: OrderFilter) -> int | None:
        """How many orders match, where the counts say it."""
        statuses = [order_filter.status] if order_filter.status else self.status_counts
        held = sum(self.held_counts.get(status, 0) for status in statuses)
        if order_filter.is_sortable:
            all_orders = sum(self.status_counts[status].count for status in statuses if status in self.status_counts)
            return all_orders if order_filter.held is None else all_orders - held
        return held if replace(order_filter, held=None).is_sortable else None

    @property
    def pinned_views(self) -> list[ListedView]:
        """Those that the user pinned, in the sequence that the user gave them."""
        return sorted((view for view in self.views if view.position is not None), key=_position)


def _position(view: ListedView) -> tuple[int, int]:
    return view.position or 0, view.id


VIEWS, COUNTS, HELD = NestedRows(VISIBLE_VIEWS), NestedRows(STATUS_COUNTS), NestedRows(HELD_COUNTS)
OVERVIEW = select(VIEWS.column, COUNTS.column, HELD.column)


def read(user: User) -> Overview:
    views, counts, held = db.session.execute(OVERVIEW, {"user_id": user.id}).one()
    listed = [ListedView(*view) for _place, *view in VIEWS.read(views)]
    return Overview(listed, status_counts.of_rows(COUNTS.read(counts)), dict(HELD.read(held)))
