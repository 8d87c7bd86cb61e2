"""Every list that the page offers is read along an index: none scans a table, and none sorts more than it shows."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, text

from tests.conftest import settings
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.demo import bulk
from webshop_orders.models import ActorKind, Message, MessageKind, MessageState, Order, OrderStatus
from webshop_orders.operations.order_list import full_text
from webshop_orders.operations.order_list import pages as order_pages
from webshop_orders.operations.order_list.query_plan import OrderFilter, Sort
from webshop_orders.operations.orders import message_search
from webshop_orders.transactions.unit_of_work import writing

# So many that neither database would rather read them all than look into an index.
ORDERS = 20_000
# Fewer may be sorted, as where hardly any order has a status.
FEW = ORDERS // 20
TURNS_TO_SETTLE = 12  # after five, the driver prepares a statement; after five of those, PostgreSQL settles on a plan
DAY = date(2026, 11, 23)
PERIOD = {"placed_from": datetime(2026, 3, 1, tzinfo=UTC), "placed_before": datetime(2026, 3, 8, tzinfo=UTC)}
STATUSES = [None, *OrderStatus]
SORTED = [OrderFilter(sort=sort, status=status) for sort, status in product(Sort, STATUSES)]
NARROWED = [
    OrderFilter(status=status, **narrower)
    for status in STATUSES
    for narrower in (
        {"payment": "klarna"},
        {"carrier": "PostNord"},
        {"product": "A-SKU"},
        PERIOD,
        {"payment": "klarna", **PERIOD},
        {"carrier": "PostNord", **PERIOD},
        {"product": "A-SKU", "carrier": "DHL", "payment": "card", **PERIOD},
    )
]
WORDS = ["oberg", "asa oberg", "xyzzyx", "070-174 06 05", "lju"]
SEARCHED = [
    OrderFilter(words=words, **narrower)
    for words in WORDS
    for narrower in (
        {},
        {"status": OrderStatus.SHIPPED},
        {"status": OrderStatus.READY},
        {"carrier": "PostNord"},
        {"product": "A-SKU", "payment": "klarna"},
        PERIOD,
    )
]
LOOKED_UP = [
    OrderFilter(ids=tuple(range(100, 300)), **narrower)
    for narrower in ({}, {"carrier": "PostNord"}, {"product": "A-SKU", "status": OrderStatus.SHIPPED}, PERIOD)
]
LISTS = SORTED + NARROWED + SEARCHED + LOOKED_UP
KEYS = ["WS-9", "ws-100123", "generated-1", "070", "+46 70", "anna@", "00370"]
MAILS = [
    message_search.MessageFilter(words, chosen, before)
    for words in ("", "oberg", "WS-100123")
    for chosen in (None, *message_search.MessageStateFilter)
    for before in (None, ORDERS // 2)
    if words or chosen or before  # else it is read by its key from the end
]
BIG = {"orders", "shipments", "lines", "tracking_codes", "order_search", "messages"}
SORTED_BY_SQLITE = "USE TEMP B-TREE FOR ORDER BY"
SCAN = re.compile(r"SCAN (orders|shipments|lines|tracking_codes|messages)\b(?! USING (COVERING )?INDEX)")
FTS_WITHOUT_WORDS = re.compile(r"SCAN order_search VIRTUAL TABLE INDEX \d+:(?!\w*M)")
# What words find in one share is sorted, which PostgreSQL's index of them does not do: a share has an end.
SORTED_IN_A_SHARE = [["order_search.order_id"], ["order_search.order_id DESC"]]


@pytest.fixture(scope="module")
def many(module_database: str) -> Iterator[Flask]:
    """An order desk with many orders, to be read only."""
    app = create_app(settings(module_database))
    with app.app_context():
        bulk.generate(ORDERS, DAY, progress=lambda count: None)
        _mail_each_customer()
        yield app
        db.session.remove()
        db.engine.dispose()


def _mail_each_customer() -> None:
    """A mail about each order; every hundredth one was not delivered, and every thousandth is a test."""
    same = {
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
        same
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


@pytest.mark.parametrize("wanted", LISTS, ids=lambda wanted: _name(wanted))
def test_a_list_is_read_along_an_index(wanted: OrderFilter) -> None:
    wanted = replace(wanted, product=_sku() if wanted.product else None)
    for way in (wanted, replace(wanted, descending=not wanted.descending)):
        place = _somewhere(way)
        for statement in (order_pages.statement(way), order_pages.statement(way, place)):
            complaints = _complaints(_explain(statement))
            assert complaints == [] or (wanted.ids and complaints == [SORTED_BY_SQLITE])


@pytest.mark.parametrize("words", KEYS)
def test_what_begins_so_is_looked_up_along_an_index(words: str) -> None:
    assert _complaints(_explain(full_text.keys_that_begin(words, "WS-"))) == []


@pytest.mark.parametrize("module_database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("wanted", LISTS, ids=lambda wanted: _name(wanted))
def test_a_list_that_postgresql_plans_once_and_for_all_is_read_along_an_index_too(wanted: OrderFilter) -> None:
    wanted = replace(wanted, product=_sku() if wanted.product else None)
    db.session.remove()
    db.engine.dispose()  # no other list's statements
    for _turn in range(TURNS_TO_SETTLE):
        db.session.execute(order_pages.statement(wanted))

    prepared = db.session.connection().exec_driver_sql(
        "select statement, generic_plans from pg_prepared_statements where statement like '%%picked%%'"
    )
    [(statement, generic_plans)] = prepared.all()
    if generic_plans:
        explained = db.session.connection().exec_driver_sql(
            f"explain (generic_plan, format json) {statement}".replace("%", "%%")
        )
        assert _complaints(explained.scalar_one()[0]["Plan"]) == []


@pytest.mark.parametrize(
    "wanted", MAILS, ids=lambda wanted: f"{wanted.words or 'all'} {wanted.filter} before {wanted.before}"
)
def test_a_list_of_mails_is_read_along_an_index(wanted: message_search.MessageFilter) -> None:
    complaints = _complaints(_explain(message_search.statement(wanted)), may_sort=bool(wanted.words))
    is_of_few = wanted.filter is message_search.MessageStateFilter.UNDER_WAY
    assert complaints == [] or (is_of_few and complaints == [SORTED_BY_SQLITE])


def test_the_oldest_of_a_status_is_read_off_an_index() -> None:
    explained = _explain(text("select min(placed_at) from orders where status = 'ready'"))
    assert _complaints(explained) == []


@pytest.mark.parametrize(
    "statement",
    [
        "select id from orders order by customer_name limit 26",
        "select id from orders where status = 'shipped' order by units limit 26",
        "select sku from lines where name like '%ljus%' limit 26",
        "select order_id from lines where sku > 'A' group by order_id limit 26",
    ],
)
def test_a_scan_or_a_sort_would_be_seen(statement: str) -> None:
    assert _complaints(_explain(text(statement))) != []


def _explain(statement: Any) -> Any:
    compiled = statement.compile(db.engine, compile_kwargs={"literal_binds": True})
    written = str(compiled).replace("%%", "%")
    if db.engine.dialect.name == "sqlite":
        return [row.detail for row in db.session.connection().exec_driver_sql(f"explain query plan {written}")]
    explained = db.session.connection().exec_driver_sql(f"explain (format json) {written}".replace("%", "%%"))
    (plan,) = explained.scalar_one()
    return plan["Plan"] if isinstance(plan, dict) else json.loads(plan)["Plan"]


def _complaints(plan: Any, *, may_sort: bool = False) -> list[str]:
    """What is wrong with a plan: tables read through, and more sorted than is few."""
    if isinstance(plan, list):
        return [line for line in plan if SCAN.search(line) or FTS_WITHOUT_WORDS.search(line) or "TEMP B-TREE" in line]
    found = []
    for node in _nodes(plan):
        if node["Node Type"] in {"Seq Scan", "Parallel Seq Scan"} and node["Relation Name"] in BIG:
            found.append(f"{node['Node Type']} on {node['Relation Name']}")
        is_sort = node["Node Type"] in {"Sort", "Incremental Sort"} and node["Plans"][0]["Plan Rows"] > FEW
        if is_sort and not may_sort and node["Sort Key"] not in SORTED_IN_A_SHARE:
            found.append(f"{node['Node Type']} by {node['Sort Key']}")
    return found


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from _nodes(inner)


def _sku() -> str:
    """A product that is sold now and then."""
    return db.session.execute(
        text("select sku from lines group by sku order by count(*) limit 1 offset 300")
    ).scalar_one()


def _somewhere(wanted: OrderFilter) -> Any:
    """A place in the middle of a list."""
    if wanted.is_by_arrival:
        return ORDERS // 2, ORDERS // 2
    middle: dict[Sort, Any] = {
        Sort.PLACED: datetime.combine(DAY, datetime.min.time(), UTC) - timedelta(days=200),
        Sort.NUMBER: "ws-000000110000",
        Sort.CUSTOMER: "m",
        Sort.TOTAL: 100_000,
    }
    return middle[wanted.sorted_by], ORDERS // 2


def _name(wanted: OrderFilter) -> str:
    period = "period" if wanted.placed_from else None
    parts = (
        "looked up" if wanted.ids else None,
        wanted.words,
        wanted.status,
        wanted.payment,
        wanted.carrier,
        wanted.product,
        period,
    )
    return " ".join([str(part) for part in parts if part] + [f"by {wanted.sorted_by}"])
