"""The figures of a day: how many orders wait, by their age, and how many shipments left on each day.

Triggers count by the hour, in UTC, and a day is made of the hours that began in it in the shop's time zone. In a time
zone that is not whole hours from UTC, the half hour at midnight belongs to the day before.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, bindparam, case, func, select

from webshop_orders.db.extensions import db
from webshop_orders.models import Figure, HourlyCount, OrderStatus
from webshop_orders.operations.order_list.counts import HELD_COUNTS, STATUS_COUNTS

COUNTS = HourlyCount.__table__.c
DAYS_SHIPPED = 28
# The youngest and the oldest age in days of the orders that are counted together.
AGES: tuple[tuple[int, int | None], ...] = ((0, 0), (1, 1), (2, 3), (4, 7), (8, None))


class WaitingOrders(NamedTuple):
    """How many orders wait that were placed from `first_day` on, however early where that is None, to `last_day`."""

    first_day: date | None
    last_day: date
    orders: int


class ShippedOnDay(NamedTuple):
    day: date
    shipments: int


class NowWaiting(NamedTuple):
    """How many orders can leave, wait for stock, have left in part, and are paused, which the others leave out."""

    ready: int
    backordered: int
    partly_shipped: int
    held: int


def _waiting_of(index: int, oldest: int | None) -> Any:
    from_hour = bindparam(f"from_{index}", type_=COUNTS.hour.type)
    before_hour = bindparam(f"before_{index}", type_=COUNTS.hour.type)
    placed = COUNTS.hour < before_hour
    if oldest is not None:
        placed = and_(COUNTS.hour >= from_hour, placed)
    return func.coalesce(func.sum(case((placed, COUNTS.count), else_=0)), 0)


WAITING: Select[Any] = select(*(_waiting_of(index, oldest) for index, (_, oldest) in enumerate(AGES))).where(
    COUNTS.figure == Figure.WAITING
)
SHIPPED: Select[Any] = (
    select(COUNTS.hour, func.sum(COUNTS.count))
    .where(COUNTS.figure == Figure.SHIPPED, COUNTS.hour >= bindparam("since", type_=COUNTS.hour.type))
    .group_by(COUNTS.hour)
)


def waiting_by_age(today: date, time_zone: str) -> list[WaitingOrders]:
    """How many orders wait, the youngest first; those of the future count as placed today."""
    spans, hours = [], {}
    for index, (youngest, oldest) in enumerate(AGES):
        first_day = today - timedelta(days=oldest) if oldest is not None else None
        last_day = today - timedelta(days=youngest)
        spans.append((first_day, last_day))
        if first_day is not None:
            hours[f"from_{index}"] = _midnight(first_day, time_zone)
        is_open = youngest == 0
        hours[f"before_{index}"] = datetime.max.replace(tzinfo=UTC) if is_open else _end_of(last_day, time_zone)
    numbers = db.session.execute(WAITING, hours).one()
    return [WaitingOrders(*span, int(number)) for span, number in zip(spans, numbers, strict=True)]


def shipped_by_day(today: date, time_zone: str) -> list[ShippedOnDay]:
    """How many shipments left on each of the last `DAYS_SHIPPED` days, today among them, the earliest first."""
    first_day = today - timedelta(days=DAYS_SHIPPED - 1)
    zone, shipped = ZoneInfo(time_zone), Counter[date]()
    for hour, number in db.session.execute(SHIPPED, {"since": _midnight(first_day, time_zone)}):
        shipped[hour.astimezone(zone).date()] += int(number)
    days = (first_day + timedelta(days=number) for number in range(DAYS_SHIPPED))
    return [ShippedOnDay(day, shipped[day]) for day in days]


def now_waiting() -> NowWaiting:
    """What waits now, in two statements."""
    counts = {status: int(number) for status, number, _oldest in db.session.execute(STATUS_COUNTS)}
    held = {status: int(number) for status, number in db.session.execute(HELD_COUNTS)}
    free = {status: number - held.get(status, 0) for status, number in counts.items()}
    return NowWaiting(
        ready=free.get(OrderStatus.READY, 0),
        backordered=free.get(OrderStatus.BACKORDERED, 0),
        partly_shipped=free.get(OrderStatus.PARTLY_SHIPPED, 0),
        held=sum(held.values()),
    )


def _midnight(day: date, time_zone: str) -> datetime:
    """When a day begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def _end_of(day: date, time_zone: str) -> datetime:
    return _midnight(day + timedelta(days=1), time_zone)
