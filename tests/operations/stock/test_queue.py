"""Rule 35: the queue of a product, and that it is read from its index however many of its lines have shipped."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Select, insert, literal, select, text

from tests.factories import make_order, make_product
from tests.operations.steps import hold, read, read_product
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, Line, Order, Priority, Shipment
from webshop_orders.operations.stock import backorders, queue
from webshop_orders.transactions.unit_of_work import writing

SHIPPED = 100_000
JUNE = datetime(2026, 6, 1, tzinfo=UTC)
LINE, SHIPMENT = Line.__table__, Shipment.__table__


def test_rule_35_who_was_put_first_comes_first_and_then_the_oldest(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    late, later, first = (make_order(("CANDLE", 1), placed_at=JUNE + timedelta(days=day)) for day in (1, 2, 3))
    oldest = make_order(("CANDLE", 1), placed_at=JUNE)
    _prioritise(first)

    assert _numbers_in_queue("CANDLE") == [order.number for order in (first, oldest, late, later)]
    orders = [read(order) for order in (oldest, first, later)]
    assert [order.number for order in queue.in_sequence(orders)] == [first.number, oldest.number, later.number]


def test_covered_lines_and_those_whose_stock_others_get_are_not_in_the_queue(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=1)
    make_order(("CANDLE", 1))
    waiting, held = make_order(("CANDLE", 1)), make_order(("CANDLE", 1))
    hold(held, anna, keeps_stock=False)

    assert _numbers_in_queue("CANDLE") == [waiting.number]
    everyone = db.session.scalars(queue.waiting_lines(Order.number).order_by(*queue.SEQUENCE))
    assert set(everyone) == {waiting.number, held.number}


def test_the_queue_is_read_from_its_index_whatever_has_shipped(app: Flask) -> None:
    make_product("CANDLE", stock=0)
    waiting = make_order(("CANDLE", 1))
    _add_covered_lines(waiting)
    product_id = read_product("CANDLE").id

    of_product = queue.lines(Line.id).where(Line.product_id == product_id).order_by(*queue.SEQUENCE)
    for statistics in ("none", "those of now"):
        if statistics != "none":
            with writing():
                db.session.execute(text("analyze"))
        for statement in (of_product, backorders.next_to_cover()):
            plan = _explain(statement)
            assert "ix_lines_waiting" in plan, statistics
            assert "ix_lines_product_id" not in plan, statistics
            assert "Seq Scan on lines" not in plan, statistics


def _prioritise(order: Order) -> None:
    with writing():
        current = db.session.get_one(Order, order.id)
        current.priority, current.is_prioritised = Priority("Anna Lind", JUNE.isoformat(), "Ringde"), True


def _numbers_in_queue(sku: str) -> list[str]:
    product_id = read_product(sku).id
    of_product = queue.lines(Order.number).where(Line.product_id == product_id)
    return list(db.session.scalars(of_product.order_by(*queue.SEQUENCE)))


def _add_covered_lines(order: Order) -> None:
    """Lines of the product of an order that wait for nothing, each in a shipment of its own."""
    line = next(read(order).lines)
    seqs = select(literal(2).label("seq")).cte(recursive=True)
    seqs = seqs.union_all(select(seqs.c.seq + 1).where(seqs.c.seq <= SHIPPED))
    shipments = {"order_id": order.id, "status": "ready", "gives_stock": False, "former_codes": []}
    lines = {
        "order_id": order.id,
        "placed_at": line.placed_at,
        "product_id": line.product_id,
        "sku": line.sku,
        "name": line.name,
        "quantity": 1,
        "unit_price": 0,
        "vat_rate": 0,
        "discount": 0,
        "reserved": 1,
        "waiting": 0,
        "properties": [],
    }
    with writing():
        _insert_each(SHIPMENT, shipments, "seq", select(seqs.c.seq))
        _insert_each(LINE, lines, "shipment_id", select(SHIPMENT.c.id).where(SHIPMENT.c.seq > 1))


def _insert_each(table: Any, values: dict[str, Any], name: str, of: Select[Any]) -> None:
    """Rows that differ in one column alone, in one statement: one for each would take minutes."""
    same = [literal(value, table.c[column].type) for column, value in values.items()]
    db.session.execute(insert(table).from_select([name, *values], of.add_columns(*same)))


def _explain(statement: Select[Any]) -> str:
    compiled = str(statement.compile(db.engine, compile_kwargs={"literal_binds": True})).replace("%%", "%")
    how = "explain query plan" if db.engine.dialect.name == "sqlite" else "explain"
    return "\n".join(str(row) for row in db.session.connection().exec_driver_sql(f"{how} {compiled}"))
