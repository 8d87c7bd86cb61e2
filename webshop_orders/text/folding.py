"""How text is compared: search folds case and accents, lists sort in Swedish alphabetical order."""

import re
import unicodedata

DIGITS = re.compile(r"\d+")
# Numbers are zero-padded to this width, so that they sort by value.
NUMBER_WIDTH = 12
# Swedish letters mapped to the characters that follow z in ASCII.
AFTER_Z = str.maketrans("åäöæø", "{|}|}")


def fold(text: str) -> str:
    """Fold text for search, without case and accents: `oberg` finds Öberg."""
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()


def sku_key(sku: str) -> str:
    """A key that is the same for SKUs that differ in case and blanks alone: ` Filt-G` and `FILT-G`."""
    return "".join(unicodedata.normalize("NFKC", sku).casefold().split())


def sort_key(text: str) -> str:
    """A key that sorts by code point as Swedish lists do: å, ä and ö after z, and numbers by value."""
    in_swedish = unicodedata.normalize("NFC", text).casefold().translate(AFTER_Z)
    return DIGITS.sub(lambda digits: digits[0].zfill(NUMBER_WIDTH), fold(in_swedish))
