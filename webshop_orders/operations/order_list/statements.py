"""The SQL of a query plan: one statement for all plans of a shape, which is built and compiled once."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    select,
    tuple_,
    type_coerce,
)

from webshop_orders.db.parameters import is_one_of, planned_once
from webshop_orders.models import Comment, Line, Message, Order, Shipment, TrackingCode
from webshop_orders.models.order import IS_TO_REFUND, IS_WAITING
from webshop_orders.operations.order_list import full_text
from webshop_orders.operations.order_list.cursors import Position
from webshop_orders.operations.order_list.filters import Criterion, Sort
from webshop_orders.operations.order_list.full_text import Rows
from webshop_orders.operations.order_list.query_plan import PlanShape, QueryPlan

ORDERS, SHIPMENTS, LINES, CODES = (model.__table__.c for model in (Order, Shipment, Line, TrackingCode))
MESSAGES, COMMENTS = Message.__table__.c, Comment.__table__.c
# In the shipments' sequence, which both databases keep where the rows of a sorted subquery are concatenated.
_STATUSES = (
    select(type_coerce(SHIPMENTS.status, String).label("status"))
    .where(SHIPMENTS.order_id == ORDERS.id)
    .order_by(SHIPMENTS.seq)
    .correlate(Order.__table__)
    .subquery("delivery_statuses")
)
# Columns of the table and not of the model, so that a row is read without the ORM. `pages` unpacks them in sequence.
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
    ORDERS.credited,
    ORDERS.cancelled_at.is_not(None).label("is_cancelled"),
    ORDERS.currency,
    ORDERS.payment_method,
    ORDERS.shipping_method,
    exists().where(MESSAGES.order_id == ORDERS.id, MESSAGES.needs_attention).label("has_failed_mail"),
    exists().where(COMMENTS.order_id == ORDERS.id, COMMENTS.from_customer).label("has_customer_comment"),
    case((ORDERS.is_held, cast(ORDERS.holds, String))).label("holds"),  # decoded where there are any
    ORDERS.is_prioritised,
    ORDERS.ships_whole,
)
SORT_COLUMNS: dict[Sort, Any] = {
    Sort.PLACED: ORDERS.placed_at,
    Sort.NUMBER: ORDERS.number_key,
    Sort.CUSTOMER: ORDERS.customer_key,
    Sort.TOTAL: ORDERS.total,
}
MAX_STATEMENTS = 200

# A statement with the values of its parameters, as `Session.execute` takes them.
Query = tuple[Select[*tuple[Any, ...]], dict[str, Any]]
# The columns that criteria are compared to.
Columns = dict[Criterion, Any]
Limit = ColumnElement[int]


class BTreeIndex(NamedTuple):
    """An index in the sequence of `key` and `order_id`, with the columns of the criteria that it answers.

    Unless it `is_unique`, it can have an order more than once.
    """

    key: Any
    order_id: Any
    columns: Columns
    is_unique: bool


def _period(placed_at: Any) -> Columns:
    return {Criterion.PLACED_FROM: placed_at, Criterion.PLACED_BEFORE: placed_at}


OF_ORDER: Columns = {
    Criterion.KEYS: ORDERS.id,
    Criterion.PAYMENT: ORDERS.payment_method,
    Criterion.STATUS: ORDERS.status,
    **_period(ORDERS.placed_at),
}
# As the partial indexes have them, without a value to compare to.
OF_FLAG: dict[Criterion, ColumnElement[bool]] = {
    Criterion.REFUND: literal_column(IS_TO_REFUND, Boolean),
    Criterion.HELD: ORDERS.is_held,
    Criterion.NOT_HELD: ~ORDERS.is_held,
    Criterion.WAITING: literal_column(IS_WAITING, Boolean),
}
# Each line and tracking code repeats when its order was placed, and each tracking code the order's status.
INDEX_OF_LINES = BTreeIndex(
    LINES.placed_at, LINES.order_id, {Criterion.PRODUCT: LINES.sku, **_period(LINES.placed_at)}, is_unique=False
)
INDEX_OF_CODES = BTreeIndex(
    CODES.placed_at,
    CODES.order_id,
    {
        Criterion.CARRIER: CODES.carrier,
        Criterion.STATUS: CODES.order_status,
        **_period(CODES.placed_at),
    },
    is_unique=False,
)
INDEXES_OF_ROWS = {Criterion.PRODUCT: INDEX_OF_LINES, Criterion.CARRIER: INDEX_OF_CODES}


def matching_orders(plan: QueryPlan, after: Position | None, limit: int) -> Query:
    """What the list shows of matching orders beyond a position, and the `key` that they are sorted by.

    The first `limit` matches are read; the result itself is not sorted.
    """
    return _matching_orders(plan.shape, after is None, limit, plan.scan_limit), _values(plan, after)


def last_scanned_order(plan: QueryPlan, after: Position | None) -> Query:
    """The `key` and `id` of the order at which `matching_orders` stops for the scan limit; no row if it need not."""
    return _last_scanned_order(plan.shape, after is None, plan.scan_limit), _values(plan, after)


def matching_rows(shape: PlanShape, limit: int, scan_limit: int) -> Rows:
    """The `key` and `id` of the first `limit` matching orders, of which `scan_limit` rows are checked."""
    return _matching_rows(shape, True, _constant(limit), _constant(scan_limit))


def _values(plan: QueryPlan, after: Position | None) -> dict[str, Any]:
    if after is None:
        return plan.parameters
    in_text_index = plan.shape.text is not None
    position = full_text.position_parameters(after.order_id) if in_text_index else after._asdict()
    return {**plan.parameters, **position}


@lru_cache(MAX_STATEMENTS)
def _matching_orders(shape: PlanShape, is_first: bool, limit: int, scan_limit: int) -> Select[*tuple[Any, ...]]:
    matching = _matching_rows(shape, is_first, _constant(limit), _constant(scan_limit)).subquery("matching")
    return select(*ORDER_COLUMNS, matching.c.key).join(matching, matching.c.id == ORDERS.id)


@lru_cache(MAX_STATEMENTS)
def _last_scanned_order(shape: PlanShape, is_first: bool, scan_limit: int) -> Rows:
    rows = _index_rows(shape, is_first, _constant(scan_limit))
    return rows.limit(_constant(1)).offset(_constant(scan_limit - 1))


def _constant(limit: int) -> Limit:
    """Written out: for a parameter, PostgreSQL would plan each execution anew, in more time than it takes to run."""
    return literal_column(str(limit), Integer)


def _matching_rows(shape: PlanShape, is_first: bool, limit: Limit, scan_limit: Limit) -> Rows:
    if not shape.residual:
        return _index_rows(shape, is_first, limit)
    scanned = _index_rows(shape, is_first, scan_limit).subquery("scanned")
    # No ORDER BY: the scanned rows keep their sequence, and sorting would check all of them before the first is shown.
    return select(scanned.c.key, scanned.c.id).where(*_checks(shape, scanned)).limit(limit)


def _index_rows(shape: PlanShape, is_first: bool, limit: Limit) -> Rows:
    if shape.text is not None:
        return full_text.index_rows(shape.text, is_first=is_first, descending=shape.descending, limit=limit)
    index = INDEXES_OF_ROWS.get(shape.driving)
    if index is None:
        index = BTreeIndex(SORT_COLUMNS[shape.sort], ORDERS.id, OF_ORDER, is_unique=True)
    columns = (index.key, index.order_id)
    predicates = [_predicate(criterion, index.columns, shape) for criterion in shape.answered]
    rows = select(index.key.label("key"), index.order_id.label("id")).where(*predicates)
    if not is_first:
        position = tuple_(
            *(bindparam(name, type_=column.type) for name, column in zip(Position._fields, columns, strict=True))
        )
        rows = rows.where(tuple_(*columns) < position if shape.descending else tuple_(*columns) > position)
    rows = rows.order_by(*(column.desc() if shape.descending else column for column in columns)).limit(limit)
    return rows if index.is_unique else rows.group_by(*columns)


def _checks(shape: PlanShape, scanned: Any) -> list[ColumnElement[bool]]:
    """The residual criteria on each scanned order, whose `key` is when it was placed unless it has words."""
    if shape.text is not None:
        return [_has_order(shape, shape.residual, scanned)]
    checks = [
        _has_row(criterion, scanned.c.key, scanned.c.id, scanned)
        for criterion in shape.residual
        if criterion in INDEXES_OF_ROWS
    ]
    of_order = [criterion for criterion in shape.residual if criterion not in INDEXES_OF_ROWS]
    return [*checks, _has_order(shape, of_order, scanned)] if of_order else checks


def _has_order(shape: PlanShape, criteria: Iterable[Criterion], scanned: Any) -> ColumnElement[bool]:
    predicates = [_predicate(criterion, OF_ORDER, shape) for criterion in criteria]
    return _exists(select(ORDERS.id).where(ORDERS.id == scanned.c.id, *predicates), scanned)


def _has_row(criterion: Criterion, placed_at: Any, order_id: Any, order: Any) -> ColumnElement[bool]:
    """Whether an order has such a line or tracking code, looked up in their index."""
    index = INDEXES_OF_ROWS[criterion]
    matches = _compare(criterion, index.columns[criterion])
    return _exists(select(index.order_id).where(matches, index.key == placed_at, index.order_id == order_id), order)


def _exists(rows: Any, order: Any) -> ColumnElement[bool]:
    """A subquery for each order, whose LIMIT keeps the database from joining all orders instead."""
    subquery: ColumnElement[bool] = rows.correlate(order).limit(_constant(1)).scalar_subquery().is_not(None)
    return subquery


def _predicate(criterion: Criterion, columns: Columns, shape: PlanShape) -> ColumnElement[bool]:
    """A criterion as it is compared to columns, or else as it is checked on one order."""
    if criterion in columns:
        return _compare(criterion, columns[criterion])
    if criterion in INDEXES_OF_ROWS:
        return _has_row(criterion, ORDERS.placed_at, ORDERS.id, Order.__table__)
    if criterion is Criterion.WORDS and shape.text is not None:
        return full_text.predicate(shape.text)
    return OF_FLAG[criterion]


def _compare(criterion: Criterion, column: Any) -> ColumnElement[bool]:
    if criterion is Criterion.KEYS:
        return is_one_of(column, criterion.value)
    compare = {Criterion.PLACED_FROM: column.__ge__, Criterion.PLACED_BEFORE: column.__lt__}
    value = planned_once(bindparam(criterion.value, type_=column.type))
    matches: ColumnElement[bool] = compare.get(criterion, column.__eq__)(value)
    return matches
