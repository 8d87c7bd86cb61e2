"""What tells that an order is a gift: checkouts have no field for it, but their plugins and apps call it alike."""

from __future__ import annotations

import re
from collections.abc import Iterable

from webshop_orders.models.attribute import Attribute

# Names in Swedish, English, Norwegian and Danish, in small letters with single blanks between their words.
# A gift card is none of them: it is how an order is paid.
GIFT = re.compile(
    r"((is|this is|it is|det är|detta är|är|send as|skicka som) )?(a |an |en |et )?"
    r"(gift|present|gåva|gave)( (order|package))?"
    r"|(gift|present|gåvo|gave) ?"
    r"(message|note|text|greeting|wrap(ping|ped)?|meddelande|hälsning|text|inslagning|inpackning|"
    r"melding|hilsen|besked|innpakning|indpakning)"
)
WRAPPING = re.compile(r"(gift ?wrap|(present|gåvo) ?(inslagning|inpackning)|gave ?(innpakning|indpakning))")
NO = {"no", "nej", "nei", "false", "0", "off", "n", "none", "-"}


def marks_gift(told: Attribute) -> bool:
    """Whether what a customer told or chose says that it is a gift."""
    return GIFT.fullmatch(_words(told.name)) is not None and told.value.strip().casefold() not in NO


def has_wrapping(names: Iterable[str]) -> bool:
    """Whether one of these products or fees is the wrapping of a gift."""
    return any(WRAPPING.match(_words(name)) for name in names)


def _words(name: str) -> str:
    separated = re.sub(r"(?<=[a-zåäö])(?=[A-ZÅÄÖ])", " ", name)
    return " ".join(re.findall(r"\w+", separated.replace("_", " ").casefold()))
