"""Restradar is read along indexes: none of its statements scans a table, however many orders there are."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text

from tests.conftest import settings
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.demo import bulk
from webshop_orders.models import IncomingDelivery
from webshop_orders.operations.stock import radar
from webshop_orders.operations.stock.radar import Sort
from webshop_orders.transactions.unit_of_work import writing

# With fewer orders, a database may prefer to scan the table.
ORDERS = 20_000
DAY = date(2026, 11, 23)
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
CURSORS = {Sort.UNITS: "20~50", Sort.SINCE: f"{SINCE:{radar.TIME_FORMAT}}~50", Sort.SKU: "M~50"}
BIG_TABLES = {"orders", "shipments", "lines", "products", "incoming_deliveries"}
SCAN = re.compile(rf"SCAN ({'|'.join(BIG_TABLES)})\b(?! USING (COVERING )?INDEX)")
TIME_LITERAL = re.compile(r"'\d{4}-\d\d-\d\d \d\d:[^']*'")


@pytest.fixture(scope="module")
def many(module_database: str) -> Iterator[Flask]:
    """The application with many orders and deliveries, which tests only read."""
    app = create_app(settings(module_database))
    with app.app_context():
        bulk.generate(ORDERS, DAY, progress=lambda count: None)
        products = db.session.execute(text("select id from products")).scalars().all()
        common = {"quantity": 20, "made_by": "Anna", "expected_on": "2026-12-01"}
        with writing():
            db.session.execute(insert(IncomingDelivery), [common | {"product_id": id_} for id_ in [*products] * 5])
        with db.engine.connect() as connection:
            connection.exec_driver_sql("analyze")
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(autouse=True)
def context(many: Flask) -> Iterator[None]:
    with many.test_request_context():
        yield
        db.session.rollback()


def explain(statement: Any, values: dict[str, Any] | None = None) -> list[str]:
    """What the plan scans whole, and what it sorts by."""
    compiled = statement.params(values or {}).compile(db.engine, compile_kwargs={"literal_binds": True})
    sql = str(compiled).replace("%%", "%")
    connection = db.session.connection()
    if db.engine.dialect.name == "sqlite":
        return [row.detail for row in connection.exec_driver_sql(f"explain query plan {sql}")]
    typed = TIME_LITERAL.sub(r"timestamptz \g<0>", sql)
    explained = connection.exec_driver_sql(f"explain (format json) {typed}".replace("%", "%%")).scalar_one()
    (plan,) = explained if isinstance(explained, list) else json.loads(explained)
    return [
        f"{node['Node Type']} {node.get('Relation Name', '')} {node.get('Index Name', '')} {node.get('Sort Key', '')}"
        for node in nodes(plan["Plan"])
    ]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


def scans(plan: list[str]) -> list[str]:
    return [line for line in plan if SCAN.search(line) or re.match(r"(Parallel )?Seq Scan", line)]


def sorts(plan: list[str]) -> list[str]:
    return [line for line in plan if "TEMP B-TREE FOR ORDER BY" in line or re.match(r"(Incremental )?Sort", line)]


def test_many_orders_wait_for_many_products() -> None:
    waiting, products = db.session.execute(text("select sum(waiting), count(distinct product_id) from lines")).one()
    kept = db.session.execute(text("select sum(backordered) from products")).scalar_one()
    assert waiting == kept > ORDERS / 100
    assert products > radar.PAGE_SIZE * 2


@pytest.mark.parametrize("has_cursor", [False, True])
@pytest.mark.parametrize("sort", [Sort.UNITS, Sort.SKU])
def test_products_by_units_or_sku_are_read_from_their_index_in_its_sequence(sort: Sort, has_cursor: bool) -> None:
    plan = explain(radar.products_statement(sort, CURSORS[sort] if has_cursor else None, radar.PAGE_SIZE + 1))
    index = {Sort.UNITS: "ix_products_backordered_id", Sort.SKU: "ix_products_backordered_sku"}[sort]
    assert scans(plan) == []
    assert [line for line in sorts(plan) if "order_id" not in line] == []  # of one product's orders, to count them once
    assert any(index in line for line in plan)
    assert any("ix_lines_waiting" in line for line in plan)


@pytest.mark.parametrize("has_cursor", [False, True])
def test_products_by_age_are_sorted_from_the_index_of_those_that_are_waited_for(has_cursor: bool) -> None:
    plan = explain(radar.products_statement(Sort.SINCE, CURSORS[Sort.SINCE] if has_cursor else None, 26))
    assert scans(plan) == []
    assert any("ix_products_backordered" in line for line in plan)
    assert any("ix_lines_waiting" in line for line in plan)


def test_the_queues_of_a_page_are_read_from_the_index_of_waiting_lines() -> None:
    plan = explain(radar.queues_statement(0), {"ids": list(range(1, radar.PAGE_SIZE + 1))})
    assert scans(plan) == []
    assert any("ix_lines_waiting" in line for line in plan)


def test_what_comes_next_is_read_from_the_index_of_what_is_expected() -> None:
    plan = explain(radar.deliveries_statement(), {"ids": list(range(1, radar.PAGE_SIZE + 1))})
    assert scans(plan) == []
    assert any("ix_incoming_deliveries_expected" in line for line in plan)


def test_a_scan_or_a_sort_is_detected() -> None:
    assert scans(explain(text("select id from products where price > 5")))
    assert sorts(explain(text("select id from orders order by customer_name limit 26")))
