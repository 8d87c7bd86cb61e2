"""Template filters for amounts, numbers and times, in the language of the response."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import g

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.text import formatting, languages, phones


def money(minor_units: int, currency: str) -> str:
    return formatting.money(minor_units, currency, languages.current())


def amount(minor_units: int, currency: str) -> str:
    return formatting.amount(minor_units, currency, languages.current())


def typed_amount(minor_units: int, currency: str) -> str:
    return formatting.typed_amount(minor_units, currency, languages.current())


def percent(basis_points: int) -> str:
    return formatting.percent(basis_points, languages.current())


def country(code: str) -> str:
    return formatting.country(code, languages.current())


def language_name(code: str) -> str:
    return formatting.language_name(code, languages.current())


def date_time(at: datetime) -> str:
    """Date and time, such as 23 nov. 2026 14:05, in the shop's time zone."""
    return formatting.date_time(at, shop_settings.current().time_zone, languages.current())


def relative_time(at: datetime) -> str:
    """The time of today or yesterday, such as i dag 11:32, else date and time."""
    return _relative_time(at, *_today(), languages.current())


def day(day: date) -> str:
    """A day, such as 3 dec., or 3 jan. 2027 in another year."""
    return formatting.day(day, languages.current(), with_year=day.year != _today()[1].year)


def clock_time(at: datetime) -> str:
    """The time of day to the second in the shop's time zone, such as 14:32:40."""
    return f"{at.astimezone(ZoneInfo(_today()[0])):%H:%M:%S}"


def local_day(at: datetime) -> date:
    """The day of a time in the shop's time zone."""
    return at.astimezone(ZoneInfo(_today()[0])).date()


def today() -> date:
    """The day of the shop's time zone."""
    return _today()[1]


def _today() -> tuple[str, date]:
    """The shop's time zone, and the date there, looked up once a response."""
    names = vars(g._get_current_object())
    if "today" not in names:
        time_zone = shop_settings.current().time_zone
        names["today"] = time_zone, now().astimezone(ZoneInfo(time_zone)).date()
    return names["today"]


@lru_cache(formatting.CACHE_SIZE)
def _relative_time(at: datetime, time_zone: str, today: date, language: str) -> str:
    local, gettext = at.astimezone(ZoneInfo(time_zone)), languages.catalogue(language).gettext
    if local.date() == today:
        return gettext("today %(time)s") % {"time": f"{local:%H:%M}"}
    if local.date() == today - timedelta(days=1):
        return gettext("yesterday %(time)s") % {"time": f"{local:%H:%M}"}
    return formatting.date_time(at, time_zone, language)


@lru_cache(formatting.CACHE_SIZE)
def _time_and_relative_time(at: datetime, time_zone: str, today: date, language: str) -> tuple[str, str]:
    return formatting.date_time(at, time_zone, language), _relative_time(at, time_zone, today, language)


@lru_cache(formatting.CACHE_SIZE)
def _relative_day(at: datetime, time_zone: str, today: date, language: str) -> str:
    """The day: i dag, i går, 20 nov., or 20 nov. 2025 in another year."""
    day, gettext = at.astimezone(ZoneInfo(time_zone)).date(), languages.catalogue(language).gettext
    if day == today:
        return gettext("today")
    if day == today - timedelta(days=1):
        return gettext("yesterday")
    return formatting.day(day, language, with_year=day.year != today.year)


def template_filters(language: str) -> dict[str, Callable[..., Any]]:
    """The filters of templates in a language. Most are remembered functions, which Python calls without a frame."""
    return {
        "as_time": datetime.fromisoformat,
        "amount": partial(formatting.amount, language=language),
        "calendar_day": partial(formatting.day, language=language, with_year=True),
        "country": partial(formatting.country, language=language),
        "date_time": lambda at: formatting.date_time(at, _today()[0], language),
        "day": lambda text: formatting.day(date.fromisoformat(text), language, with_year=True),
        "dialled": phones.dialled,
        "integer": partial(formatting.integer, language=language),
        "language_name": partial(formatting.language_name, language=language),
        "money": partial(formatting.money, language=language),
        "percent": partial(formatting.percent, language=language),
        "file_size": partial(formatting.file_size, language=language),
        "short_day": partial(formatting.day, language=language, with_year=False),
        "relative_day": lambda at: _relative_day(at, *_today(), language),
        "relative_time": lambda at: _relative_time(at, *_today(), language),
        "time_and_relative_time": lambda at: _time_and_relative_time(at, *_today(), language),
    }
