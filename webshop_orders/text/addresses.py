"""Whether an address looks like one that a parcel can be delivered to: its postal code, and its house number.

Only what is certainly wrong is found. A street without a number is, where its last word says that it is a street, in
countries that number their streets: farms and houses have names alone, «Box 12» and «c/o» have no street. The formats
of postal codes are those of the Unicode CLDR's former supplemental data, https://cldr.unicode.org (postalCodeData).
"""

import re

FIVE = r"\d{3} ?\d{2}"
POSTAL_CODES = {
    "AT": r"[1-9]\d{3}",
    "AX": r"22\d{3}",
    "BE": r"[1-9]\d{3}",
    "CH": r"[1-9]\d{3}",
    "CZ": FIVE,
    "DE": r"\d{5}",
    "DK": r"\d{4}",
    "EE": r"\d{5}",
    "ES": r"\d{5}",
    "FI": r"\d{5}",
    "FR": r"\d{2} ?\d{3}",
    "GB": r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",
    "IS": r"\d{3}",
    "IT": r"\d{5}",
    "LT": r"\d{5}",
    "LV": r"\d{4}",
    "NL": r"[1-9]\d{3} ?[A-Z]{2}",
    "NO": r"\d{4}",
    "PL": r"\d{2}-?\d{3}",
    "SE": r"[1-9]\d{2} ?\d{2}",
    "SK": FIVE,
    "US": r"\d{5}([ -]?\d{4})?",
}
STREETS = {
    "SE": r"gata|gatan|gränd|gränden|väg|vägen|stig|stigen|allé|allén|esplanaden|stråket",
    "FI": r"katu|tie|polku|kuja|gatan|gränden|vägen|stigen|esplanaden",
    "NO": r"gata|gate|gaten|vei|veien|veg|vegen|allé|alléen",
    "DK": r"gade|vej|vejen|allé|stræde|boulevard",
    "DE": r"straße|strasse|str\.?|allee|gasse",
    "NL": r"straat|laan|gracht|kade",
}


def has_wrong_postal_code(postal_code: str, country: str) -> bool:
    """Whether a postal code is none of its country, or missing where every place has one."""
    pattern = POSTAL_CODES.get(country)
    if pattern is None:
        return False
    code = re.sub(rf"^({country}|{country[0]})[ -]*(?=\d)", "", " ".join(postal_code.upper().split()))
    return re.fullmatch(pattern, code, re.ASCII) is None


def lacks_house_number(street: str, street2: str | None, country: str) -> bool:
    """Whether an address has a street, and no number in it or beside it."""
    streets = STREETS.get(country)
    if streets is None or re.search(r"\d", f"{street} {street2 or ''}"):
        return False
    parts = re.split(r"[,;\n]", f"{street}, {street2 or ''}")
    return any(re.search(rf"({streets})$", part.strip().casefold()) for part in parts)
