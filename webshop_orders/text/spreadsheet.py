"""Cells of CSV files that people open in a spreadsheet."""

import re

BYTE_ORDER_MARK = "\ufeff"  # without which Excel does not read UTF-8
# The beginnings of text that spreadsheets take for a formula: https://owasp.org/www-community/attacks/CSV_Injection
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
# Digits that a spreadsheet would show as another number: it drops zeros and a + before them, and shows twelve or more
# with an exponent.
CODE = re.compile(r"[0+][0-9][0-9 ]*|[0-9]{12,}")
# What it would take for a day, such as 10-12 and 3/4, or for a number with an exponent, such as 12E4.
OTHER_VALUE = re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}(?:[-/.][0-9]{1,4})?|[0-9]+[Ee][0-9]+")


def escaped(text: str | None) -> str:
    """Text from outside as a spreadsheet shows it unchanged.

    What it would take for a formula gets an apostrophe; a phone number, code or what it would take for another value
    is written as a formula: ="007".
    """
    if not text:
        return ""
    if CODE.fullmatch(text) or OTHER_VALUE.fullmatch(text):
        return f'="{text}"'
    return f"'{text}" if FORMULA.match(text) else text
