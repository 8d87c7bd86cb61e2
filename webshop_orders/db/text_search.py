"""Search for words in text that is stored as `text.search.search_text` makes it."""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from webshop_orders.text.search import Words, searched_words

ESCAPE = "/"
ESCAPED = str.maketrans({sign: ESCAPE + sign for sign in "/%_"})


def contains_words(column: Any, words: Words) -> ColumnElement[bool]:
    """Whether a text has each word in one of its spellings."""
    return contains_patterns(column, [[pattern(spelling) for spelling in word] for word in words])


def contains_patterns(column: Any, patterns: Any) -> ColumnElement[bool]:
    """The same with patterns, or parameters for them, in place of the spellings."""
    return and_(*(or_(*(column.like(spelling, escape=ESCAPE) for spelling in word)) for word in patterns))


def pattern(spelling: str) -> str:
    """The pattern of LIKE for texts that contain a spelling."""
    return f"%{spelling.translate(ESCAPED)}%"


def contains_typed(column: Any, typed: str) -> list[ColumnElement[bool]]:
    """The condition that a text has all words that somebody typed; none where nothing was typed."""
    words = searched_words(typed)
    return [contains_words(column, words)] if words else []
