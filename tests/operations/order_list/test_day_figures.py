"""The figures of the day are kept, and are what counting the orders and shipments gives."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories import make_order, make_product
from tests.web.orders.test_budgets import counting
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, Figure, HoldReason, HourlyCount, Order, Shipment
from webshop_orders.models.order import OPEN_STATUSES
from webshop_orders.operations.order_list import day_figures
from webshop_orders.operations.order_list.day_figures import DAYS_SHIPPED, NowWaiting, WaitingOrders
from webshop_orders.operations.orders import cancellation, holds, shipments, splits
from webshop_orders.transactions.unit_of_work import editing, writing

TODAY = date(2026, 3, 31)
STOCKHOLM = "Europe/Stockholm"


def count(figure: Figure, *hours: str) -> None:
    """Count one at each of these times, in UTC."""
    with writing():
        db.session.add_all(
            HourlyCount(figure=figure, hour=datetime.fromisoformat(hour).replace(tzinfo=UTC), count=1) for hour in hours
        )


def ages(time_zone: str = STOCKHOLM) -> list[int]:
    return [entry.orders for entry in day_figures.waiting_by_age(TODAY, time_zone)]


def shipped(time_zone: str = STOCKHOLM) -> dict[date, int]:
    return {entry.day: entry.shipments for entry in day_figures.shipped_by_day(TODAY, time_zone)}


def test_days_without_shipping_are_0_and_there_are_four_weeks_of_them(app: Flask) -> None:
    days = shipped()
    assert list(days) == [TODAY - timedelta(days=number) for number in reversed(range(DAYS_SHIPPED))]
    assert set(days.values()) == {0}


def test_without_orders_none_waits(app: Flask) -> None:
    assert day_figures.waiting_by_age(TODAY, STOCKHOLM) == [
        WaitingOrders(date(2026, 3, 31), date(2026, 3, 31), 0),
        WaitingOrders(date(2026, 3, 30), date(2026, 3, 30), 0),
        WaitingOrders(date(2026, 3, 28), date(2026, 3, 29), 0),
        WaitingOrders(date(2026, 3, 24), date(2026, 3, 27), 0),
        WaitingOrders(None, date(2026, 3, 23), 0),
    ]


@pytest.mark.parametrize(
    ("hour", "index"),
    [
        ("2026-04-02T10:00", 0),  # the shop's clock can be ahead of ours
        ("2026-03-30T22:00", 0),
        ("2026-03-30T21:00", 1),
        ("2026-03-29T22:00", 1),
        ("2026-03-29T21:00", 2),
        ("2026-03-27T23:00", 2),  # before the summer time that began on the 29th
        ("2026-03-27T22:00", 3),
        ("2026-03-23T23:00", 3),
        ("2026-03-23T22:00", 4),
        ("2019-01-01T00:00", 4),
    ],
)
def test_an_order_has_the_age_of_its_day_in_the_time_zone_of_the_shop(app: Flask, hour: str, index: int) -> None:
    count(Figure.WAITING, hour)
    assert [place for place, number in enumerate(ages()) if number] == [index]


def test_a_day_of_23_hours_and_one_of_25_have_their_shipments(app: Flask) -> None:
    count(Figure.SHIPPED, "2026-03-28T22:00", "2026-03-28T23:00", "2026-03-29T21:00", "2026-03-29T22:00")
    days = shipped()
    assert [days[date(2026, 3, day)] for day in (28, 29, 30)] == [1, 2, 1]
    count(Figure.SHIPPED, "2025-10-25T21:00", "2025-10-25T22:00", "2025-10-26T22:00", "2025-10-26T23:00")
    autumn = {entry.day: entry.shipments for entry in day_figures.shipped_by_day(date(2025, 10, 28), STOCKHOLM)}
    assert [autumn[date(2025, 10, day)] for day in (25, 26, 27)] == [1, 2, 1]


def test_a_shipment_counts_on_another_day_in_another_time_zone(app: Flask) -> None:
    count(Figure.SHIPPED, "2026-03-30T03:00")
    assert shipped()[date(2026, 3, 30)] == 1
    assert shipped("America/New_York")[date(2026, 3, 29)] == 1


def test_what_left_before_the_four_weeks_and_what_was_taken_back_do_not_count(app: Flask) -> None:
    first_day = TODAY - timedelta(days=DAYS_SHIPPED - 1)
    count(Figure.SHIPPED, f"{first_day - timedelta(days=1)}T22:00", f"{first_day}T00:00")
    with writing():
        db.session.add(HourlyCount(figure=Figure.SHIPPED, hour=datetime(2026, 3, 4, tzinfo=UTC), count=-1))
    assert not any(shipped().values())


def test_the_kept_figures_are_those_of_the_orders_and_shipments(app: Flask, anna: Actor) -> None:
    make_product("LJUS-12", stock=40)
    start = datetime(2026, 3, 20, 21, 30, tzinfo=UTC)
    numbers = [make_order(("LJUS-12", 2), placed_at=start + timedelta(hours=7 * index)).number for index in range(30)]
    for index, number in enumerate(numbers):
        if index % 3 == 2:
            continue
        with editing(number, None, anna) as order:
            if index % 3:
                cancellation.cancel(order, by=anna)
            elif order.shipments[0].backordered == 0:
                shipments.ship(order.shipments[0], by=anna)
    with writing():
        for index, shipment in enumerate(db.session.scalars(select(Shipment).where(Shipment.shipped_at.is_not(None)))):
            moved = start + timedelta(hours=5 * index)
            db.session.execute(update(Shipment).where(Shipment.id == shipment.id).values(shipped_at=moved))
    with editing(numbers[0], None, anna) as order:
        shipments.reopen(order.shipments[0], by=anna)
    zone = ZoneInfo(STOCKHOLM)
    left = Counter(
        at.astimezone(zone).date()
        for at in db.session.scalars(select(Shipment.shipped_at).where(Shipment.shipped_at.is_not(None)))
        if at is not None
    )
    assert sum(left.values()) > 3
    assert {day: number for day, number in shipped().items() if number} == left
    placed = db.session.scalars(select(Order.placed_at).where(Order.status.in_(OPEN_STATUSES))).all()
    for entry in day_figures.waiting_by_age(TODAY, STOCKHOLM):
        days = [at.astimezone(zone).date() for at in placed]
        expected = [day for day in days if (entry.first_day or date.min) <= day <= entry.last_day]
        assert entry.orders == len(expected)


def test_what_waits_now_is_every_order_that_the_ages_count_once(app: Flask, anna: Actor) -> None:
    make_product("LJUS-12", stock=9)
    numbers = [make_order(("LJUS-12", quantity)).number for quantity in (2, 3, 4, 1)]
    with editing(numbers[1], None, anna) as order:
        line = order.shipments[0].lines[0]
        splits.split(line, 1, to=None, by=anna)
        shipments.ship(order.shipments[0], by=anna)
    with editing(numbers[2], None, anna) as order:
        holds.hold(order, HoldReason.CUSTOMER_ASKED, by=anna)

    now = day_figures.now_waiting()

    assert now == NowWaiting(ready=1, backordered=1, partly_shipped=1, held=1)
    assert sum(now) == sum(entry.orders for entry in day_figures.waiting_by_age(date.max, STOCKHOLM))


def test_all_figures_of_the_day_are_four_statements(app: Flask) -> None:
    with counting() as statements:
        day_figures.now_waiting()
        day_figures.waiting_by_age(TODAY, STOCKHOLM)
        day_figures.shipped_by_day(TODAY, STOCKHOLM)
    assert len(statements) == 4
