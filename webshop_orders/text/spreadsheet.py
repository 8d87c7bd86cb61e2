"""Cells of CSV files that people open in a spreadsheet."""

import re

BYTE_ORDER_MARK = "\ufeff"  # without which Excel does not read UTF-8
# The beginnings of text that spreadsheets take for a formula: https://owasp.org/www-community/attacks/CSV_Injection
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
# A phone number is none, and tools that read it would take an apostrophe for a part of it.
PHONE = re.compile(r"\+[0-9][0-9 ]*")
# Digits that a spreadsheet would show as another number: it drops zeros before them, and keeps 15 digits of a number.
CODE = re.compile(r"0[0-9]+|[0-9]{16,}")


def escaped(text: str | None) -> str:
    """Text from outside as a spreadsheet shows it unchanged.

    What it would take for a formula gets an apostrophe, and a code of digits is written as a formula: ="007".
    """
    if not text or PHONE.fullmatch(text):
        return text or ""
    if CODE.fullmatch(text):
        return f'="{text}"'
    return f"'{text}" if FORMULA.match(text) else text
