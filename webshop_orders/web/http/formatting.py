"""How amounts, times and names are written on a page, in the language that its reader asks for."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.text import formatting, languages


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        money=money, amount=amount, when=when, moment=moment, percent=percent, country=country, number=whole, day=day
    )


def money(minor_units: int, currency: str) -> str:
    return formatting.money(minor_units, currency, languages.current())


def amount(minor_units: int, currency: str) -> str:
    return formatting.amount(minor_units, currency, languages.current())


def whole(value: int) -> str:
    return formatting.integer(value, languages.current())


def percent(basis_points: int) -> str:
    return formatting.percent(basis_points, languages.current())


def country(code: str) -> str:
    return formatting.country(code, languages.current())


def moment(at: datetime) -> str:
    """A time in full, such as 23 nov. 2026 14:05, in the shop's time zone."""
    return formatting.date_time(at, shop_settings.current().time_zone, languages.current())


def when(at: datetime) -> str:
    """A time as said in passing: i dag 11:32, i går 21:17, or else in full."""
    local, today = _local(at), _local(now()).date()
    if local.date() == today:
        return _("today %(time)s", time=f"{local:%H:%M}")
    if local.date() == today - timedelta(days=1):
        return _("yesterday %(time)s", time=f"{local:%H:%M}")
    return moment(at)


def day(at: datetime) -> str:
    """The day of a time as said in passing: today, yesterday, 20 nov., or 20 nov. 2025 in another year."""
    local, today = _local(at).date(), _local(now()).date()
    if local == today:
        return _("today")
    if local == today - timedelta(days=1):
        return _("yesterday")
    return formatting.day(local, languages.current(), with_year=local.year != today.year)


def _local(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(shop_settings.current().time_zone))
