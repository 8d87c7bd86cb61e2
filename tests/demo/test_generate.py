"""Bulk orders for load tests: inserted directly, in the state that the operations would have left them in."""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from tests.conftest import closing_engines, settings
from tests.demo.orders import check_invariants, snapshot, whole_orders
from tests.factories import make_order, make_product, reshape_shop
from tests.operations.steps import listed
from webshop_orders import create_app
from webshop_orders.db import bulk_writing
from webshop_orders.db.extensions import db
from webshop_orders.demo import bulk
from webshop_orders.models import (
    Actor,
    Event,
    EventKind,
    Line,
    Message,
    MovementReason,
    Order,
    OrderStatus,
    Product,
    TrackingCode,
    WebhookMessage,
)
from webshop_orders.money.recalculation import recalculate
from webshop_orders.operations.order_list import counts as order_counts
from webshop_orders.operations.order_list.filters import OrderFilter
from webshop_orders.operations.orders import cancellation, shipments
from webshop_orders.operations.stock import backorders, movements
from webshop_orders.transactions import unit_of_work

TODAY = date(2026, 11, 23)
MORNING = datetime(2026, 11, 22, 23, tzinfo=UTC)


def generate(count: int) -> list[int]:
    """Generate orders; returns the batch sizes that were reported as progress."""
    batches: list[int] = []
    bulk.generate(count, TODAY, progress=batches.append)
    db.session.expire_all()
    return batches


@pytest.fixture(scope="module")
def filled(module_database: str) -> Iterator[Flask]:
    """The application on a database with 600 generated orders, which tests only read."""
    with closing_engines(create_app(settings(module_database))) as app:
        with app.app_context():
            generate(600)
            db.session.remove()
        yield app


@pytest.fixture
def generated(filled: Flask) -> Iterator[list[Order]]:
    with filled.app_context():
        yield whole_orders()
        db.session.remove()


def on_postgresql() -> bool:
    return db.session.get_bind().dialect.name == "postgresql"


def test_the_same_day_gives_the_same_orders_on_either_database(
    generated: list[Order], migrated_sqlite: Path, tmp_path: Path
) -> None:
    first = [snapshot(order) for order in generated]
    shutil.copy(migrated_sqlite, tmp_path / "again.sqlite3")
    with create_app(settings(f"sqlite:///{tmp_path / 'again.sqlite3'}")).app_context():
        generate(600)
        assert [snapshot(order) for order in whole_orders()] == first
        db.session.remove()
        db.engine.dispose()


def test_the_rules_of_quantities_and_money_hold(generated: list[Order]) -> None:
    check_invariants()
    assert {line.reserved for order in generated if order.is_cancelled for line in order.lines} == {0}


def test_what_an_order_keeps_of_itself_is_what_settling_draws(generated: list[Order]) -> None:
    for order in generated:
        recalculate(order)
        order.approval = None  # it is noted with the first change
        order.refresh_derived_columns()
        assert not db.session.is_modified(order), order.number


def test_customers_and_addresses_are_kept_as_the_orm_writes_them(generated: list[Order]) -> None:
    stored = {
        row.id: row for row in db.session.execute(text("select id, billing_address, shipping_address from orders"))
    }
    for order in generated[::50]:
        for name in ("billing_address", "shipping_address"):
            raw = getattr(stored[order.id], name)
            of_orm = asdict(getattr(order, name))
            assert raw == (of_orm if on_postgresql() else json.dumps(of_orm))
    assert {tuple(order.shop_differences) for order in generated} == {()}


def test_lines_and_codes_know_their_order(generated: list[Order]) -> None:
    for order in generated:
        found_by = [*order.lines, *(code for shipment in order.shipments for code in shipment.tracking_codes)]
        assert {(one.order_id, one.placed_at) for one in found_by} == {(order.id, order.placed_at)}


def test_recent_orders_are_open_and_old_ones_have_left(generated: list[Order]) -> None:
    statuses = Counter(order.status for order in generated)
    assert set(statuses) == set(OrderStatus)
    assert 15 <= statuses[OrderStatus.CANCELLED] <= 45
    recent = [order for order in generated if order.placed_at > MORNING - timedelta(days=7)]
    assert recent
    assert sum(bool(order.open_shipments) for order in recent) > len(recent) / 2
    old = [order for order in generated if order.placed_at < MORNING - timedelta(days=150)]
    assert {order.status for order in old} == {OrderStatus.SHIPPED, OrderStatus.CANCELLED}
    shipped = [one for order in generated for one in order.shipments if one.is_shipped]
    assert all(one.tracking_codes for one in shipped)
    assert any(len(order.shipments) == 2 for order in old)


