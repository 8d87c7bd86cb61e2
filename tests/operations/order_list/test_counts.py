"""How many orders have each status: stored by the database with each change, and compacted by the worker."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from time import monotonic, sleep

from flask import Flask
from sqlalchemy import delete, select

from tests.factories import make_order, make_product
from tests.operations.steps import changing
from webshop_orders.db.extensions import db
from webshop_orders.errors import Busy
from webshop_orders.models import Actor, Order, OrderCount, OrderStatus
from webshop_orders.operations.order_list import counts as order_counts
from webshop_orders.operations.order_list.counts import StatusCount
from webshop_orders.operations.orders import cancellation, shipments
from webshop_orders.outbox import worker
from webshop_orders.transactions.unit_of_work import writing

MAX_ORDERS = 1_000
SECONDS_FOR_AN_ORDER = 5
# Without a pause, the thread that compacts seldom gets SQLite's lock for writing.
SECONDS_BETWEEN_ORDERS = 0.005


def actual_counts() -> dict[OrderStatus, int]:
    db.session.rollback()
    return dict(Counter(db.session.scalars(select(Order.status))))


def stored_counts() -> dict[OrderStatus, int]:
    db.session.rollback()
    return {status: row.count for status, row in order_counts.by_status().items() if row.count}


def place_orders_during(app: Flask, compact: Callable[[], None]) -> int:
    """Place 20 orders, and more until `compact` has run twice beside them; returns how many."""
    is_finished, runs = Event(), 0

    def compact_repeatedly() -> None:
        nonlocal runs
        with app.app_context():
            while not is_finished.is_set():
                with suppress(Busy), writing():  # as the worker, which retries
                    compact()
                    runs += 1

    placed = 0
    with ThreadPoolExecutor(1) as pool:
        compacting = pool.submit(compact_repeatedly)
        while placed < 20 or (runs < 2 and placed < MAX_ORDERS):
            make_order(("LJUS-12", 1))
            placed += 1
            sleep(SECONDS_BETWEEN_ORDERS)
        is_finished.set()
        compacting.result()
    assert runs >= 2
    return placed


def compact_in_two_steps() -> None:
    """A wrong way to compact: rows added between reading and deleting are lost."""
    db.session.rollback()
    sums = order_counts.by_status()
    rows = count_rows()
    deadline = monotonic() + SECONDS_FOR_AN_ORDER
    while count_rows() == rows and monotonic() < deadline:
        sleep(0.005)
    db.session.execute(delete(OrderCount))
    db.session.add_all(OrderCount(status=status, count=row.count) for status, row in sums.items())
    db.session.commit()


def count_rows() -> int:
    """The number of rows as others have committed them."""
    try:
        return order_counts.count_rows()
    finally:
        db.session.rollback()


def test_every_change_of_status_is_counted(app: Flask, anna: Actor) -> None:
    make_product("LJUS-12", stock=5)
    shipped, cancelled, _ready, _backordered = (make_order(("LJUS-12", units)) for units in (1, 1, 2, 9))
    with changing(shipped, anna) as locked_order:
        shipments.ship(locked_order.shipments[0], by=anna)
    with changing(cancelled, anna) as locked_order:
        cancellation.cancel(locked_order, by=anna)

    assert stored_counts() == actual_counts()
    assert stored_counts()[OrderStatus.BACKORDERED] == 1


def test_a_change_that_is_rolled_back_is_not_counted(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1))
    try:
        with changing(order, anna) as locked_order:
            cancellation.cancel(locked_order, by=anna)
            db.session.flush()
            raise RuntimeError
    except RuntimeError:
        pass

    assert stored_counts() == actual_counts() == {OrderStatus.READY: 1}


def test_compacting_leaves_one_row_for_each_status_and_the_same_counts(app: Flask, anna: Actor) -> None:
    for _ in range(3):
        make_order(("LJUS-12", 1))
    with changing(make_order(("LJUS-12", 1)), anna) as locked_order:
        cancellation.cancel(locked_order, by=anna)
    assert order_counts.count_rows() == 6

    with writing():
        order_counts.compact()

    assert order_counts.count_rows() == 2
    assert stored_counts() == actual_counts()


def test_compacting_loses_no_order_that_is_placed_at_the_same_time(app: Flask) -> None:
    placed = place_orders_during(app, order_counts.compact)

    assert stored_counts() == actual_counts() == {OrderStatus.READY: placed}


def test_compacting_in_two_steps_would_lose_orders_that_are_placed_at_the_same_time(app: Flask) -> None:
    placed = place_orders_during(app, compact_in_two_steps)

    assert actual_counts() == {OrderStatus.READY: placed}
    assert stored_counts() != actual_counts()


def test_the_worker_compacts_the_counts(app: Flask) -> None:
    for _ in range(3):
        make_order(("LJUS-12", 1))

    worker.run(app, Event(), once=True)

    assert order_counts.count_rows() == 1
    assert stored_counts() == actual_counts() == {OrderStatus.READY: 3}


def test_the_oldest_order_of_a_status_is_the_one_that_was_placed_first(app: Flask) -> None:
    assert order_counts.by_status() == {}
    first = make_order(("LJUS-12", 1))
    make_order(("LJUS-12", 1))

    assert order_counts.by_status() == {OrderStatus.READY: StatusCount(2, oldest_placed_at=first.placed_at)}
