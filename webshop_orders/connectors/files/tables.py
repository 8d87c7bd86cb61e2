"""Tables in CSV files, as shop systems export them and as spreadsheets save them again."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TextIO

from flask_babel import gettext as _

from webshop_orders.connectors.files import text_files
from webshop_orders.errors import RuleViolation

DELIMITERS = ",;\t|"
MAX_FIELD_LENGTH = 100_000
MAX_LINES_BEFORE_HEADER = 20
DELIMITER_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)

Row = dict[str, str]


@dataclass(frozen=True)
class Layout:
    """How a table is written: `columns` are its headings, and `start` is how many lines are above its first row."""

    path: Path
    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    start: int

    def has(self, *columns: str) -> bool:
        """Whether the table has all of these columns, whatever the case and the blanks of its headings."""
        return {normalise(column) for column in columns} <= set(self.columns)

    def missing(self, columns: Iterable[str]) -> list[str]:
        return [column for column in columns if not self.has(column)]


@lru_cache(maxsize=1024)  # asked for each cell
def normalise(heading: str) -> str:
    """A heading by which columns are found: without what spreadsheets and people add to it."""
    return re.sub(r"\s+", " ", heading.replace("\ufeff", "").replace("\u00a0", " ")).strip(" '\"").casefold()


def read_layout(path: Path, known_columns: Iterable[str]) -> Layout | None:
    """The layout of a table that has some of these columns; None if no delimiter makes it have at least two.

    The right delimiter is the one with which most of the headings are known. Raises OSError, and UnicodeDecodeError.
    """
    encoding = text_files.detect_encoding(path, allows_older=True)
    known = {normalise(column) for column in known_columns}
    best, best_count = None, 1
    with text_files.open_text(path, encoding) as file:
        for index, line in zip(range(MAX_LINES_BEFORE_HEADER), _lines(file), strict=False):
            for delimiter in DELIMITERS:
                columns = tuple(normalise(cell) for cell in _split(line, delimiter))
                count = len(known.intersection(columns))
                if count > best_count:
                    best, best_count = Layout(path, encoding, delimiter, columns, index + 1), count
            if best:
                break
    return best


def rows(layout: Layout) -> Iterator[Row]:
    """The rows of a table, by normalised heading, without empty ones; raises RuleViolation for what is no CSV."""
    with _field_limit(), text_files.open_text(layout.path, layout.encoding) as file:
        lines = _lines(file)
        for _index in range(layout.start):
            next(lines)
        try:
            for cells in csv.reader(lines, delimiter=layout.delimiter, strict=True):
                row = dict(zip(layout.columns, _cells(cells, layout), strict=False))
                if any(value.strip() for value in row.values()):
                    yield row
        except csv.Error as error:
            raise RuleViolation(_("This is no CSV: %(reason)s.", reason=error)) from None


def cell(row: Mapping[str, str], column: str) -> str:
    """The text of a cell, without the apostrophe by which spreadsheets keep digits as text; empty without a column."""
    text = row.get(normalise(column), "")
    if not text:
        return text
    text = text.strip()
    return text[1:].strip() if text.startswith("'") else text


def texts(row: Mapping[str, str], *columns: str) -> dict[str, str]:
    """The texts of cells by the names of their columns, for those who read JSON alike."""
    return {column: cell(row, column) for column in columns}


def pairs(text: str) -> list[tuple[str, str]]:
    """Names and values that are written one per line, such as `Engraving: Ada`; a line without a name goes on."""
    pairs: list[tuple[str, str]] = []
    for line in text.splitlines():
        name, separator, value = line.partition(":")
        if separator and name.strip():
            pairs.append((name.strip(), value.strip()))
        elif pairs:
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]}\n{line}")
        elif line.strip():
            pairs.append((_("Note"), line.strip()))
    return pairs


def _cells(cells: list[str], layout: Layout) -> list[str]:
    """The cells of a row: a spreadsheet that took the whole row for one cell has put it in quotes."""
    if len(layout.columns) > 1 and cells and layout.delimiter in cells[0] and not any(cells[1:]):
        return _split(cells[0], layout.delimiter)
    return cells


def _split(line: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
        if len([cell for cell in cells if cell]) == 1 and delimiter in cells[0]:
            cells = next(csv.reader([cells[0]], delimiter=delimiter), [])
    except csv.Error:
        return []
    return cells


def _lines(file: TextIO) -> Iterator[str]:
    """The lines of a file, without the one that tells Excel the delimiter."""
    for index, line in enumerate(file):
        if "\x00" in line:
            raise RuleViolation(_("This is no CSV: %(reason)s.", reason="NUL"))
        if index == 0 and DELIMITER_LINE.fullmatch(line.lstrip("\ufeff").strip("\"' \r\n") or "-"):
            continue
        yield line


@contextmanager
def _field_limit() -> Iterator[None]:
    before = csv.field_size_limit(MAX_FIELD_LENGTH)
    try:
        yield
    finally:
        csv.field_size_limit(before)