def test_orders_come_closer_together_over_three_years(generated: list[Order]) -> None:
    placed = [order.placed_at for order in generated]
    assert placed == sorted(placed)
    assert placed[0] < MORNING - timedelta(days=900)
    assert MORNING - timedelta(days=3 * 365) < placed[0]
    assert placed[-1] < MORNING
    lasts = (placed[199] - placed[0], placed[399] - placed[200], placed[599] - placed[400])
    assert lasts[0] > lasts[1] > lasts[2]
    assert 2.5 < sum(len(list(order.lines)) for order in generated) / 600 < 3.5


def test_some_customers_and_products_come_often(generated: list[Order]) -> None:
    sold = Counter(line.sku for order in generated for line in order.lines)
    assert max(sold.values()) > 20
    assert len(sold) > 500
    assert max(Counter(order.shipping_address.city for order in generated).values()) > 40
    assert db.session.scalar(select(func.count(Product.id))) == 2_000
    assert all(
        (order.customer.email or "@example.com").endswith(("@example.com", "@example.se")) for order in generated
    )


def test_what_happened_is_told_in_order_and_before_today(generated: list[Order]) -> None:
    events = list(db.session.scalars(select(Event).order_by(Event.order_id, Event.id)))
    for order in generated:
        of_order = [event for event in events if event.order_id == order.id]
        assert (of_order[0].kind, of_order[0].at) == (EventKind.ORDER_PLACED, order.placed_at)
        assert of_order[0].facts == {"total": order.total}
        assert [event.version for event in of_order] == list(range(1, order.version + 1))
        assert order.event_count == len(of_order)
        times = [event.at for event in of_order]
        assert times == sorted(times)
        assert order.updated_at == times[-1] < MORNING
        shipped = [event for event in of_order if event.kind is EventKind.SHIPMENT_SHIPPED]
        assert [(event.facts["shipment"], event.at) for event in shipped] == [
            (one.reference, one.shipped_at) for one in order.shipments if one.is_shipped
        ]
        assert order.last_seq == len(order.shipments)


def test_nobody_is_mailed_and_nothing_is_told(generated: list[Order]) -> None:
    assert db.session.scalar(select(func.count(Message.id))) == 0
    assert db.session.scalar(select(func.count(WebhookMessage.id))) == 0


def test_search_finds_them_and_the_counters_have_them(generated: list[Order]) -> None:
    order = next(order for order in reversed(generated) if order.shipments[0].tracking_codes and order.customer.email)
    words = [order.number, order.shipments[0].tracking_codes[0].code[:8], order.customer.name.upper()]
    words += [order.customer.email or "", next(order.lines).sku, order.external_reference or ""]
    for word in words:
        assert order.id in {one.id for one in listed(OrderFilter(words=word))}, word
    kept = {status: row.count for status, row in order_counts.by_status().items()}
    assert kept == Counter(order.status for order in generated)
    assert len(list(listed(OrderFilter(carrier="DHL")))) == len(
        set(db.session.scalars(select(TrackingCode.order_id).where(TrackingCode.carrier == "DHL")))
    )


def test_counters_are_added_up_already(generated: list[Order]) -> None:
    rows = db.session.scalar(text("select count(*) from order_counts")) or 0
    assert rows == len(OrderStatus)


def indexes_and_foreign_keys() -> list[tuple[str, str]]:
    tables = ["orders", "shipments", "lines", "tracking_codes", "events", "order_search"]
    queries = (bulk_writing.INDEXES, bulk_writing.FOREIGN_KEYS)
    return [tuple(row) for query in queries for row in db.session.execute(query, {"tables": tables})]


