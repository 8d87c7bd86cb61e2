"""The days on which a period of the law ends, checked against calendars of the years."""

from datetime import date

import pytest

from webshop_orders.operations.orders.working_days import easter_sunday, first_working_day, is_working_day


@pytest.mark.parametrize(
    "sunday",
    ["2000-04-23", "2008-03-23", "2011-04-24", "2019-04-21", "2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28"],
)
def test_easter_is_when_it_was_and_will_be(sunday: str) -> None:
    day = date.fromisoformat(sunday)

    assert easter_sunday(day.year) == day


@pytest.mark.parametrize(
    "day",
    [
        "2026-01-01",  # New Year
        "2026-01-06",  # Epiphany
        "2026-04-03",  # Good Friday
        "2026-04-06",  # Easter Monday
        "2026-05-01",  # First of May
        "2026-05-14",  # Ascension
        "2025-06-06",  # National day, a Friday
        "2026-06-19",  # Midsummer Eve
        "2026-06-20",  # Midsummer
        "2026-10-31",  # All Saints
        "2026-12-24",  # Christmas Eve
        "2026-12-25",
        "2026-12-31",  # New Year's Eve
        "2026-12-05",  # a Saturday
        "2026-12-06",  # a Sunday
    ],
)
def test_a_holiday_an_eve_and_a_weekend_are_no_working_days(day: str) -> None:
    assert not is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-04-02", "2026-04-07", "2026-06-18", "2026-06-22", "2026-12-23", "2026-12-28"])
def test_the_days_around_them_are(day: str) -> None:
    assert is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "next_one"),
    [
        ("2026-12-23", "2026-12-23"),
        ("2026-12-24", "2026-12-28"),
        ("2026-12-31", "2027-01-04"),
        ("2026-04-03", "2026-04-07"),
        ("2026-06-19", "2026-06-22"),
    ],
)
def test_a_period_is_extended_to_the_next_working_day(day: str, next_one: str) -> None:
    assert first_working_day(date.fromisoformat(day)) == date.fromisoformat(next_one)
