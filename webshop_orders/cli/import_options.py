"""Options of `webshop-orders import` that are read before it starts."""

from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

MAX_PERCENT = 100
BASIS_POINTS_IN_PERCENT = 100


def check_time_zone(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """A time zone by its name, such as Europe/Helsinki."""
    if value is not None:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise click.BadParameter(f"{value!r} is no time zone, such as Europe/Stockholm.") from None
    return value


def read_vat_rates(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, int]:
    """VAT rates in basis points by tax class, from values such as `reduced-rate=12`."""
    rates = {}
    for value in values:
        name, separator, percent = value.partition("=")
        try:
            rate = Decimal(percent.strip().rstrip("%").replace(",", "."))
        except InvalidOperation:
            rate = Decimal(-1)
        if not separator or not name.strip() or not 0 <= rate <= MAX_PERCENT:
            raise click.BadParameter(f"{value!r} is no tax class with its rate, such as reduced-rate=12.")
        rates["-".join(name.casefold().split())] = int(rate * BASIS_POINTS_IN_PERCENT)
    return rates
