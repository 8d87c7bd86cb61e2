"""How many orders have which status: kept by the database with each change, and added up by the worker."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep

from flask import Flask
from sqlalchemy import delete, func, select

from tests.factories import make_order, make_product
from tests.operations.steps import changing
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, Order, OrderCount, OrderStatus
from webshop_orders.operations.order_list import counts as order_counts
from webshop_orders.operations.order_list.counts import Standing
from webshop_orders.operations.orders import cancellation, shipments
from webshop_orders.outbox import worker
from webshop_orders.transactions.unit_of_work import writing


def counted() -> dict[OrderStatus, int]:
    db.session.rollback()
    return dict(Counter(db.session.scalars(select(Order.status))))


def kept() -> dict[OrderStatus, int]:
    db.session.rollback()
    return {status: standing.count for status, standing in order_counts.by_status().items() if standing.count}


def rows() -> int:
    return db.session.scalar(select(func.count()).select_from(OrderCount)) or 0


def place_orders_while(app: Flask, add_up: Callable[[], None]) -> None:
    """Place 20 orders while the counts are added up again and again, at least once after the first of them."""
    is_over = Event()

    def keep_adding() -> None:
        with app.app_context():
            while not is_over.is_set():
                with writing():
                    add_up()

    with ThreadPoolExecutor(1) as pool:
        adding = pool.submit(keep_adding)
        for _ in range(20):
            make_order(("LJUS-12", 1))
        is_over.set()
        adding.result()


def add_up_in_two_looks() -> None:
    """As it must not be: what comes in between the two looks is taken away, and was not counted."""
    db.session.rollback()
    sums = order_counts.by_status()
    db.session.rollback()
    sleep(0.1)
    db.session.execute(delete(OrderCount))
    db.session.add_all(OrderCount(status=status, count=standing.count) for status, standing in sums.items())
    db.session.commit()


def test_every_change_of_status_is_kept(app: Flask, anna: Actor) -> None:
    make_product("LJUS-12", stock=5)
    shipped, cancelled, _ready, _backordered = (make_order(("LJUS-12", units)) for units in (1, 1, 2, 9))
    with changing(shipped, anna) as present:
        shipments.ship(present.shipments[0], by=anna)
    with changing(cancelled, anna) as present:
        cancellation.cancel(present, by=anna)

    assert kept() == counted()
    assert kept()[OrderStatus.BACKORDERED] == 1


def test_a_change_that_is_given_up_is_not_kept(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1))
    try:
        with changing(order, anna) as present:
            cancellation.cancel(present, by=anna)
            db.session.flush()
            raise RuntimeError
    except RuntimeError:
        pass

    assert kept() == counted() == {OrderStatus.READY: 1}


def test_adding_up_leaves_a_row_for_each_status_and_the_same_counts(app: Flask, anna: Actor) -> None:
    for _ in range(3):
        make_order(("LJUS-12", 1))
    with changing(make_order(("LJUS-12", 1)), anna) as present:
        cancellation.cancel(present, by=anna)
    assert rows() == 6

    with writing():
        order_counts.add_up()

    assert rows() == 2
    assert kept() == counted()


def test_adding_up_loses_nothing_that_comes_in_meanwhile(app: Flask) -> None:
    place_orders_while(app, order_counts.add_up)

    assert kept() == counted() == {OrderStatus.READY: 20}


def test_adding_up_what_was_counted_before_would_lose_what_comes_in_meanwhile(app: Flask) -> None:
    place_orders_while(app, add_up_in_two_looks)

    assert counted() == {OrderStatus.READY: 20}
    assert kept() != counted()


def test_the_worker_adds_them_up(app: Flask) -> None:
    for _ in range(3):
        make_order(("LJUS-12", 1))

    worker.run(app, Event(), once=True)

    assert rows() == 1
    assert kept() == counted() == {OrderStatus.READY: 3}


def test_the_oldest_of_a_status_is_the_one_that_was_placed_first(app: Flask) -> None:
    assert order_counts.by_status() == {}
    first = make_order(("LJUS-12", 1))
    make_order(("LJUS-12", 1))

    assert order_counts.by_status() == {OrderStatus.READY: Standing(2, since=first.placed_at)}
