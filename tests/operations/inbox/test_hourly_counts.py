"""Triggers count by the hour what waits and what left; compacting changes no sum and drops hours of nothing."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from threading import Event

from flask import Flask
from sqlalchemy import func, select, update

from tests.factories import make_order, make_product
from tests.operations.inbox.rows import put
from tests.operations.order_list.test_counts import place_orders_during
from tests.operations.state_machine.inbox_checks import check_kept_counts
from tests.operations.steps import changing
from tests.operations.undo.steps import make_user, steps_of, undo
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, Figure, HourlyCount, InboxCount, InboxKind, Order, Shipment
from webshop_orders.operations.inbox import counts, items
from webshop_orders.operations.orders import cancellation, shipments, splits
from webshop_orders.outbox import worker
from webshop_orders.transactions.unit_of_work import writing

PLACED = datetime(2026, 11, 20, 8, 59, 59, tzinfo=UTC)
HOUR = PLACED.replace(minute=0, second=0)
NEXT_HOUR = HOUR + timedelta(hours=1)

Hours = dict[datetime, int]


def rows(figure: Figure) -> list[tuple[datetime, int]]:
    db.session.rollback()
    kept = select(HourlyCount.hour, HourlyCount.count).where(HourlyCount.figure == figure)
    return [(hour, count) for hour, count in db.session.execute(kept.order_by(HourlyCount.hour, HourlyCount.id))]


def sums(figure: Figure) -> Hours:
    added: Counter[datetime] = Counter()
    for hour, count in rows(figure):
        added[hour] += count
    return {hour: count for hour, count in added.items() if count}


def compact() -> None:
    with writing():
        counts.compact()


def ship(order: Order, by: Actor, at: datetime) -> None:
    with changing(order, by) as locked:
        shipments.ship(locked.shipments[0], by=by)
    with writing():
        db.session.execute(update(Shipment).where(Shipment.order_id == order.id).values(shipped_at=at))


def test_an_order_waits_in_the_hour_that_it_was_placed_in(app: Flask) -> None:
    make_product("LJUS-12", stock=1)
    for placed_at in (PLACED, PLACED + timedelta(seconds=1), PLACED + timedelta(minutes=2)):
        make_order(("LJUS-12", 1), placed_at=placed_at)
    assert sums(Figure.WAITING) == {HOUR: 1, NEXT_HOUR: 2}
    assert sums(Figure.SHIPPED) == {}


def test_what_left_and_what_was_cancelled_waits_no_more(app: Flask, anna: Actor) -> None:
    sent, cancelled = (make_order(("LJUS-12", 1), placed_at=PLACED) for _ in range(2))
    ship(sent, anna, NEXT_HOUR + timedelta(minutes=59))
    with changing(cancelled, anna) as locked:
        cancellation.cancel(locked, by=anna)
    assert sums(Figure.WAITING) == {}
    assert sums(Figure.SHIPPED) == {NEXT_HOUR: 1}
    check_kept_counts()


def test_what_is_reopened_has_not_left_and_waits_in_its_hour_again(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1), placed_at=PLACED)
    ship(order, anna, NEXT_HOUR)
    with changing(order, anna) as locked:
        shipments.reopen(locked.shipments[0], by=anna)
    assert sums(Figure.WAITING) == {HOUR: 1}
    assert sums(Figure.SHIPPED) == {}
    check_kept_counts()


def test_imported_history_left_when_it_left(app: Flask) -> None:
    make_order(("LJUS-12", 1), placed_at=PLACED, shipped_at=PLACED + timedelta(days=1))
    assert sums(Figure.WAITING) == {}
    assert sums(Figure.SHIPPED) == {HOUR + timedelta(days=1): 1}


def test_a_change_that_is_rolled_back_is_not_counted(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1), placed_at=PLACED)
    try:
        with changing(order, anna) as locked:
            shipments.ship(locked.shipments[0], by=anna)
            db.session.flush()
            raise RuntimeError
    except RuntimeError:
        pass
    assert sums(Figure.WAITING) == {HOUR: 1}
    assert sums(Figure.SHIPPED) == {}


def test_compacting_leaves_one_row_for_each_hour_and_the_same_sums(app: Flask, anna: Actor) -> None:
    orders = [make_order(("LJUS-12", 1), placed_at=PLACED + timedelta(hours=index // 3)) for index in range(6)]
    for order in orders[:2]:
        ship(order, anna, NEXT_HOUR)
    before = [sums(figure) for figure in Figure]

    compact()

    assert [dict(rows(figure)) for figure in Figure] == [sums(figure) for figure in Figure] == before
    assert rows(Figure.WAITING) == [(HOUR, 1), (NEXT_HOUR, 3)]
    check_kept_counts()


def test_compacting_forgets_the_hours_in_which_nothing_waits_any_more(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1), placed_at=PLACED)
    compact()
    ship(order, anna, NEXT_HOUR)
    compact()
    assert rows(Figure.WAITING) == []
    with changing(order, anna) as locked:
        shipments.reopen(locked.shipments[0], by=anna)
    compact()
    compact()
    assert rows(Figure.WAITING) == [(HOUR, 1)]
    assert rows(Figure.SHIPPED) == []
    check_kept_counts()


def test_compacting_loses_nothing_that_happens_at_the_same_time(app: Flask) -> None:
    placed = place_orders_during(app, counts.compact)
    assert sum(sums(Figure.WAITING).values()) == placed
    check_kept_counts()


def test_the_counts_of_the_inbox_are_one_row_of_each_kind_that_is_shown(app: Flask) -> None:
    for number in range(4):
        with writing():
            put(InboxKind.WEBHOOK_OFF, str(number), since=PLACED, facts={})
            put(InboxKind.INCOMING_CALL, str(number), since=PLACED, facts={})
    for number in range(4):
        with writing():
            items.take(InboxKind.INCOMING_CALL, str(number))
    compact()
    kept = select(InboxCount.kind, InboxCount.count)
    assert [tuple(row) for row in db.session.execute(kept)] == [(InboxKind.WEBHOOK_OFF, 4)]


def test_the_worker_compacts_both(app: Flask) -> None:
    for _ in range(3):
        make_order(("LJUS-12", 1), placed_at=PLACED, comment="Ring på porten")
    worker.run(app, Event(), once=True)
    assert rows(Figure.WAITING) == [(HOUR, 3)]
    comments = select(func.count()).where(InboxCount.kind == InboxKind.CUSTOMER_COMMENT)
    assert db.session.scalar(comments) == 1
    check_kept_counts()


def test_a_shipment_that_had_left_and_is_gone_again_has_not_left(app: Flask) -> None:
    anna = make_user("Anna")
    order = make_order(("LJUS-12", 3), placed_at=PLACED)
    with changing(order, anna) as locked:
        splits.split(next(locked.lines), quantity=1, to=None, by=anna)
    with changing(order, anna) as locked:
        shipments.ship(locked.shipments[1], by=anna)
    undo(order, anna, steps_of(order, anna).steps[0].id)

    assert sums(Figure.SHIPPED) == {}
    check_kept_counts()
