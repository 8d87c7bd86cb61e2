"""Formats amounts, rates, times and countries for people, in Swedish and English."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, get_currency_precision

# The same orders are listed again and again; formatting their sums and times took a tenth of a list's time.
CACHE_SIZE = 4096
NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
LOCALES = {"sv": Locale("sv"), "en": Locale("en", "GB")}
# In English the ISO code before the amount, since «kr» can mean any of four currencies.
CURRENCY_PATTERNS = {"sv": None, "en": f"¤¤{NO_BREAK}#,##0.00;-¤¤{NO_BREAK}#,##0.00"}


@lru_cache(CACHE_SIZE)
def money(minor_units: int, currency: str, language: str) -> str:
    """An amount in minor units (öre) with its currency, such as 1 234,50 kr or SEK 1,234.50."""
    major_units = Decimal(minor_units).scaleb(-get_currency_precision(currency))
    formatted = format_currency(major_units, currency, CURRENCY_PATTERNS[language], locale=LOCALES[language])
    return formatted.replace("-", MINUS)


@lru_cache(CACHE_SIZE)
def amount(minor_units: int, currency: str, language: str) -> str:
    """An amount in minor units (öre) without its currency, such as 1 234,50."""
    digits = get_currency_precision(currency)
    pattern = "#,##0." + "0" * digits if digits else "#,##0"
    formatted = format_decimal(Decimal(minor_units).scaleb(-digits), pattern, locale=LOCALES[language])
    return formatted.replace("-", MINUS)


@lru_cache(CACHE_SIZE)
def integer(value: int, language: str) -> str:
    return format_decimal(value, locale=LOCALES[language])


@lru_cache(CACHE_SIZE)
def percent(basis_points: int, language: str) -> str:
    """A rate in basis points, such as 25 %."""
    number = format_decimal(Decimal(basis_points) / 100, "0.##", locale=LOCALES[language])
    return f"{number}{NO_BREAK}%" if language == "sv" else f"{number}%"


@lru_cache(CACHE_SIZE)
def date_time(at: datetime, time_zone: str, language: str) -> str:
    """A time in the shop's time zone, such as 23 nov. 2026 14:05."""
    return format_datetime(at, "d MMM y HH:mm", tzinfo=ZoneInfo(time_zone), locale=LOCALES[language])


@lru_cache(CACHE_SIZE)
def day(day: date, language: str, *, with_year: bool) -> str:
    """A day, such as 23 nov. 2026."""
    return format_date(day, "d MMM y" if with_year else "d MMM", locale=LOCALES[language])


def country(code: str, language: str) -> str:
    return str(LOCALES[language].territories.get(code.upper(), code))
