"""The SQL of a query plan."""

from typing import Any

from sqlalchemy import JSON, Select, String, func, literal, select, tuple_, type_coerce

from webshop_orders.models import Order, Shipment
from webshop_orders.operations.order_list import full_text
from webshop_orders.operations.order_list.cursors import Position
from webshop_orders.operations.order_list.full_text import Rows, TextQuery
from webshop_orders.operations.order_list.query_plan import BTreeIndex, QueryPlan

ORDERS, SHIPMENTS = Order.__table__.c, Shipment.__table__.c
# In the shipments' sequence, which both databases keep where the rows of a sorted subquery are concatenated.
_STATUSES = (
    select(type_coerce(SHIPMENTS.status, String).label("status"))
    .where(SHIPMENTS.order_id == ORDERS.id)
    .order_by(SHIPMENTS.seq)
    .correlate(Order.__table__)
    .subquery("delivery_statuses")
)
# Columns of the table and not of the model, so that a row is read without the ORM.
ORDER_COLUMNS = (
    ORDERS.id,
    ORDERS.number,
    ORDERS.external_reference,
    ORDERS.shop_number,
    ORDERS.is_test,
    ORDERS.placed_at,
    ORDERS.updated_at,
    ORDERS.customer_name,
    ORDERS.customer_company,
    ORDERS.customer_email,
    ORDERS.customer_phone,
    type_coerce(ORDERS.shipping_address, JSON)["city"].as_string().label("city"),
    ORDERS.status,
    select(func.aggregate_strings(_STATUSES.c.status, ",")).scalar_subquery().label("statuses"),
    ORDERS.units,
    ORDERS.total,
    ORDERS.paid,
    ORDERS.cancelled_at.is_not(None).label("is_cancelled"),
    ORDERS.currency,
    ORDERS.payment_method,
    ORDERS.shipping_method,
    Order.has_failed_mail.label("has_failed_mail"),
    Order.customer_comment.is_not(None).label("has_customer_comment"),
)


def matching_orders(plan: QueryPlan, after: Position | None, limit: int) -> Select[*tuple[Any, ...]]:
    """What the list shows of matching orders beyond a position, and the `key` that they are sorted by.

    The first `limit` matches are read; the result itself is not sorted.
    """
    matching = _matching_rows(plan, after, limit).subquery("matching")
    return select(*ORDER_COLUMNS, matching.c.key).join(matching, matching.c.id == ORDERS.id)


def last_scanned_order(plan: QueryPlan, after: Position | None) -> Rows:
    """The `key` and `id` of the order at which `matching_orders` stops for the scan limit; no row if it need not."""
    return _index_rows(plan, after, plan.scan_limit).limit(1).offset(plan.scan_limit - 1)


def _matching_rows(plan: QueryPlan, after: Position | None, limit: int) -> Rows:
    if not plan.residual:
        return _index_rows(plan, after, limit)
    scanned = _index_rows(plan, after, plan.scan_limit).subquery("scanned")
    # A subquery for each order, whose LIMIT keeps the database from joining all orders instead.
    match = select(Order.id).where(Order.id == scanned.c.id, *plan.residual).correlate(scanned).limit(1)
    # No ORDER BY: the scanned rows keep their sequence, and sorting would check all of them before the first is shown.
    return select(scanned.c.key, scanned.c.id).where(match.scalar_subquery().is_not(None)).limit(limit)


def _index_rows(plan: QueryPlan, after: Position | None, limit: int) -> Rows:
    match plan.index:
        case TextQuery() as query:
            after_id = after.order_id if after else None
            return full_text.index_rows(query, after_id, descending=plan.descending, limit=limit)
        case BTreeIndex() as index:
            return _btree_rows(index, after, descending=plan.descending, limit=limit)


def _btree_rows(index: BTreeIndex, after: Position | None, *, descending: bool, limit: int) -> Rows:
    columns = (index.key, index.order_id)
    rows = select(index.key.label("key"), index.order_id.label("id")).where(*index.predicates)
    if after is not None:
        position = tuple_(literal(after.key, index.key.type), literal(after.order_id, index.order_id.type))
        rows = rows.where(tuple_(*columns) < position if descending else tuple_(*columns) > position)
    rows = rows.order_by(*(column.desc() if descending else column for column in columns)).limit(limit)
    return rows if index.is_unique else rows.group_by(*columns)
