"""What `verify` finds: each check on a database that was broken for it, and nothing else in it."""

from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import text

from tests.factories import make_order, make_product
from webshop_orders import verification
from webshop_orders.db.extensions import db
from webshop_orders.models import (
    Actor,
    ActorKind,
    Order,
)
from webshop_orders.operations.orders import shipments, tracking
from webshop_orders.transactions.unit_of_work import editing, writing

ANNA = Actor(ActorKind.STAFF, "Anna Lind")


def found() -> list[verification.Violation]:
    return list(verification.verify_all())


@pytest.fixture(autouse=True)
def english(app: Flask) -> None:
    """Sentences as the code has them."""
    g.response_language = "en"


def sentences() -> list[str]:
    return [violation.sentence for violation in found()]


def break_with(*statements: str, **values: Any) -> None:
    """Change the database behind the back of the order desk."""
    with writing():
        for statement in statements:
            db.session.execute(text(statement), values)


def break_unguarded(*statements: str) -> None:
    """The same without foreign keys and, on PostgreSQL, without triggers."""
    db.session.remove()
    is_sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        off, on = (
            ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON")
            if is_sqlite
            else ("set session_replication_role = replica", "set session_replication_role = origin")
        )
        for statement in (off, *statements, on):
            driver.execute(statement)
        connection.rollback()


@pytest.fixture
def order(app: Flask) -> Order:
    """An order of two products, one of which it waits for."""
    make_product("A", stock=10)
    make_product("B", stock=1)
    return make_order(("A", 2), ("B", 3), paid=1000)


def ship(order: Order, code: str | None = None) -> None:
    with editing(order.number, None, ANNA) as shipped:
        if code:
            tracking.add(shipped.shipments[0], code, "PostNord", None, by=ANNA)
        shipments.ship(shipped.shipments[0], by=ANNA, mails=False, confirmed=True)


def test_a_shop_that_is_well_has_none(order: Order) -> None:
    assert found() == []


def test_reading_it_all_changes_nothing_and_needs_no_lock(order: Order) -> None:
    with db.engine.connect().execution_options(writes=True) as writer, writer.begin():
        writer.execute(text("update shop set ready_days = ready_days"))
        assert found() == []


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("update orders set units = 9", "{number}: units is 9, and should be 5."),
        ("update orders set credited = 5", "{number}: credited is 5, and should be 0."),
        ("update orders set is_held = true", "{number}: is_held is True, and should be False."),
        ("update orders set is_prioritised = true", "{number}: is_prioritised is True, and should be False."),
        ("update orders set hold_ends_on = '2026-12-24'", "{number}: hold_ends_on is 2026-12-24, and should be —."),
        ("update orders set number_key = 'x'", "WS-100001: number_key is x, and should be ws-000000100001."),
        ("update orders set email_key = 'x'", "{number}: email_key does not follow from the rest."),
        ("update orders set customer_key = 'x'", "{number}: customer_key does not follow from the rest."),
        ("update orders set phone_key = 'x'", "{number}: phone_key does not follow from the rest."),
        ("update orders set search_text = 'x'", "{number}: search_text does not follow from the rest."),
        ("update orders set status = 'ready'", "{number}: status is ready, and should be backordered."),
        ("update shipments set gives_stock = true", "{number}-1: gives_stock is True, and should be False."),
        (
            "update shipments set ready_since = '2026-11-23 10:00:00'",
            "{number}-1: ready_since is True, and should be False.",
        ),
        ("update lines set waiting = 7 where waiting > 0", "{number}-1: waiting is 7, and should be 2."),
        ("update orders set last_seq = 0", "{number}: last_seq is 0, and should be 1."),
        ("update orders set event_count = 7", "{number}: event_count is 7, and should be 1."),
        ("update orders set message_count = 7", "{number}: message_count is 7, and should be 1."),
        ("update orders set version = 4", "{number}: version is 4, and should be 1."),
        ("update products set reserved = 4 where sku = 'A'", "A: reserved is 4, and should be 2."),
        ("update products set backordered = 4 where sku = 'B'", "B: backordered is 4, and should be 2."),
        ("update products set stock = 9 where sku = 'A'", "A: stock is 9, and should be 10."),
        ("update products set stock_version = 2 where sku = 'A'", "A: stock_version is 2, and should be 1."),
        (
            "update products set next_delivery_on = '2026-12-24' where sku = 'A'",
            "A: next_delivery_on is 2026-12-24, and should be —.",
        ),
        ("update products set search_text = 'x' where sku = 'A'", "A: search_text does not follow from the rest."),
        ("update products set list_text = 'x' where sku = 'A'", "A: list_text does not follow from the rest."),
        ("update products set sku_key = 'x' where sku = 'A'", "A: sku_key does not follow from the rest."),
        ("update products set sku_sort_key = 'x' where sku = 'A'", "A: sku_sort_key does not follow from the rest."),
        ("update products set name_sort_key = 'x' where sku = 'A'", "A: name_sort_key does not follow from the rest."),
        (
            "update products set shelf_sort_key = 'x' where sku = 'A'",
            "A: shelf_sort_key does not follow from the rest.",
        ),
        ("insert into order_counts (status, count) values ('ready', 2)", "order_counts: ready is 2, and should be 0."),
        (
            "insert into inbox_counts (kind, count) values ('to_refund', 2)",
            "inbox_counts: to_refund is 2, and should be 0.",
        ),
    ],
)
def test_a_column_that_does_not_follow_is_named(order: Order, statement: str, sentence: str) -> None:
    break_with(statement)
    assert sentences() == [sentence.format(number=order.number)]


def test_the_mend_of_a_column_mends_it(order: Order) -> None:
    break_with("update products set reserved = 4 where sku = 'A'")
    (violation,) = found()
    break_with(violation.mend.partition(": ")[2].removesuffix(";"))
    assert found() == []
