"""The last day to withdraw from a purchase, and what it is counted from."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from webshop_orders.operations.orders import withdrawal_period
from webshop_orders.operations.orders.withdrawal_period import CountedFrom, WithdrawalPeriod

ZONE = "Europe/Stockholm"
MONDAY = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
WEDNESDAY = datetime(2026, 12, 2, 10, 0, tzinfo=UTC)


def shipment(seq: int = 1, *, shipped: datetime | None = MONDAY, delivered: datetime | None = None) -> SimpleNamespace:
    return SimpleNamespace(seq=seq, is_shipped=shipped is not None, shipped_at=shipped, delivered_at=delivered)


def period(
    *shipments: SimpleNamespace, cancelled: bool = False, replacement: int | None = None, days: int = 14
) -> WithdrawalPeriod | None:
    returns = [SimpleNamespace(replacement=replacement)]
    order = SimpleNamespace(shipments=shipments, is_cancelled=cancelled, returns=returns)
    return withdrawal_period.of_order(order, days, ZONE)  # type: ignore[arg-type]


def test_it_has_not_begun_before_the_last_parcel_left() -> None:
    assert period(shipment(1, delivered=MONDAY), shipment(2, shipped=None)) is None


def test_there_is_none_of_a_cancelled_order() -> None:
    assert period(shipment(), cancelled=True) is None


def test_it_is_counted_from_the_delivery_of_the_last_parcel() -> None:
    found = period(shipment(1, delivered=WEDNESDAY), shipment(2, delivered=MONDAY))

    assert found == WithdrawalPeriod(date(2026, 12, 16), date(2026, 12, 2), CountedFrom.DELIVERY)


def test_it_is_counted_from_dispatch_where_nobody_said_that_the_last_parcel_was_delivered() -> None:
    found = period(shipment(1, delivered=MONDAY), shipment(2, shipped=WEDNESDAY))

    assert found == WithdrawalPeriod(date(2026, 12, 16), date(2026, 12, 2), CountedFrom.DISPATCH)


def test_a_parcel_that_was_delivered_after_one_of_unknown_delivery_left_decides() -> None:
    found = period(shipment(1, shipped=MONDAY), shipment(2, delivered=WEDNESDAY))

    assert found is not None
    assert (found.begins_on, found.counted_from) == (date(2026, 12, 2), CountedFrom.DELIVERY)


def test_the_day_is_that_of_the_shops_time_zone() -> None:
    found = period(shipment(delivered=datetime(2026, 12, 1, 23, 30, tzinfo=UTC)))

    assert found is not None
    assert found.begins_on == date(2026, 12, 2)


@pytest.mark.parametrize(
    ("delivered", "last_day"),
    [
        ("2026-12-04", "2026-12-18"),  # a Friday
        ("2026-12-05", "2026-12-21"),  # would be a Saturday
        ("2026-12-10", "2026-12-28"),  # would be Christmas Eve
        ("2026-12-17", "2027-01-04"),  # would be New Year's Eve
    ],
)
def test_a_last_day_that_is_no_working_day_is_extended(delivered: str, last_day: str) -> None:
    found = period(shipment(delivered=datetime.fromisoformat(f"{delivered}T10:00:00+00:00")))

    assert found is not None
    assert found.last_day == date.fromisoformat(last_day)


def test_a_shop_can_give_more_days() -> None:
    found = period(shipment(), days=30)

    assert found is not None
    assert found.last_day == date(2026, 12, 30)


def test_goods_sent_in_exchange_do_not_begin_it_anew() -> None:
    found = period(shipment(1, delivered=MONDAY), shipment(2, shipped=None), replacement=2)

    assert found is not None
    assert found.begins_on == date(2026, 11, 30)


def test_a_statement_is_in_time_until_the_last_day_ends_where_the_shop_is() -> None:
    found = WithdrawalPeriod(date(2026, 12, 16), date(2026, 12, 2), CountedFrom.DELIVERY)

    assert found.includes(datetime(2026, 12, 16, 22, 59, tzinfo=UTC), ZONE)
    assert not found.includes(datetime(2026, 12, 16, 23, 1, tzinfo=UTC), ZONE)
