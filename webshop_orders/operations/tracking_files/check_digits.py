"""Check digits of tracking codes, by which a code that was mistyped or cut is told."""

import re

from biip.checksums import gs1_standard_check_digit

from webshop_orders.text.tracking_codes import compact

S10 = re.compile(r"[A-Z]{2}([0-9]{8})([0-9])[A-Z]{2}")  # UPU S10: a service, eight digits, a check digit, a country
S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
SSCC = re.compile(r"[0-9]{18}")


def is_wrong(code: str) -> bool:
    """Whether a code has the form of one with a check digit, and another digit than that follows from the others."""
    text = compact(code)
    if match := S10.fullmatch(text):
        return _s10_check_digit(match[1]) != int(match[2])
    if SSCC.fullmatch(text):
        return gs1_standard_check_digit(text[:-1]) != int(text[-1])
    return False


def _s10_check_digit(serial: str) -> int:
    total = sum(int(digit) * weight for digit, weight in zip(serial, S10_WEIGHTS, strict=True))
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)
