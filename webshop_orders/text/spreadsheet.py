"""Cells of CSV files that people open in a spreadsheet."""

import re

BYTE_ORDER_MARK = "\ufeff"  # without which Excel does not read UTF-8
# The beginnings of text that spreadsheets take for a formula: https://owasp.org/www-community/attacks/CSV_Injection
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


def escaped(text: str | None) -> str:
    """Text from outside, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text and FORMULA.match(text) else text or ""
