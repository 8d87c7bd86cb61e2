"""Places at which long words may continue on the next line of a PDF file."""

import re

# Letters that surely fit into a column: a longer word can be broken at a place that is not seen or copied as a sign.
MAX_WORD, MAX_SKU = 28, 14
BREAK = "\N{ZERO WIDTH SPACE}"


def break_words(text: str, most: int) -> str:
    """Let words of more than so many letters continue on the next line."""
    return re.sub(rf"\S{{{most}}}(?=\S)", lambda part: part[0] + BREAK, text)
