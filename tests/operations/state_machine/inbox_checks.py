"""Rule 36: the inbox is what follows from the orders, and the counts that are kept are the rows that they count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import func, select

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import (
    OPEN_STATUSES,
    Figure,
    HourlyCount,
    InboxCount,
    InboxItem,
    InboxKind,
    Order,
    Shipment,
)
from webshop_orders.operations.inbox import attention

NOT_OF_ORDERS = {InboxKind.FAILED_MAIL, InboxKind.WEBHOOK_OFF, InboxKind.WITHDRAWAL, InboxKind.INCOMING_CALL}


def check_inbox(orders: Iterable[Order]) -> None:
    """Each order says what of it needs a person, and the inbox has a row for each of these, due at its time."""
    items: dict[int, set[tuple[object, ...]]] = {order.id: set() for order in orders}
    rows = select(InboxItem).where(InboxItem.order_id.in_(items), InboxItem.kind.not_in(NOT_OF_ORDERS))
    for item in db.session.scalars(rows.execution_options(populate_existing=True)):
        due_at = _text(item.due_at) if item.due_at else None
        items[item.order_id or 0].add((item.kind, item.subject, _text(item.since), due_at, str(item.facts)))
        is_shown = item.snoozed_until is None and (item.due_at is None or item.wakes_at is None)
        assert item.is_shown is is_shown
        assert (item.wakes_at is None) is item.is_shown
    for order in orders:
        assert order.attention is not None
        assert attention.of(order, shop_settings.current(), now(), order.attention) == order.attention
        needs = {(need.kind, need.subject, need.since, need.due_at, str(need.facts)) for need in order.attention}
        assert items[order.id] == needs
    check_kept_counts()


def check_kept_counts() -> None:
    """The counts of the inbox, of shipments that left and of orders that wait are right, to the hour."""
    count = func.sum(InboxCount.count)
    kept = db.session.execute(select(InboxCount.kind, count).group_by(InboxCount.kind)).all()
    shown = Counter(db.session.scalars(select(InboxItem.kind).where(InboxItem.is_shown)))
    assert {kind: int(number) for kind, number in kept if number} == shown
    hours = select(HourlyCount.figure, HourlyCount.hour, func.sum(HourlyCount.count))
    figures = db.session.execute(hours.group_by(HourlyCount.figure, HourlyCount.hour))
    by_hour = {(figure, hour): int(number) for figure, hour, number in figures if number}
    assert by_hour == _actual(Figure.SHIPPED, select(Shipment.shipped_at).where(Shipment.shipped_at.is_not(None))) | (
        _actual(Figure.WAITING, select(Order.placed_at).where(Order.status.in_(OPEN_STATUSES)))
    )


def _actual(figure: Figure, times: object) -> dict[tuple[Figure, datetime], int]:
    found = Counter(at.replace(minute=0, second=0, microsecond=0) for at in db.session.scalars(times))  # type: ignore[call-overload]
    return {(figure, hour): number for hour, number in found.items()}


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
