"""The counts that triggers keep beside the orders and the inbox, which the worker compacts."""

from webshop_orders.db import kept_counts
from webshop_orders.models import HourlyCount, InboxCount


def compact() -> None:
    """Replace the rows of each kind and of each hour by one with their sum."""
    kept_counts.compact(InboxCount, ("kind",))
    kept_counts.compact(HourlyCount, ("figure", "hour"))
