"""How text is compared: search folds case and accents, lists sort in Swedish alphabetical order."""

import re
import unicodedata

DIGITS = re.compile(r"\d+")
# Numbers are zero-padded to this width, so that they sort by value.
NUMBER_WIDTH = 12
# Swedish letters mapped to the characters that follow z in ASCII.
AFTER_Z = str.maketrans("åäöæø", "{|}|}")

APOSTROPHES = "'`´‘’‛ʻʼʽˈ′＇"
HYPHENS = "‐‑‒–—―−﹘﹣－"
# A soft hyphen, blanks without width, and marks of the writing direction.
INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u061c" + "".join(
    map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
)
# Letters that Unicode does not decompose into a base letter and an accent.
BASE_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŋ": "n", "ŧ": "t", "ĸ": "k", "ə": "e"}
DIGRAPHS = {"æ": "ae", "œ": "oe", "þ": "th", "ß": "ss"}

UNIFORM = {**dict.fromkeys(map(ord, APOSTROPHES + INVISIBLE)), **dict.fromkeys(map(ord, HYPHENS), "-")}
LETTERS = str.maketrans(BASE_LETTERS | DIGRAPHS)
ASCII_APOSTROPHES = str.maketrans("", "", "'`")


def fold(text: str) -> str:
    """Fold text for search, without case, accents and apostrophes: `oberg` finds Öberg, and `obrien` O’Brien."""
    if text.isascii():
        return text.casefold().translate(ASCII_APOSTROPHES)
    return _without_accents(text.translate(UNIFORM)).translate(LETTERS)


def sku_key(sku: str) -> str:
    """A key that is the same for SKUs that differ in case and blanks alone: ` Filt-G` and `FILT-G`."""
    return "".join(unicodedata.normalize("NFKC", sku).casefold().split())


def sort_key(text: str) -> str:
    """A key that sorts by code point as Swedish lists do: å, ä and ö after z, and numbers by value."""
    in_swedish = unicodedata.normalize("NFC", text).casefold().translate(AFTER_Z)
    return DIGITS.sub(lambda digits: digits[0].zfill(NUMBER_WIDTH), _without_accents(in_swedish))


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()