def test_many_orders_leave_indexes_and_foreign_keys_as_they_were(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    if not on_postgresql():
        pytest.skip("SQLite's indexes are not rebuilt")
    before = indexes_and_foreign_keys()
    assert any("using gin" in create.casefold() for _drop, create in before)
    assert any("REFERENCES orders(id)" in create for _drop, create in before)
    monkeypatch.setattr(bulk, "MANY_ORDERS", 50)
    monkeypatch.setattr(bulk, "BATCH_SIZE", 25)
    generate(60)
    assert indexes_and_foreign_keys() == before
    kept = [snapshot(order) for order in whole_orders()]
    check_invariants()
    monkeypatch.setattr(bulk_writing, "write_copy_text", lambda *ignored: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        generate(60)
    db.session.rollback()
    assert indexes_and_foreign_keys() == before
    assert [snapshot(order) for order in whole_orders()] == kept


def test_orders_made_by_other_processes_are_the_same(
    app: Flask, generated: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not on_postgresql():
        pytest.skip("SQLite's orders are made by the process that writes them")
    expected = [snapshot(order) for order in generated]
    monkeypatch.setattr(bulk, "MANY_ORDERS", 50)
    monkeypatch.setattr(bulk, "BATCH_SIZE", 70)
    with app.app_context():
        assert generate(600) == [70] * 8 + [40]
        assert [snapshot(order) for order in whole_orders()] == expected


def test_only_a_shop_with_fewer_orders_goes_without_its_indexes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    if not on_postgresql():
        pytest.skip("SQLite's indexes are not rebuilt")
    generate(60)
    monkeypatch.setattr(bulk, "MANY_ORDERS", 50)
    monkeypatch.setattr(bulk_writing, "without_indexes", lambda *ignored: 1 / 0)
    generate(55)
    with pytest.raises(ZeroDivisionError):
        generate(120)


@pytest.mark.parametrize("text", ["", "None", r"\N", "a\nb", "a\tb", r"a\b", "a\rb", "ö"])
def test_texts_are_copied_as_they_are(app: Flask, text: str) -> None:
    if not on_postgresql():
        pytest.skip("SQLite has no COPY")
    row = {"sku": "A", "name": text, "stock": None, "price": 100, "currency": "SEK", "vat_rate": 2500}
    row |= {"reserved": 0, "backordered": 0, "active": True, "search_text": "", "sku_key": ""}
    with unit_of_work.writing():
        bulk_writing.write_copy_text(Product, list(row), bulk_writing.copy_text([list(row.values())]))
    stored = db.session.execute(select(Product.name, Product.stock, Product.active)).one()
    assert stored == (text, None, True)


def test_they_go_on_after_those_of_before(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH_SIZE", 50)
    assert generate(130) == [50, 50, 30]
    first = [snapshot(order) for order in whole_orders()]
    generate(20)
    everything = whole_orders()
    assert [snapshot(order) for order in everything[:130]] == first
    assert [order.external_reference for order in everything] == [f"generated-{index:06d}" for index in range(150)]
    assert [order.number for order in everything] == [f"WS-{100_001 + index}" for index in range(150)]
    assert db.session.scalar(select(func.count(Product.id))) == 2_000
    check_invariants()


def test_they_pass_over_numbers_that_are_taken(app: Flask) -> None:
    make_order(("EGEN", 1), number="WS-100002")
    generate(3)
    assert [order.number for order in whole_orders()] == ["WS-100002", "WS-100001", "WS-100003", "WS-100004"]
    assert make_order(("EGEN", 1)).number == "WS-100005"


def test_they_leave_what_the_shop_has_alone(app: Flask) -> None:
    own = make_product("EGEN", stock=7)
    mine = make_order(("EGEN", 2))
    generate(40)
    after = make_order(("EGEN", 1))
    assert (own.stock, own.reserved, own.backordered) == (7, 3, 0)
    assert [line.order_id for line in db.session.scalars(select(Line).where(Line.sku == "EGEN"))] == [mine.id, after.id]
    check_invariants()


def test_operations_carry_on_from_them(app: Flask, anna: Actor) -> None:
    generate(600)
    for status, change in [
        (OrderStatus.READY, lambda order: cancellation.cancel(order, by=anna)),
        (OrderStatus.BACKORDERED, lambda order: cancellation.cancel(order, by=anna)),
        (OrderStatus.READY, lambda order: shipments.ship(order.shipments[0], by=anna)),
        (OrderStatus.PARTLY_SHIPPED, lambda order: shipments.reopen(order.shipments[0], by=anna)),
    ]:
        number = db.session.scalars(select(Order.number).where(Order.status == status).order_by(Order.id)).first()
        assert number
        with unit_of_work.editing(number, None, anna) as order:
            change(order)
    db.session.expire_all()
    check_invariants()


def test_stock_that_came_in_between_is_not_left_beside_orders_that_wait(app: Flask, anna: Actor) -> None:
    reshape_shop(stock_safety_margin=3)
    generate(300)
    waiting = db.session.scalars(select(Product.id).where(Product.backordered > 0)).all()
    with unit_of_work.writing():
        for product_id in waiting:
            backorders.set_stock(product_id, 1_000, by=anna)
    generate(300)
    assert db.session.scalar(select(func.count(Product.id)).where(Product.backordered > 0))
    assert backorders.find_next_to_cover() is None
    check_invariants(margin=3)


def test_a_product_that_is_not_counted_any_more_is_never_waited_for(app: Flask, anna: Actor) -> None:
    generate(1)
    with unit_of_work.writing():
        for product in db.session.scalars(select(Product)):
            movements.set_level(product, None, MovementReason.SET, by=anna)
            product.reserved = product.backordered = 0
    generate(300)
    lines = [line for order in whole_orders() if not order.is_cancelled for line in order.lines]
    assert all(line.reserved == line.quantity for line in lines)
    assert set(db.session.scalars(select(Product.stock))) == {None}
    check_invariants()
