"""Spellings by which search finds text: those that are stored of a text, and those that typed words may be meant in.

Names are found across the ways in which Nordic languages write the same letter: Sørensen, Sörensen, Sorensen and
Soerensen are one name, as are Næss, Näss and Naess, or Anna-Karin and Annakarin.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from webshop_orders.text import phone_search
from webshop_orders.text.folding import fold

# The words of a search, each in the spellings of which one has to be found.
Words = tuple[tuple[str, ...], ...]

CACHE_SIZE = 20_000
# Two letters that are written for å, ä, æ, ö, ø and ü where the keyboard lacks them.
DIGRAPH = re.compile(r"(a)[ae]+|(o)e+|(u)e+")
MIN_LENGTH = 3
HYPHENATED = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")
NUMBER = re.compile(r"#?[0-9 ()+./-]+")
# A parcel of the post (UPU S10) and a VAT number, in which there may be blanks.
VAT_COUNTRY = "(?:at|be|de|dk|ee|el|es|fi|fr|gb|ie|it|lt|lv|nl|no|pl|pt|se)"
SPACED_CODE = re.compile(
    rf"[a-z]{{2}}[ -]?(?:[0-9][ -]?){{9}}[a-z]{{2}}|{VAT_COUNTRY}[ -]?(?:[0-9][ .-]?){{8,12}}(?:mva)?"
)
CODE = re.compile(r"[a-z]{1,4}-?[0-9]+(?:[./-][0-9]+)*-?[a-z]{0,3}")
MIN_DIGITS = 5
# A number within another one: a Swedish company's in its VAT number, any other's, and one with its century.
INNER_NUMBERS = [
    re.compile(pattern)
    for pattern in (r"se([0-9]{10})01", rf"{VAT_COUNTRY}([0-9]{{8,12}})(?:mva)?", r"(?:16|18|19|20)([0-9]{10})")
]


@lru_cache(CACHE_SIZE)
def stored_spellings(text: str) -> tuple[str, ...]:
    """The spellings that are stored of a text: folded, and what a typed word could have instead."""
    folded = fold(text)
    joined = (name.replace("-", "") for name in HYPHENATED.findall(folded))
    spellings = [spelling for form in (folded, *joined) for spelling in (form, without_digraphs(form))]
    return tuple(dict.fromkeys(spellings))


def code_spellings(code: str | None) -> list[str]:
    """A code, and its letters and digits alone."""
    return [code, re.sub(r"[\W_]", "", code)] if code else []


def search_text(terms: Iterable[str | None]) -> str:
    """The text that search looks through for an object with these terms, a spelling a line."""
    spellings = (spelling for term in terms if term for spelling in stored_spellings(term))
    return "\n".join(dict.fromkeys(spellings))


def without_digraphs(folded: str) -> str:
    """Folded text with one letter in place of the two that are written for it: `naess` is `nass`."""
    return DIGRAPH.sub(lambda letters: letters.group(letters.lastindex or 0), folded)


def searched_words(text: str) -> Words:
    """The words of a search; a number with blanks is one word, and marks that are folded away are found nowhere."""
    folded = fold(text).strip() or text.strip()
    if _is_spaced_number(folded):
        return (_number_spellings(folded),)
    return tuple(_number_spellings(word) if _is_number(word) else _word_spellings(word) for word in folded.split())


def is_phone(text: str) -> bool:
    """Whether a text may be a phone number or its beginning."""
    return bool(NUMBER.fullmatch(fold(text))) and _count_digits(text) >= MIN_DIGITS


def _is_spaced_number(folded: str) -> bool:
    return _count_digits(folded) >= MIN_DIGITS and bool(NUMBER.fullmatch(folded) or SPACED_CODE.fullmatch(folded))


def _is_number(word: str) -> bool:
    return _count_digits(word) >= MIN_DIGITS and bool(NUMBER.fullmatch(word) or CODE.fullmatch(word))


def _count_digits(text: str) -> int:
    return len(re.findall("[0-9]", text))


def _number_spellings(folded: str) -> tuple[str, ...]:
    compact = re.sub(r"[\W_]", "", folded)
    spellings = {folded, compact}
    if NUMBER.fullmatch(folded):
        spellings |= phone_search.searched_spellings(folded)
    for pattern in INNER_NUMBERS:
        if match := pattern.fullmatch(compact):
            spellings.add(match[1])
    return _without_redundant(spellings)


def _word_spellings(folded: str) -> tuple[str, ...]:
    forms = [folded]
    if HYPHENATED.fullmatch(folded):
        forms += [folded.replace("-", " "), folded.replace("-", "")]
    spellings = {spelling for form in forms for spelling in (form, without_digraphs(form))}
    return _without_redundant({folded} | {spelling for spelling in spellings if len(spelling) >= MIN_LENGTH})


def _without_redundant(spellings: set[str]) -> tuple[str, ...]:
    """The spellings without those that another one is part of, and which are found with it."""
    distinct = sorted(filter(None, spellings), key=len)
    return tuple(word for place, word in enumerate(distinct) if not any(part in word for part in distinct[:place]))
