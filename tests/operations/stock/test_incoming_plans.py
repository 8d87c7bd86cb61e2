"""Lists of incoming deliveries, and expected days, are read along indexes however many rows there are."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from flask import Flask
from sqlalchemy import insert, select, text

from tests.factories import make_order, make_product
from tests.operations.steps import read_product
from tests.statements import executed
from webshop_orders import expected_days, shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, IncomingDelivery, Line, Product, Shipment
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.operations.stock import incoming
from webshop_orders.operations.stock.incoming import State
from webshop_orders.transactions.unit_of_work import writing

MANY = 20_000
LINE, SHIPMENT = Line.__table__, Shipment.__table__
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def test_each_page_of_deliveries_is_read_from_its_index(app: Flask, anna: Actor) -> None:
    _deliver_much()
    product = read_product("CANDLE")

    first = incoming.page(State.OPEN)
    closed = incoming.page(State.CLOSED)

    for read in (lambda: incoming.page(State.OPEN), lambda: incoming.page(State.OPEN, first.after)):
        assert "ix_incoming_deliveries_expected_on_id" in _plans(read)[0]
    undated = _plans(lambda: incoming.page(State.OPEN, "~0"))[0]
    assert "ix_incoming_deliveries_expected_on_id" in undated
    for read in (lambda: incoming.page(State.CLOSED), lambda: incoming.page(State.CLOSED, closed.after)):
        assert "ix_incoming_deliveries_closed_at_id" in _plans(read)[0]
    assert "ix_incoming_deliveries_expected" in _plans(lambda: incoming.of_product(product))[0]


def test_what_should_have_come_is_counted_from_an_index_of_what_is_open(app: Flask, anna: Actor) -> None:
    _deliver_much()
    some_day = date(2020, 1, 2)  # of a year, so that little is due
    (plan,) = _plans(lambda: incoming.due(some_day))
    assert "ix_incoming_deliveries_expected" in plan
    assert "SCAN" not in plan
    assert "Seq Scan" not in plan
    is_open = select(IncomingDelivery.expected_on).where(IncomingDelivery.closed_at.is_(None))
    days = db.session.scalars(is_open).all()
    assert incoming.due(some_day) == (days.count("2020-01-02"), days.count("2020-01-01"))
    assert incoming.due(some_day).late


def test_expected_days_are_read_from_the_lines_that_wait_and_the_deliveries_that_are_open(
    app: Flask, anna: Actor
) -> None:
    _deliver_much()
    waiting = make_order(("CANDLE", 1))
    _sell_much(waiting.id)
    with writing():
        db.session.execute(text("analyze"))
        incoming.expect("CANDLE", 5, shop_settings.today(), by=anna)
    order = get_order(waiting.number)

    (plan,) = _plans(lambda: expected_days.of_order(order))

    assert "ix_lines_waiting" in plan
    assert "ix_incoming_deliveries_expected" in plan
    assert "Seq Scan on lines" not in plan
    assert expected_days.of_order(order) == shop_settings.today()


def _deliver_much() -> None:
    """Open and closed deliveries of another product, and a few of this one."""
    make_product("CANDLE", stock=0)
    make_product("WICK", stock=0)
    ids = dict(db.session.execute(select(Product.sku, Product.id)).all())  # type: ignore[arg-type]
    rows = [
        {
            "product_id": ids["WICK"] if number % 100 else ids["CANDLE"],
            "quantity": 1,
            "received": number % 2,
            "expected_on": f"2020-{1 + number % 12:02}-{1 + number % 28:02}" if number % 5 else None,
            "version": 1,
            "made_at": BEGAN,
            "made_by": "Bo",
            "closed_at": BEGAN + timedelta(seconds=number) if number % 2 else None,
        }
        for number in range(MANY)
    ]
    with writing():
        db.session.execute(insert(IncomingDelivery.__table__), rows)
        db.session.execute(text("analyze"))


def _sell_much(order_id: int) -> None:
    """Lines of the product that wait for nothing, each in a shipment of its own."""
    line = db.session.execute(select(LINE).where(LINE.c.order_id == order_id)).mappings().one()
    values = {name: value for name, value in line.items() if name not in {"id", "sentinel", "shipment_id"}}
    shipments = [
        {"order_id": order_id, "seq": seq, "status": "ready", "gives_stock": False, "former_codes": []}
        for seq in range(2, MANY + 2)
    ]
    with writing():
        db.session.execute(insert(SHIPMENT), shipments)
        ids = db.session.scalars(select(SHIPMENT.c.id).where(SHIPMENT.c.seq > 1)).all()
        rows = [{**values, "reserved": 1, "waiting": 0, "shipment_id": shipment_id} for shipment_id in ids]
        db.session.execute(insert(LINE), rows)


def _plans(read: Callable[[], object]) -> list[str]:
    """The plans of the statements that are executed on these tables."""
    with executed() as statements:
        read()
    how = "explain query plan" if db.engine.dialect.name == "sqlite" else "explain"
    connection = db.session.connection()
    return [
        "\n".join(str(row) for row in connection.exec_driver_sql(f"{how} {statement}", parameters))
        for statement, parameters in statements
        if "incoming_deliveries" in statement
    ]
