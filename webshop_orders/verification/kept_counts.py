"""Checks of the counts that triggers keep (rule 36), against what they count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, func, select

from webshop_orders.db.extensions import db
from webshop_orders.models import OPEN_STATUSES, Figure, HourlyCount, InboxCount, InboxItem, Order, OrderCount, Shipment
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.verification import mends, sentences
from webshop_orders.verification.check import Check, Progress, Violation

# Columns of the tables and not of the models, so that rows are read without the ORM.
ORDERS, SHIPMENTS, ITEMS = Order.__table__.c, Shipment.__table__.c, InboxItem.__table__.c
STATUSES, KINDS, HOURS = OrderCount.__table__.c, InboxCount.__table__.c, HourlyCount.__table__.c


def _of_orders(_progress: Progress) -> Iterator[Violation]:
    kept = select(STATUSES.status, func.sum(STATUSES.count)).group_by(STATUSES.status)
    yield from _compare(
        _sums(kept), _sums(select(ORDERS.status, func.count()).group_by(ORDERS.status)), "order_counts", ("status",)
    )


def _of_inbox(_progress: Progress) -> Iterator[Violation]:
    kept = select(KINDS.kind, func.sum(KINDS.count)).group_by(KINDS.kind)
    shown = select(ITEMS.kind, func.count()).where(ITEMS.is_shown).group_by(ITEMS.kind)
    yield from _compare(_sums(kept), _sums(shown), "inbox_counts", ("kind",), rule=36)


def _of_hours(_progress: Progress) -> Iterator[Violation]:
    kept = select(HOURS.figure, HOURS.hour, func.sum(HOURS.count)).group_by(HOURS.figure, HOURS.hour)
    actual = Counter(
        {
            (figure, _stored(at)): int(number)
            for figure, column, condition in (
                (Figure.SHIPPED, SHIPMENTS.shipped_at, SHIPMENTS.shipped_at.is_not(None)),
                (Figure.WAITING, ORDERS.placed_at, ORDERS.status.in_(OPEN_STATUSES)),
            )
            for at, number in db.session.execute(_by_hour(column, condition))
        }
    )
    found = Counter({(figure, _stored(at)): int(number) for figure, at, number in db.session.execute(kept)})
    yield from _compare(found, actual, "hourly_counts", ("figure", "hour"), rule=36)


def _by_hour(column: Any, condition: Any) -> Select[Any]:
    """How many there are by the hour of a time, in UTC."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    hour = func.strftime("%Y-%m-%d %H:00:00.000000", column) if is_sqlite else func.date_trunc("hour", column, "UTC")
    return select(hour, func.count()).where(condition).group_by(hour)


def _stored(hour: Any) -> str:
    return hour if isinstance(hour, str) else hour.strftime("%Y-%m-%d %H:%M:%S.%f")


def _sums(statement: Select[Any]) -> Counter[Any]:
    return Counter({(key,): int(number) for key, number in db.session.execute(statement)})


def _compare(
    kept: Counter[Any], actual: Counter[Any], table: str, keys: tuple[str, ...], *, rule: int | None = None
) -> Iterator[Violation]:
    """Each key of which another number is kept than there is; a row with the difference mends it."""
    for key in sorted({*kept, *actual}):
        missing = actual[key] - kept[key]
        if missing:
            values = ", ".join([*(mends.quoted(str(part)) for part in key), str(missing)])
            yield Violation(
                sentences.differs(table, " ".join(str(part) for part in key), kept[key], actual[key]),
                mends.statement(f"insert into {table} ({', '.join(keys)}, count) values ({values})"),  # noqa: S608 # nosec B608
                rule=rule,
            )


CHECKS = (
    Check(_l("counts of orders by status"), _of_orders),
    Check(_l("counts of the inbox"), _of_inbox, 36),
    Check(_l("counts by hour: what left, and what waits"), _of_hours, 36),
)
