"""Phone numbers as people write them, and the number that a phone dials."""

import re
import unicodedata

GROUP = r"(?:\(\+?[0-9][0-9 ]*\)|[0-9]+)"  # digits, or digits in brackets
# Groups of digits with at most a separator between them; a slash has no blanks around it.
NUMBER = re.compile(rf"(?<![\w-])\+? ?{GROUP}(?:(?: ?- ?|[ ./])?{GROUP})*")
DASHES = re.compile(r"[\u2010-\u2015\u2212]")
INTERNATIONAL = re.compile(r"\(?(?:\+|00)")
SHORTEST_NUMBER = 7  # longer than any area code, so that what follows in brackets is an extension
MIN_DIGITS, MAX_DIGITS = 5, 15  # at most 15 in international form (ITU-T E.164, 6.1)
MIN_DIGITS_ALONE = 3  # 112, 1177


def dialled(text: str) -> str | None:
    """The digits of the first phone number in a text, after a + where it is international; None without a number.

    An extension is left out, since a phone would dial it as a part of the number; so is the trunk prefix in +46 (0)70.
    """
    plain = _plain(text)
    for match in NUMBER.finditer(plain):
        is_international = INTERNATIONAL.match(match[0]) is not None
        digits = _digits(match[0].replace("(0)", "") if is_international else match[0])
        digits = digits.removeprefix("00") if is_international else digits
        least = MIN_DIGITS_ALONE if match[0] == plain else MIN_DIGITS
        if least <= len(digits) <= MAX_DIGITS:
            return f"+{digits}" if is_international else digits
    return None


def _plain(text: str) -> str:
    """The text with ASCII digits, hyphens and single spaces, up to an extension in brackets or a second number."""
    normalised = unicodedata.normalize("NFKC", text)
    ascii_digits = "".join(str(unicodedata.digit(c)) if c.isdecimal() else c for c in normalised)
    plain = " ".join(DASHES.sub("-", ascii_digits).split())
    for separator in re.finditer(r"[(/]", plain):
        if len(_digits(plain[: separator.start()])) >= SHORTEST_NUMBER:
            return plain[: separator.start()].rstrip()
    return plain


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)
