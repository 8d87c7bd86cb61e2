"""How many orders a saved view has, counted no further than is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Select, func, select

from webshop_orders.db.extensions import db
from webshop_orders.models import OrderStatus
from webshop_orders.operations.order_list import key_lookup, query_plan, statements
from webshop_orders.operations.order_list.counts import StatusCount
from webshop_orders.operations.order_list.filters import OrderFilter
from webshop_orders.operations.order_list.key_lookup import KeyMatches
from webshop_orders.operations.order_list.query_plan import PlanShape

MAX_COUNTED = 99
MAX_STATEMENTS = 50


@dataclass(frozen=True)
class ViewCount:
    """How many orders there are, and whether there are or may be more."""

    count: int
    is_more: bool = False


def count(order_filter: OrderFilter, status_counts: Mapping[OrderStatus, StatusCount]) -> ViewCount:
    """The number of orders that match, up to `MAX_COUNTED`; all of them where there is no filter but a status."""
    if order_filter.is_of_status:
        statuses = [order_filter.status] if order_filter.status else status_counts
        return ViewCount(sum(status_counts[status].count for status in statuses if status in status_counts))
    matches = key_lookup.find(order_filter.words) if order_filter.words else KeyMatches()
    plan = query_plan.plan(order_filter, () if order_filter.anywhere else matches.order_ids)
    found = db.session.scalar(_statement(plan.shape, plan.scan_limit), plan.parameters) or 0
    if found > MAX_COUNTED:
        return ViewCount(MAX_COUNTED, is_more=True)
    stopped = bool(plan.residual) and db.session.execute(*statements.last_scanned_order(plan, None)).first() is not None
    return ViewCount(found, is_more=stopped)


@lru_cache(MAX_STATEMENTS)
def _statement(shape: PlanShape, scan_limit: int) -> Select[int]:
    return select(func.count()).select_from(
        statements.matching_rows(shape, MAX_COUNTED + 1, scan_limit).subquery("counted")
    )
