"""Whether typed words mean an action or a place: each has to begin one of its words, in Swedish or in English."""

import re

from webshop_orders.text.folding import fold
from webshop_orders.text.languages import Sentence

PLACEHOLDER = re.compile(r"%\(\w+\)s")
WORD = re.compile(r"[^\W_]+")
LANGUAGES = ("sv", "en")


def typed_words(text: str) -> list[str]:
    """The words that were typed, folded."""
    return WORD.findall(fold(text))


def means(typed: list[str], *texts: Sentence | str) -> bool:
    """Whether every typed word begins a word of the texts; sentences count in every language of the interface."""
    spoken = [
        text.in_language(language) if isinstance(text, Sentence) else text for text in texts for language in LANGUAGES
    ]
    words = WORD.findall(fold(PLACEHOLDER.sub("", " ".join(spoken))))
    return all(any(word.startswith(beginning) for word in words) for beginning in typed)
