"""Countries as other shops write them: by code, or by name in any of the languages that our customers speak."""

from __future__ import annotations

import re
from functools import lru_cache

from babel.core import Locale, get_global

from webshop_orders.text.folding import fold

LANGUAGES = (
    "en",
    "sv",
    "nb",
    "nn",
    "da",
    "fi",
    "de",
    "is",
    "et",
    "lv",
    "lt",
    "pl",
    "nl",
    "fr",
    "es",
    "it",
    "pt",
    "cs",
    "sk",
    "hu",
    "uk",
)
# Names that people use and that the CLDR, where Babel's come from, does not have.
OTHER_NAMES = {
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "united states of america": "US",
    "america": "US",
    "holland": "NL",
    "the netherlands": "NL",
    "czech republic": "CZ",
    "turkey": "TR",
    "republic of ireland": "IE",
    "faroe islands": "FO",
    "south korea": "KR",
    "el": "GR",  # as the EU writes it in VAT numbers
}


def country_code(raw: str | None) -> str | None:
    """The ISO 3166-1 code of a country, from its code of two or three letters or its name; None if it is neither."""
    written = (raw or "").strip()
    code = written.upper().replace(".", "")
    if re.fullmatch("[A-Z]{2,3}", code) and (replaced := _replaced(code)):
        return replaced
    if re.fullmatch("[A-Z]{2}", code):
        return OTHER_NAMES.get(code.casefold(), code)
    return _codes_by_name().get(_key(written))


def _replaced(code: str) -> str | None:
    """The code that the CLDR has for another one, such as SE for SWE and GB for UK."""
    codes = get_global("territory_aliases").get(code, ())
    return codes[0] if len(codes) == 1 and re.fullmatch("[A-Z]{2}", codes[0]) else None


@lru_cache(1)
def _codes_by_name() -> dict[str, str]:
    names = {
        _key(name): code
        for language in reversed(LANGUAGES)  # so that the first one wins
        for code, name in Locale(language).territories.items()
        if re.fullmatch("[A-Z]{2}", code)
    }
    return names | OTHER_NAMES


def _key(name: str) -> str:
    return " ".join(re.sub(r"[^\w]+", " ", fold(name)).split())
