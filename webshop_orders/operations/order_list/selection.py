"""All orders of a list as the rows of a statement, to be selected without being read."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, select

from webshop_orders.db.parameters import is_one_of
from webshop_orders.operations.order_list import key_lookup, query_plan, statements
from webshop_orders.operations.order_list.filters import Criterion, OrderFilter
from webshop_orders.operations.order_list.key_lookup import KeyMatches
from webshop_orders.operations.order_list.query_plan import PlanShape
from webshop_orders.operations.order_list.statements import Query

# Of the rows of the driving index: all that a shop has, since the selection has no next page.
SCAN_LIMIT = 100_000_000
MAX_STATEMENTS = 50
FIRST, OFFSET = "first_ids", "offset"


def queries(order_filter: OrderFilter, limit: int) -> list[Query]:
    """Statements for the `id` of each matching order and its `position` in the list, from 1 on, at most `limit` each.

    Those that have the typed words as their number, reference or tracking code come first, as on the first page.
    """
    matches = key_lookup.find(order_filter.words) if order_filter.words else KeyMatches()
    first = matches.typed if order_filter.anywhere else matches.exact
    plan = query_plan.plan(order_filter, () if order_filter.anywhere else matches.order_ids)
    if plan.driving is Criterion.KEYS or not first:
        return [_query(plan, limit)]
    return [_query(query_plan.plan(order_filter, first), limit), _query(plan, limit, first)]


def _query(plan: query_plan.QueryPlan, limit: int, without: tuple[int, ...] = ()) -> Query:
    return _statement(plan.shape, limit), {**plan.parameters, FIRST: without, OFFSET: len(without)}


@lru_cache(MAX_STATEMENTS)
def _statement(shape: PlanShape, limit: int) -> Select[*tuple[Any, ...]]:
    rows = statements.matching_rows(shape, limit, SCAN_LIMIT).subquery("selected")
    columns = [column.desc() if shape.descending else column for column in (rows.c.key, rows.c.id)]
    position = func.row_number().over(order_by=columns) + bindparam(OFFSET, type_=Integer)
    return select(rows.c.id, position.label("position")).where(~is_one_of(rows.c.id, FIRST))
