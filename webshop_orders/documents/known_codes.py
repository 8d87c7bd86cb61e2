"""Carriers by the form of their tracking codes, which shops keep beside their carriers in Konfiguration."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from webshop_orders.documents import code_patterns
from webshop_orders.models import CODE_PATTERNS, Carrier
from webshop_orders.text.tracking_codes import clean, compact

GROUPED_DIGITS = re.compile(r"[0-9]{9,}")
PUBLISHED = tuple(Carrier(name, "", patterns) for name, patterns in CODE_PATTERNS.items())


@dataclass(frozen=True)
class Recognised:
    """The carriers whose codes have the form of a code, and whether its check digit is that of none of them."""

    carriers: tuple[str, ...] = ()
    has_wrong_check_digit: bool = False

    def only(self, preset: str | None = None) -> str | None:
        """The one carrier whose code it is: the only one, or the preset one of several; else nobody's."""
        if preset in self.carriers:
            return preset
        return self.carriers[0] if len(self.carriers) == 1 else None


def recognise(code: str, carriers: Iterable[Carrier] = PUBLISHED) -> Recognised:
    """Which carriers a code can be of; those whose check digit it does not have only where it fits no other."""
    text = compact(code)
    right, wrong = [], []
    for carrier in carriers:
        fitting = [pattern for written in carrier.codes if (pattern := code_patterns.read(written)).fits(text)]
        if any(pattern.is_right(text) for pattern in fitting):
            right.append(carrier.name)
        elif fitting:
            wrong.append(carrier.name)
    return Recognised(tuple(right or wrong), bool(wrong and not right))


def is_distinct(code: str, carriers: Iterable[Carrier] = PUBLISHED) -> bool:
    """Whether a code has the letters or the check digit of a carrier's, so that it is hardly any other number."""
    text = compact(code)
    patterns = (code_patterns.read(written) for carrier in carriers for written in carrier.codes)
    fitting = [pattern for pattern in patterns if pattern.fits(text) and pattern.is_right(text)]
    return any(pattern.check is not None or not text.isdigit() for pattern in fitting)


def normalise(text: str, carriers: Iterable[Carrier] = PUBLISHED) -> str:
    """A code as it is noted: without invisible characters, and without the spaces of digits in groups.

    So it is found by what a scanner reads; other codes may have spaces that belong to them.
    """
    code = clean(text)
    without_spaces = code.replace(" ", "")
    is_grouped = GROUPED_DIGITS.fullmatch(without_spaces) or recognise(without_spaces, carriers).carriers
    return without_spaces if is_grouped else code
