"""Carriers by the form of their tracking codes.

S10 of the Universal Postal Union ends in a check digit and the country whose post has the parcel. SSCC of GS1 have the
prefix of the company that gave the number: a carrier, or a sender, whose number says nothing of the carrier.
"""

import re

from webshop_orders.text.tracking_codes import clean, compact

S10 = re.compile(r"[A-Z]{2}([0-9]{8})([0-9])(SE|DK|NO|FI|AX|DE)")
S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
POSTS = {"SE": "PostNord", "DK": "PostNord", "NO": "Bring", "FI": "Posti", "AX": "Posti", "DE": "DHL"}
GROUPED_DIGITS = re.compile(r"[0-9]{9,}")
UPS = re.compile(r"1Z[0-9A-Z]{16}")
SSCC = re.compile(r"(?:00)?([0-9]{18})")
# The digits of an SSCC that begin with those of a carrier, after the 00 that says that it is one.
SSCC_PREFIXES = {"37073": "PostNord", "37350048": "PostNord", "3704": "Bring"}
PREFIXES = {"JJFI": "Posti", "JJD": "DHL", "JVGL": "DHL"}  # of licence plates, ISO 15459


def find_carrier(code: str) -> str | None:
    """The name of the known carrier whose codes have this form, if it can be no other's."""
    text = compact(code)
    if match := S10.fullmatch(text):
        return POSTS[match[3]] if _s10_check_digit(match[1]) == int(match[2]) else None
    if UPS.fullmatch(text):
        return "UPS"
    if match := SSCC.fullmatch(text):
        return _beginning(match[1], SSCC_PREFIXES)
    return _beginning(text, PREFIXES)


def normalise(text: str) -> str:
    """A code as it is noted: without invisible characters, and without the spaces of digits in groups.

    So it is found by what a scanner reads; other codes may have spaces that belong to them.
    """
    code = clean(text)
    without_spaces = code.replace(" ", "")
    is_grouped = GROUPED_DIGITS.fullmatch(without_spaces) or find_carrier(without_spaces)
    return without_spaces if is_grouped else code


def _beginning(code: str, carriers: dict[str, str]) -> str | None:
    return next((name for prefix, name in carriers.items() if code.startswith(prefix)), None)


def _s10_check_digit(serial: str) -> int:
    total = sum(int(digit) * weight for digit, weight in zip(serial, S10_WEIGHTS, strict=True))
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)
