"""Tracking codes as people and systems write them: with characters that cannot be seen, spaces, several in one text."""

import re
from collections.abc import Iterable

# Zero-width characters, soft hyphens and marks of writing direction, which mails and web pages carry along.
INVISIBLE = re.compile(r"[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0f\ufeff]")
BLANKS = re.compile(r"[\t \u00a0\u2000-\u200a\u202f\u205f\u3000]+")
# What a scanner sends before a code of GS1 (ISO/IEC 15424), and an identifier that GS1 prints in brackets.
SCANNER_PREFIX = re.compile(r"^\s*\][A-Za-z][0-9]")
BRACKETED_IDENTIFIER = re.compile(r"^\s*\((00)\)\s*(?=[0-9])")
WORDS_BETWEEN = re.compile(r"\s+(?:och|samt|and|&|\+|\||/)\s+", re.IGNORECASE)
SEPARATOR = re.compile(r"[,;|]")
SEPARATOR_OF_LINKS = re.compile(r"[,;|](?=\s|$|https?://)|\s+(?=https?://)")  # a link may have such signs of its own
LINK_START = re.compile(r"https?://", re.IGNORECASE)
# Long enough that none of them is a group of a code that is written in groups.
WHOLE_CODES = re.compile(r"(?=\S*[0-9]{8})[0-9A-Za-z._/-]{10,}(?: (?=\S*[0-9]{8})[0-9A-Za-z._/-]{10,})+")
QUOTES = "<>()[]{}\"'«»“”‘’"
SIGNS_AROUND = f"{QUOTES} .:=#*"
SSCC_DIGITS = re.compile(r"[0-9]{18}")
SSCC = re.compile(r"^00(?=[0-9]{18}$)")
COUNT = re.compile(r"\([0-9]{1,2}\s?(?:/|av|af|of)\s?[0-9]{1,2}\)")
# Words before a code: none that could be its beginning, as in `JJFI 6430 0012 3456`, which is written in capitals.
LABEL_WORDS = re.compile(
    r"^(?:(?:[0-9]{1,2}\.|[^\W\d_]*[a-zåäæöø][^\W\d_]*(?:-[^\W\d_]+)*\.?|DHL|DSV|GLS|TNT|UPS) +)+(?=.*[0-9]{3})"
)


def clean(text: str) -> str:
    """A text without invisible characters and scanners' prefixes, with plain spaces, none of them around it."""
    visible = without_scanner_prefix(INVISIBLE.sub("", text))
    return BLANKS.sub(" ", BRACKETED_IDENTIFIER.sub(r"\1", visible)).strip()


def without_scanner_prefix(text: str) -> str:
    return SCANNER_PREFIX.sub("", text)


def compact(code: str) -> str:
    """What two spellings of one code have in common; the 00 says that what follows it is an SSCC of GS1."""
    return SSCC.sub("", re.sub(r"\s", "", INVISIBLE.sub("", code)).upper())


def spellings(codes: Iterable[str]) -> set[str]:
    """Codes as they may be noted: as they are written, without spaces, and with and without GS1's identifier."""
    found: set[str] = set()
    for code in codes:
        short = compact(code)
        found |= {code, short, *([f"00{short}"] if SSCC_DIGITS.fullmatch(short) else [])}
    return found


def without_label(text: str) -> str | None:
    """The code after a label such as «Kollinr:», without signs around it and a count of parcels, «(1/2)».

    None where nothing of it has digits.
    """
    parts = [part.strip(SIGNS_AROUND) for part in COUNT.sub("", text).split(":")]
    with_digits = [LABEL_WORDS.sub("", part) for part in parts if re.search("[0-9]", part)]
    return with_digits[-1] if with_digits else None


def split(text: str) -> list[str]:
    """The codes and links in a text, apart by commas, semicolons, lines or words such as «och»."""
    lines = (BLANKS.sub(" ", line) for line in INVISIBLE.sub("", text).replace("\t", "\n").splitlines())
    parts = (part for line in lines for part in _split_line(line))
    stripped = (part.strip(f" {QUOTES}" if LINK_START.search(part) else " ") for part in parts)
    return [part for part in stripped if part]


def _split_line(line: str) -> list[str]:
    if LINK_START.search(line):  # what has no digit leads up to a link
        parts = [part for words in WORDS_BETWEEN.split(line) for part in SEPARATOR_OF_LINKS.split(words)]
        return [part for part in parts if LINK_START.search(part) or re.search("[0-9]", part)]
    parts = [part.strip() for words in WORDS_BETWEEN.split(line) for part in SEPARATOR.split(words)]
    return [code for part in parts for code in (part.split() if WHOLE_CODES.fullmatch(part) else [part])]
