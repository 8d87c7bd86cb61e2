"""How many orders have which status: kept by the database with each change, and added up by the worker."""

from collections import Counter
from threading import Thread

from flask import Flask
from sqlalchemy import func, select

from tests.factories import make_order, make_product
from tests.operations.desk import changing
from webshop_orders.extensions import db
from webshop_orders.models import Actor, Order, OrderCount, OrderStatus
from webshop_orders.operations import order_counts, orders, shipments
from webshop_orders.operations.order_counts import Standing
from webshop_orders.unit_of_work import writing


def counted() -> dict[OrderStatus, int]:
    db.session.rollback()
    return dict(Counter(db.session.scalars(select(Order.status))))


def kept() -> dict[OrderStatus, int]:
    db.session.rollback()
    return {status: standing.count for status, standing in order_counts.by_status().items() if standing.count}


def rows() -> int:
    return db.session.scalar(select(func.count()).select_from(OrderCount)) or 0


def test_every_change_of_status_is_kept(app: Flask, anna: Actor) -> None:
    make_product("LJUS-12", stock=5)
    shipped, cancelled, _ready, _backordered = (make_order(("LJUS-12", units)) for units in (1, 1, 2, 9))
    with changing(shipped, anna) as present:
        shipments.ship(present.shipments[0], by=anna)
    with changing(cancelled, anna) as present:
        orders.cancel(present, by=anna)

    assert kept() == counted()
    assert kept()[OrderStatus.BACKORDERED] == 1


def test_a_change_that_is_given_up_is_not_kept(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1))
    try:
        with changing(order, anna) as present:
            orders.cancel(present, by=anna)
            db.session.flush()
            raise RuntimeError
    except RuntimeError:
        pass

    assert kept() == counted() == {OrderStatus.READY: 1}


def test_adding_up_leaves_a_row_for_each_status_and_the_same_counts(app: Flask, anna: Actor) -> None:
    for _ in range(3):
        make_order(("LJUS-12", 1))
    with changing(make_order(("LJUS-12", 1)), anna) as present:
        orders.cancel(present, by=anna)
    assert rows() == 6

    with writing():
        order_counts.add_up()

    assert rows() == 2
    assert kept() == counted()


def test_adding_up_loses_nothing_that_comes_in_meanwhile(app: Flask) -> None:
    def add_up() -> None:
        with app.app_context():
            for _ in range(20):
                with writing():
                    order_counts.add_up()

    adding = Thread(target=add_up)
    adding.start()
    for _ in range(20):
        make_order(("LJUS-12", 1))
    adding.join()

    assert kept() == counted() == {OrderStatus.READY: 20}


def test_the_oldest_of_a_status_is_the_one_that_was_placed_first(app: Flask) -> None:
    assert order_counts.by_status() == {}
    first = make_order(("LJUS-12", 1))
    make_order(("LJUS-12", 1))

    assert order_counts.by_status() == {OrderStatus.READY: Standing(2, since=first.placed_at)}
