"""Rows that are written without the unit of work are stored as it would store them."""

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import object_session
from sqlalchemy.orm.exc import StaleDataError

from tests.factories import SHOP, make_order, make_product
from tests.web.orders.test_budgets import counting
from webshop_orders.db.extensions import db
from webshop_orders.models import Comment, CommentKind, DeliveryStatus, Event, Line, Order, Product
from webshop_orders.operations.orders import shipments
from webshop_orders.transactions.unit_of_work import editing, writing


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("CANDLE", stock=10)
    make_product("WICK", stock=10)
    return make_order(("CANDLE", 2), ("WICK", 1))


def test_a_change_of_columns_takes_one_statement_a_table(order: Order) -> None:
    with counting() as statements, editing(order.number, None, SHOP) as locked:
        shipments.ship(locked.shipments[0], by=SHOP, mails=False)

    writes = sorted(statement.partition("(")[0] for statement in statements if not statement.startswith("SELECT"))
    assert [write.split()[:3] for write in writes] == [
        ["INSERT", "INTO", "events"],
        ["INSERT", "INTO", "stock_movements"],
        ["UPDATE", "orders", "SET"],
        ["UPDATE", "products", "SET"],
        ["UPDATE", "shipments", "SET"],
    ]


def test_what_was_written_is_stored_once(order: Order) -> None:
    with writing():
        product = db.session.scalars(select(Product).where(Product.sku == "CANDLE")).one()
        product.stock = 7
        db.session.flush()

        assert product not in db.session.dirty
        with counting() as statements:
            db.session.flush()
        assert statements == []
        stored = select(Product.stock).where(Product.sku == "CANDLE")
        assert db.session.execute(stored).scalar_one() == 7


def test_a_savepoint_that_is_rolled_back_takes_the_change_back(order: Order) -> None:
    with writing():
        product = db.session.scalars(select(Product).where(Product.sku == "CANDLE")).one()
        savepoint = db.session.begin_nested()
        product.stock = 7
        db.session.flush()
        savepoint.rollback()

        assert product.stock == 10


def test_a_row_that_is_gone_is_not_changed_in_silence(order: Order) -> None:
    product = make_product("GONE", stock=None)  # no movement of its stock refers to it
    with writing():
        db.session.refresh(product)
        gone = delete(Product).where(Product.id == product.id)
        db.session.execute(gone, execution_options={"synchronize_session": False})
        product.stock = 7
        with pytest.raises(StaleDataError):
            db.session.flush()
        db.session.rollback()


def test_changes_of_relationships_are_written_beside(order: Order) -> None:
    with editing(order.number, None, SHOP) as locked:
        line = next(iter(locked.lines))
        target = locked.add_shipment()
        line.shipment.lines.remove(line)
        target.lines.append(line)
        target.status = locked.shipments[0].status = DeliveryStatus.BACKORDERED
        line.quantity = line.reserved = 1

    db.session.expire_all()
    stored = select(Line.quantity, Line.shipment_id).where(Line.id == line.id)
    assert db.session.execute(stored).one() == (1, target.id)


def test_an_event_leaves_the_session_once_it_is_written(order: Order) -> None:
    with editing(order.number, None, SHOP) as locked:
        shipments.set_status(locked.shipments[0], DeliveryStatus.BACKORDERED, by=SHOP)
        (event,) = [row for row in db.session.new if isinstance(row, Event)]
        db.session.flush()

        assert object_session(event) is None
    events = select(func.count()).where(Event.order_id == order.id, Event.version == locked.version)
    assert db.session.scalar(events) == 1


def test_added_rows_may_have_different_columns(order: Order) -> None:
    with writing():
        db.session.add(Comment(order_id=order.id, kind=CommentKind.INTERNAL, text="Ringde", author="Anna"))
        db.session.add(
            Comment(order_id=order.id, kind=CommentKind.CUSTOMER, text="Hej", author="Åsa", from_customer=True)
        )

    stored = select(Comment.text, Comment.from_customer, Comment.mailed).order_by(Comment.id)
    assert db.session.execute(stored).all() == [("Ringde", False, False), ("Hej", True, False)]
