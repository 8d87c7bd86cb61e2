"""How amounts, times and names are written for people."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal, get_currency_precision, get_currency_symbol
from flask import Flask
from flask_babel import get_locale
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.columns import now

NO_BREAK = "\N{NO-BREAK SPACE}"


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        money=money, amount=amount, when=when, moment=moment, percent=percent, country=country, number=whole
    )


def money(minor_units: int, currency: str) -> str:
    """An amount with its currency, such as 1 234,50 kr."""
    return f"{amount(minor_units, currency)}{NO_BREAK}{get_currency_symbol(currency, locale=get_locale())}"


def amount(minor_units: int, currency: str) -> str:
    """An amount without its currency, such as 1 234,50."""
    digits = get_currency_precision(currency)
    pattern = "#,##0." + "0" * digits if digits else "#,##0"
    return format_decimal(Decimal(minor_units).scaleb(-digits), pattern, locale=get_locale())


def whole(value: int) -> str:
    return format_decimal(value, "#,##0", locale=get_locale())


def percent(basis_points: int) -> str:
    """A rate in basis points, such as 25 %."""
    return f"{format_decimal(Decimal(basis_points) / 100, '0.##', locale=get_locale())}{NO_BREAK}%"


def when(moment_: datetime) -> str:
    """A time as said in passing: i dag 11:32, i går 21:17, or else its date."""
    local, today = _local(moment_), _local(now())
    clock = format_time(local, "HH:mm", locale=get_locale())
    if local.date() == today.date():
        return _("today %(time)s", time=clock)
    if local.date() == today.date() - timedelta(days=1):
        return _("yesterday %(time)s", time=clock)
    return moment(moment_)


def moment(moment_: datetime) -> str:
    """A time in full, such as 23 nov. 2026 14:05, in the shop's time zone."""
    local = _local(moment_)
    return f"{format_date(local, 'd MMM y', locale=get_locale())} {format_time(local, 'HH:mm', locale=get_locale())}"


def country(code: str) -> str:
    locale: Locale = get_locale()
    return str(locale.territories.get(code, code))


def _local(moment_: datetime) -> datetime:
    return moment_.astimezone(ZoneInfo(shop_settings.current().time_zone))
