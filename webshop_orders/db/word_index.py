"""Words that are looked up in an index of trigrams: on SQLite FTS5, on PostgreSQL a GIN index of `gin_trgm_ops`."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ScalarSelect, String, bindparam

from webshop_orders.db.parameters import planned_once
from webshop_orders.db.text_search import pattern
from webshop_orders.text.search import Words

# Both databases index three letters or digits in a row.
TRIGRAM_LENGTH = 3
TRIGRAM = re.compile(r"[^\W_]{3}")
QUOTE = '"'
# The parameter with the words in FTS5's syntax, beside one for each spelling.
FTS5_EXPRESSION = "fts5_expression"


def parameters(words: Words) -> dict[str, Any]:
    """The values of words in statements."""
    values: dict[str, Any] = {
        _name(word, spelling): pattern(words[word][spelling])
        for word, spellings in enumerate(words)
        for spelling in range(len(spellings))
    }
    return {**values, FTS5_EXPRESSION: _fts5_expression(words)}


def patterns(spelling_counts: Sequence[int]) -> list[list[ScalarSelect[Any]]]:
    """The parameters of words with so many spellings each, as patterns of LIKE."""
    return [
        [planned_once(bindparam(_name(word, spelling), type_=String)) for spelling in range(count)]
        for word, count in enumerate(spelling_counts)
    ]


def has_trigram(words: Words) -> bool:
    """Whether the words have a trigram to look up at all."""
    return any(all(map(TRIGRAM.search, spellings)) for spellings in words)


def is_long_enough(spellings: tuple[str, ...]) -> bool:
    """Whether FTS5 can look up a word: not one that is shorter than a trigram."""
    return all(len(spelling) >= TRIGRAM_LENGTH for spelling in spellings)


def _fts5_expression(words: Words) -> str:
    """The words in FTS5's syntax, without those too short for it: https://sqlite.org/fts5.html#fts5_strings."""
    each = (
        " OR ".join(f'"{spelling.replace(QUOTE, QUOTE * 2)}"' for spelling in spellings)
        for spellings in words
        if is_long_enough(spellings)
    )
    return " AND ".join(f"({spellings})" for spellings in each)


def _name(word: int, spelling: int) -> str:
    return f"word_{word}_{spelling}"
