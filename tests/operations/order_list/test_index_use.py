"""Every list that the page offers is read from an index: none scans a table, and none sorts more than it shows."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text, update

from tests.conftest import settings
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.demo import bulk
from webshop_orders.models import ActorKind, Hold, HoldReason, Message, MessageKind, MessageState, Order, OrderStatus
from webshop_orders.operations.order_list import counts, key_lookup, query_plan, statements
from webshop_orders.operations.order_list.cursors import Position
from webshop_orders.operations.order_list.filters import Criterion, OrderFilter, Sort
from webshop_orders.operations.order_list.query_plan import QueryPlan
from webshop_orders.operations.orders import message_search
from webshop_orders.transactions.unit_of_work import writing

ORDER = Order.__table__.c
# With fewer orders, a database may prefer to scan the table.
ORDERS = 20_000
# Fewer rows may be sorted, for example if hardly any order has a status.
MAX_SORTED_ROWS = ORDERS // 20
# The driver prepares a statement after the first execution; after five more, PostgreSQL decides on a generic plan.
EXECUTIONS_UNTIL_GENERIC_PLAN = 8
PAGE_LIMIT = 26
DAY = date(2026, 11, 23)
PERIOD = {"placed_from": datetime(2026, 3, 1, tzinfo=UTC), "placed_before": datetime(2026, 3, 8, tzinfo=UTC)}
STATUSES = [None, *OrderStatus]
# A filter and, if its words are the beginning of a key, the ids of the orders with such keys.
ListCase = tuple[OrderFilter, tuple[int, ...]]
SORTED: list[ListCase] = [
    (OrderFilter(sort=sort, status=status, held=held), ())
    for sort, status, held in product(Sort, STATUSES, (None, False))
]
FILTERED: list[ListCase] = [
    (OrderFilter(status=status, **criteria), ())
    for status in STATUSES
    for criteria in (
        {"payment": "klarna"},
        {"to_refund": True},
        {"held": True},
        {"held": True, "carrier": "PostNord", **PERIOD},
        {"waiting": True},
        {"waiting": True, **PERIOD},
        {"waiting": True, "held": False, "payment": "klarna"},
        {"carrier": "PostNord"},
        {"product": "A-SKU"},
        PERIOD,
        {"payment": "klarna", **PERIOD},
        {"payment": "klarna", "to_refund": True, **PERIOD},
        {"carrier": "PostNord", **PERIOD},
        {"product": "A-SKU", "carrier": "DHL", "payment": "card", **PERIOD},
    )
]
WORDS = ["oberg", "asa oberg", "xyzzyx", "070-174 06 05", "lju"]
SEARCHED: list[ListCase] = [
    (OrderFilter(words=words, **criteria), ())
    for words in WORDS
    for criteria in (
        {},
        {"status": OrderStatus.SHIPPED},
        {"status": OrderStatus.READY},
        {"carrier": "PostNord"},
        {"product": "A-SKU", "payment": "klarna"},
        PERIOD,
    )
]
LOOKED_UP: list[ListCase] = [
    (OrderFilter(**criteria), tuple(range(100, 300)))
    for criteria in ({}, {"carrier": "PostNord"}, {"product": "A-SKU", "status": OrderStatus.SHIPPED}, PERIOD)
]
LISTS = SORTED + FILTERED + SEARCHED + LOOKED_UP
KEYS = ["WS-9", "ws-100123", "#1042", "generated-1", "070", "+46 70", "anna@", "00370"]
MAILS = [
    message_search.MessageFilter(words, state, before)
    for words in ("", "oberg", "WS-100123")
    for state in (None, *message_search.MessageStateFilter)
    for before in (None, ORDERS // 2)
    if words or state or before  # without any of them, the table is read by its primary key from the end
]
BIG_TABLES = {"orders", "shipments", "lines", "tracking_codes", "order_search", "messages"}
SQLITE_SORT = "USE TEMP B-TREE FOR ORDER BY"
SCAN = re.compile(r"SCAN (orders|shipments|lines|tracking_codes|messages)\b(?! USING (COVERING )?INDEX)")
FTS_WITHOUT_WORDS = re.compile(r"SCAN order_search VIRTUAL TABLE INDEX \d+:(?!\w*M)")
TIME_LITERAL = re.compile(r"'\d{4}-\d\d-\d\d \d\d:[^']*'")
# PostgreSQL's index of words does not sort: the matches of one partition, which is of limited size, may be sorted.
SORT_IN_A_PARTITION = re.compile(r"order_search(_\d)?\.order_id( DESC)?")


@pytest.fixture(scope="module")
def many(module_database: str) -> Iterator[Flask]:
    """The application with many orders, which tests only read."""
    app = create_app(settings(module_database))
    with app.app_context():
        bulk.generate(ORDERS, DAY, progress=lambda count: None)
        _hold_some()
        _mail_each_customer()
        yield app
        db.session.remove()
        db.engine.dispose()


def _hold_some() -> None:
    """Hold every hundredth order."""
    holds = [Hold(1, HoldReason.OTHER, "Anna Lind", "2026-11-30T08:00:00+00:00")]
    with writing():
        db.session.execute(update(Order).where(Order.id % 100 == 1).values(is_held=True, holds=holds))


def _mail_each_customer() -> None:
    """Insert a mail about each order; every hundredth was not delivered, and every thousandth is a test."""
    common = {
        "kind": MessageKind.ORDER_CONFIRMATION,
        "language": "sv",
        "sender": "shop@example.com",
        "recipient": "customer@example.com",
        "subject": "Orderbekräftelse",
        "text": "Tack!",
        "html": "<p>Tack!</p>",
        "caused_by": "import",
        "caused_by_kind": ActorKind.SYSTEM,
        "automatic": True,
    }
    mails = [
        common
        | {
            "order_id": order_id,
            "message_id": f"<{order_id}@example.com>",
            "search_text": f"customer@example.com orderbekraftelse {number.lower()}",
            "state": MessageState.GIVEN_UP if order_id % 100 == 0 else MessageState.SENT,
            "needs_attention": order_id % 100 == 0,
            "is_test": order_id % 1000 == 1,
        }
        for order_id, number in db.session.execute(select(Order.id, Order.number))
    ]
    with writing():
        db.session.execute(insert(Message), mails)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("analyze")


@pytest.fixture(autouse=True)
def context(many: Flask) -> Iterator[None]:
    with many.test_request_context():
        yield
        db.session.rollback()


@pytest.mark.parametrize("case", LISTS, ids=lambda case: _name(case))
def test_a_list_is_read_from_an_index(case: ListCase) -> None:
    order_filter, order_ids = _with_real_product(case)
    plan = query_plan.plan(order_filter, order_ids)
    for directed in (plan, plan.reversed()):
        for position in (None, _middle_position(order_filter, directed)):
            problems = _problems(_explain(*statements.matching_orders(directed, position, PAGE_LIMIT)))
            assert problems == [] or (order_ids and problems == [SQLITE_SORT])


@pytest.mark.parametrize("words", KEYS)
def test_keys_are_looked_up_in_an_index(words: str) -> None:
    assert _problems(_explain(*key_lookup.query(words, "WS-"))) == []


@pytest.mark.parametrize("module_database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("case", LISTS, ids=lambda case: _name(case))
def test_postgresql_plans_a_list_once_and_reads_it_from_an_index_too(case: ListCase) -> None:
    plan = query_plan.plan(*_with_real_product(case))
    assert _problems_when_planned_once(*statements.matching_orders(plan, None, PAGE_LIMIT)) == []


@pytest.mark.parametrize("module_database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("words", KEYS)
def test_postgresql_plans_a_lookup_of_keys_once_and_reads_indexes_too(words: str) -> None:
    assert _problems_when_planned_once(*key_lookup.query(words, "WS-")) == []


def _problems_when_planned_once(query: Any, values: dict[str, Any]) -> list[str]:
    """What is wrong with the plan for all values, which PostgreSQL must have used after some executions."""
    db.session.remove()
    db.engine.dispose()  # so that no other statements are prepared
    for _execution in range(EXECUTIONS_UNTIL_GENERIC_PLAN):
        db.session.execute(query, values)

    prepared = db.session.connection().exec_driver_sql("select statement, generic_plans from pg_prepared_statements")
    [(statement, generic_plans)] = prepared.all()
    assert generic_plans > 0
    explained = db.session.connection().exec_driver_sql(
        f"explain (generic_plan, format json) {statement}".replace("%", "%%")
    )
    return _problems(explained.scalar_one()[0]["Plan"])


@pytest.mark.parametrize(
    "message_filter", MAILS, ids=lambda value: f"{value.words or 'all'} {value.filter} before {value.before}"
)
def test_a_list_of_mails_is_read_from_an_index(message_filter: message_search.MessageFilter) -> None:
    explained = _explain(message_search.statement(message_filter))
    problems = _problems(explained, may_sort=bool(message_filter.words))
    has_few_rows = message_filter.filter is message_search.MessageStateFilter.PENDING
    assert problems == [] or (has_few_rows and problems == [SQLITE_SORT])


def test_the_oldest_order_of_a_status_that_is_not_held_is_read_from_an_index() -> None:
    oldest = select(func.min(ORDER.placed_at)).where(ORDER.status == OrderStatus.READY, ~ORDER.is_held)
    assert _problems(_explain(oldest)) == []


def test_what_is_held_is_counted_from_its_index() -> None:
    assert _problems(_explain(counts.HELD_COUNTS), may_sort=True) in ([], ["USE TEMP B-TREE FOR GROUP BY"])


@pytest.mark.parametrize(
    "statement",
    [
        "select id from orders order by customer_name limit 26",
        "select id from orders where status = 'shipped' order by units limit 26",
        "select sku from lines where name like '%ljus%' limit 26",
        "select order_id from lines where sku > 'A' group by order_id limit 26",
    ],
)
def test_a_scan_or_a_sort_is_detected(statement: str) -> None:
    assert _problems(_explain(text(statement))) != []


def _explain(statement: Any, values: dict[str, Any] | None = None) -> Any:
    compiled = statement.params(values or {}).compile(db.engine, compile_kwargs={"literal_binds": True})
    sql = str(compiled).replace("%%", "%")
    if db.engine.dialect.name == "sqlite":
        return [row.detail for row in db.session.connection().exec_driver_sql(f"explain query plan {sql}")]
    typed = TIME_LITERAL.sub(r"timestamptz \g<0>", sql)  # in a subquery, a parameter has a type and a literal has not
    explained = db.session.connection().exec_driver_sql(f"explain (format json) {typed}".replace("%", "%%"))
    (plan,) = explained.scalar_one()
    return plan["Plan"] if isinstance(plan, dict) else json.loads(plan)["Plan"]


def _problems(plan: Any, *, may_sort: bool = False) -> list[str]:
    """What is wrong with a database's plan: scans of tables, and sorts of more than `MAX_SORTED_ROWS`."""
    if isinstance(plan, list):
        return [line for line in plan if SCAN.search(line) or FTS_WITHOUT_WORDS.search(line) or "TEMP B-TREE" in line]
    problems = []
    for node in _nodes(plan):
        if node["Node Type"] in {"Seq Scan", "Parallel Seq Scan"} and node["Relation Name"] in BIG_TABLES:
            problems.append(f"{node['Node Type']} on {node['Relation Name']}")
        is_sort = node["Node Type"] in {"Sort", "Incremental Sort"} and node["Plans"][0]["Plan Rows"] > MAX_SORTED_ROWS
        if is_sort and not may_sort and not SORT_IN_A_PARTITION.fullmatch(", ".join(node["Sort Key"])):
            problems.append(f"{node['Node Type']} by {node['Sort Key']}")
    return problems


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from _nodes(inner)


