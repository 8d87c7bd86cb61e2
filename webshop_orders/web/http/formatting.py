"""Template filters for amounts, numbers and times, in the language of the response."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.text import formatting, languages, phones


def money(minor_units: int, currency: str) -> str:
    return formatting.money(minor_units, currency, languages.current())


def amount(minor_units: int, currency: str) -> str:
    return formatting.amount(minor_units, currency, languages.current())


def integer(value: int) -> str:
    return formatting.integer(value, languages.current())


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
    local, today = _local(at), _local(now()).date()
    if local.date() == today:
        return _("today %(time)s", time=f"{local:%H:%M}")
    if local.date() == today - timedelta(days=1):
        return _("yesterday %(time)s", time=f"{local:%H:%M}")
    return date_time(at)


def relative_day(at: datetime) -> str:
    """The day: i dag, i går, 20 nov., or 20 nov. 2025 in another year."""
    local, today = _local(at).date(), _local(now()).date()
    if local == today:
        return _("today")
    if local == today - timedelta(days=1):
        return _("yesterday")
    return formatting.day(local, languages.current(), with_year=local.year != today.year)


def _local(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(shop_settings.current().time_zone))


TEMPLATE_FILTERS = {
    "amount": amount,
    "country": country,
    "date_time": date_time,
    "dialled": phones.dialled,
    "integer": integer,
    "language_name": language_name,
    "money": money,
    "percent": percent,
    "relative_day": relative_day,
    "relative_time": relative_time,
}
