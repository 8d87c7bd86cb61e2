"""What the page of a product shows is read along indexes, whatever the product has sold and however often it moved."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import insert, select, text

from tests.conftest import settings
from tests.operations.stock.test_radar_plans import explain, scans, sorts
from tests.statements import executed
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.demo import bulk
from webshop_orders.models import ActorKind, MovementReason, Product, ProductEvent, StockMovement
from webshop_orders.operations.stock import holders, movements, product_history
from webshop_orders.transactions.unit_of_work import writing

# With fewer, a database may prefer to scan the table.
ORDERS = 20_000
CHANGES = 20_000
FIRST_VERSION = 1_000_000
CURSOR = f"0~{datetime(2026, 11, 1, tzinfo=UTC):{holders.TIME_FORMAT}}~50"


@pytest.fixture(scope="module")
def many(module_database: str) -> Iterator[Flask]:
    """The application with many orders, movements and changes of two products, which tests only read."""
    app = create_app(settings(module_database))
    with app.app_context():
        bulk.generate(ORDERS, date(2026, 11, 23), progress=lambda count: None)
        common = {"at": datetime(2026, 11, 1, tzinfo=UTC), "actor_kind": ActorKind.STAFF, "actor_name": "Anna"}
        rows = [
            {**common, "product_id": product_id, "version": FIRST_VERSION + number}
            for product_id in db.session.scalars(select(Product.id).limit(2)).all()
            for number in range(CHANGES)
        ]
        with writing():
            db.session.execute(insert(ProductEvent), [{**row, "changes": {}} for row in rows])
            db.session.execute(
                insert(StockMovement), [{**row, "quantity": 1, "reason": MovementReason.COUNTED} for row in rows]
            )
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


def most_held() -> Product:
    return db.session.scalars(select(Product).order_by(Product.reserved.desc()).limit(1)).one()


def plan_of(read: Callable[[], object], table: str) -> list[str]:
    """The plan of the one statement that reads a table."""
    with executed() as statements:
        read()
    ((statement, parameters),) = [each for each in statements if f"FROM {table}" in each.sql]
    how = "explain query plan" if db.engine.dialect.name == "sqlite" else "explain"
    return [str(row) for row in db.session.connection().exec_driver_sql(f"{how} {statement}", parameters)]


@pytest.mark.parametrize("after", [None, CURSOR])
@pytest.mark.parametrize("has_statistics", [True, False])
def test_who_holds_a_product_is_read_from_the_open_orders(after: str | None, has_statistics: bool) -> None:
    if not has_statistics and db.engine.dialect.name == "sqlite":
        db.session.execute(text("delete from sqlite_stat1"))  # taken back when the test ends
        db.session.execute(text("analyze sqlite_schema"))
    plan = explain(holders.statement(most_held().id, after, holders.PAGE_SIZE + 1))
    assert scans(plan) == []
    assert not [step for step in plan if "ix_lines_product_id" in step or "ix_lines_sku" in step], plan
    assert [step for step in plan if "ix_orders_waiting_placed_at_id" in step or "ix_orders_status_" in step], plan
    assert [step for step in plan if "ix_lines_shipment_id" in step], plan


def test_the_orders_that_hold_a_product_are_those_of_its_open_lines() -> None:
    product = most_held()
    page = holders.page(product, limit=ORDERS)
    assert len(page.holders) > 5
    assert sum(holder.held for holder in page.holders) == product.reserved
    assert sum(holder.waiting for holder in page.holders) == product.backordered


@pytest.mark.parametrize("before", [None, FIRST_VERSION + 500])
def test_movements_and_changes_of_a_product_are_read_from_their_index_in_its_sequence(before: int | None) -> None:
    product = db.session.scalars(select(Product).limit(1)).one()
    pages: dict[str, Callable[[], object]] = {
        "stock_movements": lambda: movements.page(product, before=before),
        "product_events": lambda: product_history.page(product, before=before),
    }
    for table, read in pages.items():
        plan = plan_of(read, table)
        assert scans(plan) == [], plan
        assert sorts(plan) == [], plan
        assert not [step for step in plan if "Seq Scan" in step or "Sort" in step or f"SCAN {table}" in step], plan
        assert [step for step in plan if "product_id_version" in step or "autoindex" in step or "(product_id=?" in step]