def _with_real_product(case: ListCase) -> ListCase:
    """The case with a product that is sold now and then, if it is filtered by product."""
    order_filter, order_ids = case
    if not order_filter.product:
        return case
    sku = db.session.scalar(text("select sku from lines group by sku order by count(*) limit 1 offset 300"))
    assert sku is not None
    return replace(order_filter, product=sku), order_ids


def _middle_position(order_filter: OrderFilter, plan: QueryPlan) -> Position:
    if plan.driving is Criterion.WORDS:
        return Position(ORDERS // 2, ORDERS // 2)
    keys: dict[Sort, Any] = {
        Sort.PLACED: datetime.combine(DAY, datetime.min.time(), UTC) - timedelta(days=200),
        Sort.NUMBER: "ws-000000110000",
        Sort.CUSTOMER: "m",
        Sort.TOTAL: 100_000,
    }
    return Position(keys[order_filter.effective_sort], ORDERS // 2)


def _name(case: ListCase) -> str:
    order_filter, order_ids = case
    parts = (
        "looked up" if order_ids else None,
        order_filter.words,
        order_filter.status,
        order_filter.payment,
        order_filter.carrier,
        order_filter.product,
        "period" if order_filter.placed_from else None,
    )
    return " ".join([str(part) for part in parts if part] + [f"by {order_filter.effective_sort}"])
