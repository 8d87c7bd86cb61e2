"""The countries of the world by their names, for people to choose from."""

from functools import cache

from babel.core import get_global

from webshop_orders.text.folding import sort_key
from webshop_orders.text.formatting import LOCALES

# Those that shops here send most to come first.
NORDIC = ("SE", "NO", "DK", "FI", "IS")
# Codes of CLDR that are no countries: groupings, "outlying Oceania", and what is unknown or made up for tests.
NOT_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}


@cache
def choices(language: str) -> tuple[tuple[str, str], ...]:
    """The ISO 3166-1 alpha-2 code and the name of each country: the Nordic ones, and then all others by name."""
    names = {code: str(name) for code, name in LOCALES[language].territories.items() if _is_country(code)}
    others = sorted(names.keys() - set(NORDIC), key=lambda code: sort_key(names[code]))
    return tuple((code, names[code]) for code in (*NORDIC, *others))


def of_time_zone(time_zone: str) -> str | None:
    """The code of the country that a time zone such as Europe/Stockholm is in; None for one such as UTC."""
    return get_global("zone_territories").get(time_zone)


def postal_name(code: str) -> str:
    """The name of a country as addresses abroad have it, such as NORWAY; the code itself for an unknown one."""
    return str(LOCALES["en"].territories.get(code, code)).upper()


def _is_country(code: str) -> bool:
    return len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES
