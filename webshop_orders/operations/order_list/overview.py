"""What the list shows beside its page of orders: saved views and the counts of statuses, read in one statement."""

from typing import NamedTuple

from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.db.plain_rows import NestedRows
from webshop_orders.models import OrderStatus, User
from webshop_orders.operations.order_list import counts as status_counts
from webshop_orders.operations.order_list.counts import STATUS_COUNTS, StatusCount
from webshop_orders.operations.order_list.saved_views import VISIBLE_VIEWS, ListedView


class Overview(NamedTuple):
    """The views that a user sees, by name, and the counts of all statuses that any order has or had."""

    views: list[ListedView]
    status_counts: dict[OrderStatus, StatusCount]

    @property
    def pinned_views(self) -> list[ListedView]:
        """Those that the user pinned, in the sequence that the user gave them."""
        return sorted((view for view in self.views if view.position is not None), key=_position)


def _position(view: ListedView) -> tuple[int, int]:
    return view.position or 0, view.id


VIEWS, COUNTS = NestedRows(VISIBLE_VIEWS), NestedRows(STATUS_COUNTS)
OVERVIEW = select(VIEWS.column, COUNTS.column)


def read(user: User) -> Overview:
    views, counts = db.session.execute(OVERVIEW, {"user_id": user.id}).one()
    listed = [ListedView(*view) for _place, *view in VIEWS.read(views)]
    return Overview(listed, status_counts.of_rows(COUNTS.read(counts)))
