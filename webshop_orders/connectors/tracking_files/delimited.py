"""Tables in text: CSV with any of the usual delimiters, cells of a spreadsheet, or columns apart by blanks."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice

from flask_babel import gettext as _

from webshop_orders.connectors.tracking_files import headings
from webshop_orders.connectors.tracking_files.limits import MAX_CELL_LENGTH, MAX_COLUMNS, check_row_count
from webshop_orders.errors import RuleViolation
from webshop_orders.models import CellNote
from webshop_orders.operations.tracking_files.table import TableRow

DELIMITERS = ";,\t|"
DELIMITER_LINE = re.compile(r"\s*[\"']?sep=(.)[\"']?\s*", re.IGNORECASE)
SAMPLE_LENGTH = 64 * 1024
SAMPLE_ROWS = 20
FORMULA_TEXT = re.compile(
    r"=\s*\"(.*)\"", re.DOTALL
)  # by which programs keep a spreadsheet from taking it for a number
SHORTENED = re.compile(r"[0-9]+(?:[.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)
BLANKS = re.compile(r"\s+")
MAX_WORDS = 3  # of a line of columns that are apart by blanks


def read(text: str) -> list[TableRow]:
    """The rows of a text that are not empty; raises RuleViolation for what is no table, or too long a one."""
    text = text.removeprefix("\ufeff")
    lines, skipped = _without_delimiter_line(text)
    delimiter = skipped or _delimiter(lines)
    rows = read_with(lines, delimiter, first=2 if skipped else 1)
    return rows if delimiter else _split_at_blanks(rows)


def read_with(text: str, delimiter: str | None, first: int = 1) -> list[TableRow]:
    """The rows of a text that are not empty, of which this delimiter parts the cells; raises RuleViolation."""
    return [row for row in _rows(text, delimiter, first) if any(row.cells)]


def _rows(text: str, delimiter: str | None, first: int) -> Iterator[TableRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or "\x1f", doublequote=True, strict=True)
    number, count = first, 0
    try:
        for values in reader:
            count += any(values)
            check_row_count(count)
            yield _row(number, values[:MAX_COLUMNS])
            number = first + reader.line_num
    except csv.Error:
        raise RuleViolation(
            _("Row %(row)s cannot be read: a quotation mark in it, or before it, is not closed.", row=number)
        ) from None


def _row(number: int, values: list[str]) -> TableRow:
    cells = [_cell(value) for value in values]
    return TableRow(
        number, cells, {column: CellNote.CUT for column, cell in enumerate(cells) if SHORTENED.fullmatch(cell)}
    )


def _cell(value: str) -> str:
    text = value.replace("\u00a0", " ").strip()
    if match := FORMULA_TEXT.fullmatch(text):
        text = match[1].replace('""', '"').strip()
    return text.removeprefix("'")[:MAX_CELL_LENGTH]


def _without_delimiter_line(text: str) -> tuple[str, str | None]:
    """The text below the line that tells Excel the delimiter, and that delimiter."""
    line, _end, rest = text.partition("\n")
    match = DELIMITER_LINE.fullmatch(line)
    return (rest, match[1]) if match and match[1] in DELIMITERS else (text, None)


def _delimiter(text: str) -> str | None:
    """The delimiter with which most headings are known, else the one that parts the lines alike; None for one column.

    `csv.Sniffer` would otherwise take a letter that all codes have for one, and it fails where there is one column.
    """
    sample = text[:SAMPLE_LENGTH]
    known = {delimiter: _known_headings(sample, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: known[delimiter])
    if known[best] > 1:
        return best
    try:
        return csv.Sniffer().sniff(sample[: sample.rfind("\n") + 1] or sample, delimiters=DELIMITERS).delimiter
    except csv.Error:
        return next((delimiter for delimiter in "\t;" if delimiter in sample), None)


def _known_headings(sample: str, delimiter: str) -> int:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        return max((len(headings.recognise(values)) for values in islice(reader, SAMPLE_ROWS)), default=0)
    except csv.Error:
        return 0


def _split_at_blanks(rows: list[TableRow]) -> list[TableRow]:
    """The columns of lines such as `WS-100234 RR123456785SE`, if all lines have as many."""
    words = [BLANKS.split(row.cells[0]) for row in rows]
    counts = {len(line) for line in words}
    if len(counts) != 1 or not 1 < counts.pop() <= MAX_WORDS:
        return rows
    return [_row(row.number, line) for row, line in zip(rows, words, strict=True)]
