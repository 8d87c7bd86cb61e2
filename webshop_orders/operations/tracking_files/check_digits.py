"""Check digits of tracking codes, by which a code that was mistyped or cut is told."""

import re
from collections.abc import Sequence

from webshop_orders.documents.known_codes import recognise
from webshop_orders.models import Carrier
from webshop_orders.text import check_digits
from webshop_orders.text.tracking_codes import compact

S10 = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")  # of any post; those of the shop's carriers name some countries
SSCC = re.compile(r"[0-9]{18}")  # of any sender


def is_wrong(code: str, carriers: Sequence[Carrier]) -> bool:
    """Whether a code has the form of one with a check digit, and another digit than that follows from the others."""
    text = compact(code)
    if S10.fullmatch(text):
        return not check_digits.has_s10(text)
    if SSCC.fullmatch(text):
        return not check_digits.has_gs1(text)
    return recognise(code, carriers).has_wrong_check_digit
