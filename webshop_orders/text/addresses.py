"""Whether an address looks like one that a parcel can be delivered to: its postal code, and its house number.

Only what is certainly wrong is found. A street without a number is, where its last word says that it is a street, in
countries that number their streets: farms and houses have names alone, which a road may follow, «Box 12» and «c/o» have
no street. The formats of postal codes are those of the Unicode CLDR's former supplemental data,
https://cldr.unicode.org (postalCodeData); where its blanks and hyphens stand is no matter.
"""

import re
from unicodedata import normalize

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
    "DK": r"gade|gaden|vej|vejen|allé|stræde|boulevard",
    "DE": r"straße|strasse|str\.?|allee|gasse|weg",
    "NL": r"straat|laan|gracht|kade|weg",
}
# What has a name that it is found by: a farm, a manor, a school, a hospital. The road beside it needs no number.
NAMED_PLACES = (
    r"gård|gården|torp|torpet|stuga|stugan|slott|slottet|skola|skolan|sjukhus|sjukhuset|kyrka|kyrkan|säteri"
    r"|gard|garden|skole|skolen|sykehus|sykehuset|sygehus|hospital|kirke|koulu|tila|sairaala|hof|krankenhaus|schule"
)
PREFIXES = {"FI": "FI|FIN|SF"}  # of countries whose sign on letters does not begin their code


def has_wrong_postal_code(postal_code: str, country: str) -> bool:
    """Whether a postal code is none of its country, or missing where every place has one."""
    pattern = POSTAL_CODES.get(country)
    if pattern is None:
        return False
    code = re.sub(r"[\s\u2010-\u2015-]+", "", postal_code.upper())
    without_prefix = re.sub(rf"^({PREFIXES.get(country, country)}|{country[0]})(?=\d)", "", code)
    return not any(re.fullmatch(pattern, each, re.ASCII) for each in (code, without_prefix))


def lacks_house_number(street: str, street2: str | None, country: str) -> bool:
    """Whether an address has a street, and no number in it or beside it."""
    streets = STREETS.get(country)
    if streets is None or re.search(r"\d", f"{street} {street2 or ''}"):
        return False
    parts = [part.strip() for part in re.split(r"[,;\n]", normalize("NFC", f"{street}, {street2 or ''}").casefold())]
    if any(re.search(rf"({NAMED_PLACES})$", part) and not part.startswith("c/o") for part in parts):
        return False
    return any(re.search(rf"({streets})$", part) for part in parts)
