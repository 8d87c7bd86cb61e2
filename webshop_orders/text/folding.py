"""TODO text.folding."""

import re
import unicodedata

DIGITS = re.compile(r"\d+")


LONGEST_NUMBER = 12


AFTER_Z = str.maketrans("åäöæø", "{|}|}")


def fold(text: str) -> str:
    """Text as search compares it: without case and accents, so that `oberg` finds Öberg."""
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold()


def sort_key(text: str) -> str:
    """Text as Swedish lists sort it, to be compared sign by sign: å, ä and ö after z, and numbers by their size."""
    in_swedish = unicodedata.normalize("NFC", text).casefold().translate(AFTER_Z)
    return DIGITS.sub(lambda digits: digits[0].zfill(LONGEST_NUMBER), fold(in_swedish))
