"""Tracking codes as people and systems write them: with characters that cannot be seen, spaces, several in one text."""

import re

# Zero-width characters, soft hyphens and marks of writing direction, which mails and web pages carry along.
INVISIBLE = re.compile(r"[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0f\ufeff]")
BLANKS = re.compile(r"[\t \u00a0\u2000-\u200a\u202f\u205f\u3000]+")
WORDS_BETWEEN = re.compile(r"\s+(?:och|samt|and|&|\+|\|)\s+", re.IGNORECASE)
SEPARATOR = re.compile(r"[,;|]")
SEPARATOR_OF_LINKS = re.compile(r"[,;|](?=\s|$|https?://)|\s+(?=https?://)")  # a link may have such signs of its own
LINK_START = re.compile(r"https?://", re.IGNORECASE)
# Long enough that none of them is a group of a code that is written in groups.
WHOLE_CODES = re.compile(r"(?=\S*[0-9]{8})[0-9A-Za-z._/-]{10,}(?: (?=\S*[0-9]{8})[0-9A-Za-z._/-]{10,})+")
QUOTES = "<>()[]{}\"'«»“”‘’"


def clean(text: str) -> str:
    """A text without invisible characters, and with plain spaces, none of them around it."""
    return BLANKS.sub(" ", INVISIBLE.sub("", text)).strip()


def compact(code: str) -> str:
    """What two spellings of one code have in common."""
    return re.sub(r"\s", "", INVISIBLE.sub("", code)).upper()


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
