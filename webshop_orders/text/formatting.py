"""Formats amounts, rates, times and countries for people, in Swedish and English."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal

from webshop_orders.text.currencies import minor_digits

# The same orders are listed again and again; formatting their sums and times took a tenth of a list's time.
CACHE_SIZE = 4096
NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
LOCALES = {"sv": Locale("sv"), "en": Locale("en", "GB")}
SIZES = {"GB": 1_000_000_000, "MB": 1_000_000, "kB": 1000}
# In English the ISO code before the amount, since «kr» can mean any of four currencies.
CURRENCY_PATTERNS = {"sv": f"{{number}}{NO_BREAK}¤", "en": f"¤¤{NO_BREAK}{{number}};-¤¤{NO_BREAK}{{number}}"}


@lru_cache(CACHE_SIZE)
def money(minor_units: int, currency: str, language: str) -> str:
    """An amount in minor units (öre) with its currency, such as 1 234,50 kr or SEK 1,234.50."""
    major_units = Decimal(minor_units).scaleb(-minor_digits(currency))
    pattern = CURRENCY_PATTERNS[language].format(number=_number_pattern(currency))
    formatted = format_currency(major_units, currency, pattern, locale=LOCALES[language], currency_digits=False)
    return formatted.replace("-", MINUS)


@lru_cache(CACHE_SIZE)
def amount(minor_units: int, currency: str, language: str) -> str:
    """An amount in minor units (öre) without its currency, such as 1 234,50."""
    major_units = Decimal(minor_units).scaleb(-minor_digits(currency))
    formatted = format_decimal(major_units, _number_pattern(currency), locale=LOCALES[language])
    return formatted.replace("-", MINUS)


def typed_amount(minor_units: int, currency: str, language: str) -> str:
    """An amount in minor units (öre) as people type it, such as 1234,50."""
    major_units = str(Decimal(minor_units).scaleb(-minor_digits(currency)))
    return major_units.replace(".", ",") if language == "sv" else major_units


def _number_pattern(currency: str) -> str:
    digits = minor_digits(currency)
    return "#,##0." + "0" * digits if digits else "#,##0"


@lru_cache(CACHE_SIZE)
def integer(value: int, language: str) -> str:
    return format_decimal(value, locale=LOCALES[language])


def file_size(count: int, language: str) -> str:
    """A number of bytes, such as 12,3 MB."""
    unit = next((unit for unit, size in SIZES.items() if count >= size), "kB")
    return f"{format_decimal(Decimal(count) / SIZES[unit], '#,##0.#', locale=LOCALES[language])}{NO_BREAK}{unit}"


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


@lru_cache(CACHE_SIZE)
def language_name(code: str, language: str) -> str:
    """The name of a language by its code, such as Norwegian Bokmål for nb; the code itself for an unknown one."""
    names = LOCALES[language].languages
    name = names.get(code.replace("-", "_")) or names.get(code.partition("-")[0].lower())
    return f"{name[0].upper()}{name[1:]}" if name else code


@lru_cache(CACHE_SIZE)
def country(code: str, language: str) -> str:
    return str(LOCALES[language].territories.get(code.upper(), code))
