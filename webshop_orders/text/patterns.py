"""Patterns for characters and e-mail addresses, shared by forms, the API and connectors."""

import re

# A local part and a domain with a dot; only sending a mail can tell whether the address exists.
EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,189}\.[^\s@<>,;:\"()\[\]\\.]{2,63}")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
CONTROL_EXCEPT_NEWLINE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
SURROGATE = re.compile(r"[\ud800-\udfff]")
# Embeddings, overrides and isolates of the bidirectional algorithm (Unicode, UAX #9): invisible, and a text with them
# reads otherwise than it is stored. Phones put them around a copied number.
DIRECTION_MARKS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


def without_direction_marks(text: str) -> str:
    """Text without the invisible characters that change the direction in which it, or what follows it, is shown."""
    return text if text.isascii() else DIRECTION_MARKS.sub("", text)
