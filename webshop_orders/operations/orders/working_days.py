"""The days in Sweden on which a period that the law sets does not end.

Lag (1930:173) om beräkning av lagstadgad tid, 2 §: Sundays and other public holidays, Saturdays, and the eves of
Midsummer, Christmas and New Year; the public holidays are those of lag (1989:253) om allmänna helgdagar.
"""

from datetime import date, timedelta
from functools import lru_cache

SATURDAY = 5
FIXED = ((1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31))  # by month and day, eves among them
GOOD_FRIDAY, EASTER_MONDAY, ASCENSION = (timedelta(days) for days in (-2, 1, 39))


def first_working_day(day: date) -> date:
    """The day itself, or the next working day after it."""
    while not is_working_day(day):
        day += timedelta(1)
    return day


def is_working_day(day: date) -> bool:
    return day.weekday() < SATURDAY and day not in _holidays(day.year)


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[date]:
    """Those that can be on a weekday; All Saints', Midsummer and Whitsun are on Saturdays and Sundays."""
    easter = easter_sunday(year)
    midsummer_eve = next(date(year, 6, day) for day in range(19, 26) if date(year, 6, day).weekday() == SATURDAY - 1)
    movable = {easter + GOOD_FRIDAY, easter + EASTER_MONDAY, easter + ASCENSION, midsummer_eve}
    return frozenset(movable | {date(year, month, day) for month, day in FIXED})


def easter_sunday(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by Butcher's algorithm (Meeus, Astronomical Algorithms, chapter 8)."""
    golden, (century, rest) = year % 19, divmod(year, 100)
    leaps, short = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - correction + 15) % 30
    quarters, years = divmod(rest, 4)
    weekday = (32 + 2 * short + 2 * quarters - epact - years) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)
