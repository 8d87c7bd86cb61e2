"""The list of products is read along an index, and sorts at most what a filter or words chose."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text

from tests.conftest import settings
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.models import Product
from webshop_orders.operations.stock import product_list
from webshop_orders.operations.stock.product_list import Position, ProductFilter, ProductQuery, ProductSort
from webshop_orders.transactions.unit_of_work import writing

PRODUCTS = 20_000
# The driver prepares a statement after some executions, and PostgreSQL then decides on a plan for all values.
EXECUTIONS_UNTIL_GENERIC_PLAN = 10
NAMES = ["Stearinljus", "Linneduk", "Ljusstake", "Ostfat", "Ängsvas"]
EVERY = [ProductQuery(sort=sort, descending=descending) for sort in ProductSort for descending in (False, True)]
FILTERED = [ProductQuery(only=only) for only in ProductFilter]
SEARCHED = [
    ProductQuery(words=words, sort=sort, only=only)
    for words in ("xyzzyx", "nr 17 stearin", "duk")
    for sort in (ProductSort.SKU, ProductSort.STOCK)
    for only in (None, ProductFilter.INACTIVE)
]


@pytest.fixture(scope="module")
def many(module_database: str) -> Iterator[Flask]:
    """The application with many products, which tests only read."""
    app = create_app(settings(module_database))
    with app.app_context():
        with writing():
            db.session.execute(insert(Product), [_columns(number) for number in range(PRODUCTS)])
        with db.engine.connect() as connection:
            connection.exec_driver_sql("analyze")
        yield app
        db.session.remove()
        db.engine.dispose()


def _columns(number: int) -> dict[str, Any]:
    product = Product(
        sku=f"P-{number}",
        name=f"{NAMES[number % len(NAMES)]} nr {number}",
        price=100,
        currency="SEK",
        vat_rate=2500,
        stock=None if number % 200 == 0 else 0 if number % 50 == 1 else number,
        shelf_place=f"{'ABC'[number % 3]}-{number}",
        active=number % 20 > 0,
    )
    columns = {name: value for name, value in vars(product).items() if name != "_sa_instance_state"}
    return {**columns, "reserved": 0, "backordered": 3 if number % 300 == 0 else 0}


@pytest.fixture(autouse=True)
def context(many: Flask) -> Iterator[None]:
    with many.test_request_context():
        yield
        db.session.rollback()


def positions(query: ProductQuery) -> list[Position | None]:
    keys: dict[ProductSort, str | int] = {
        ProductSort.SKU: "p-000000010000",
        ProductSort.NAME: "m",
        ProductSort.SHELF_PLACE: "b",
        ProductSort.STOCK: 10_000,
    }
    return [None, Position(keys[query.sorted_by], 10_000)]


def explained(query: ProductQuery, position: Position | None, *, backwards: bool = False) -> list[str]:
    """The steps of the database's plan."""
    statement = product_list.statement(query, position, 51, backwards=backwards)
    filled = statement.params(product_list.parameters(query, position))
    sql = str(filled.compile(db.engine, compile_kwargs={"literal_binds": True})).replace("%%", "%")
    return steps(sql)


def steps(sql: str) -> list[str]:
    connection = db.session.connection()
    if db.engine.dialect.name == "sqlite":
        return [row.detail for row in connection.exec_driver_sql(f"explain query plan {sql}")]
    answer = connection.exec_driver_sql(f"explain (format json) {sql}".replace("%", "%%")).scalar_one()
    (plan,) = json.loads(answer) if isinstance(answer, str) else answer
    return list(_steps(plan["Plan"]))


def _steps(node: dict[str, Any]) -> Iterator[str]:
    name = " ".join(str(node.get(key, "")) for key in ("Node Type", "Relation Name", "Index Name"))
    yield f"SCAN {name}" if node["Node Type"] == "Seq Scan" else name
    for inner in node.get("Plans", []):
        yield from _steps(inner)


def scans(plan: list[str]) -> list[str]:
    """The steps that go through a whole table."""
    return [
        step
        for step in plan
        if step.startswith("SCAN") and "USING" not in step and "VIRTUAL TABLE INDEX" not in step and "products" in step
    ] + [step for step in plan if "Seq Scan product" in step]


def sorts(plan: list[str]) -> list[str]:
    return [step for step in plan if "TEMP B-TREE" in step or step.startswith(("Sort", "Incremental Sort"))]


@pytest.mark.parametrize("query", [*EVERY, *FILTERED], ids=str)
@pytest.mark.parametrize("backwards", [False, True])
def test_a_list_is_read_in_the_sequence_of_an_index(query: ProductQuery, backwards: bool) -> None:
    for position in positions(query):
        plan = explained(query, position, backwards=backwards)
        assert (scans(plan), sorts(plan)) == ([], []), plan


@pytest.mark.parametrize("query", SEARCHED, ids=str)
def test_words_are_looked_up_in_their_index(query: ProductQuery) -> None:
    for position in positions(query):
        plan = explained(query, position)
        assert scans(plan) == [], plan
        assert any("product_search" in step for step in plan), plan


@pytest.mark.parametrize("module_database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("query", [*EVERY[:2], *SEARCHED], ids=str)
def test_postgresql_plans_a_list_once_and_reads_an_index_too(query: ProductQuery) -> None:
    db.session.remove()
    db.engine.dispose()  # so that no other statements are prepared
    statement, values = product_list.statement(query, None, 51), product_list.parameters(query, None)
    for _execution in range(EXECUTIONS_UNTIL_GENERIC_PLAN):
        db.session.execute(statement, values)
    prepared = db.session.connection().exec_driver_sql(
        "select statement from pg_prepared_statements where statement like '%%products%%'"
    )
    answer = db.session.connection().exec_driver_sql(
        f"explain (generic_plan, format json) {prepared.scalar_one()}".replace("%", "%%")
    )
    plan = list(_steps(answer.scalar_one()[0]["Plan"]))
    assert scans(plan) == [], plan


def test_a_scan_and_a_sort_are_detected() -> None:
    plan = steps("select id from products where price > 5 order by price limit 51")
    assert scans(plan)
    assert sorts(plan)


def test_a_page_in_the_middle_has_what_comes_after() -> None:
    first = product_list.page(ProductQuery())
    second = product_list.page(replace(ProductQuery(), after=first.after))
    assert [product.sku for product in second.products[:2]] == ["P-50", "P-51"]


def test_the_text_of_every_product_is_in_the_index_of_words() -> None:
    counted = db.session.execute(text("select (select count(*) from products), (select count(*) from product_search)"))
    assert counted.one() == (PRODUCTS, PRODUCTS)
