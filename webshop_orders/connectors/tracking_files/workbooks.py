"""XLSX workbooks, read by openpyxl row by row.

Not by calamine, which some workbooks make end the process (docs/decisions.md).
openpyxl keeps the rows that it has, tells how a number is shown, and which cells hold an error.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors.tracking_files import headings
from webshop_orders.connectors.tracking_files.limits import MAX_CELL_LENGTH, MAX_COLUMNS, check_row_count
from webshop_orders.errors import DomainError, RuleViolation
from webshop_orders.models import CellNote
from webshop_orders.operations.tracking_files.table import TableRow

MAX_UNPACKED = 32 * 1024 * 1024
MAX_PARTS = 500  # of a workbook, which is an archive of files
MAX_CELLS = 300_000  # with rows and texts that cells share: openpyxl reads some 70 000 a second
MAX_OTHER_ELEMENTS = 50_000  # of a part without cells, such as that of the styles
MAX_SHEETS = 30
MAX_TEXT = 8_000_000  # characters of all cells: those that share a text have it in the archive once
SAMPLE_ROWS = 20
MAX_EXACT = 10**15  # spreadsheets keep 15 digits of a number
ZEROS = re.compile(r"(0+)(?:;.*)?")
# What is read of the archive; pictures, macros and links to other files are not.
PARTS = re.compile(r"\[Content_Types\]\.xml|(?:.*/)?_rels/[^/]*\.rels|xl/(?:worksheets/)?[^/]+\.xml")
CELL_PARTS = ("xl/worksheets/", "xl/sharedStrings")
CELL = re.compile(rb"<(?:[\w.-]+:)?(?:c|row|si)[\s/>]")
ROW = re.compile(rb"<(?:[\w.-]+:)?row[\s/>]")
DOCTYPE = re.compile(rb"<!\s*DOCTYPE", re.IGNORECASE)  # workbooks have none, and entities could grow without end


def read(data: bytes) -> tuple[str, list[TableRow]]:
    """The name of the sheet that has the codes, and its rows that are not empty.

    A sheet that is shown is read before a hidden one, and one with known headings before others. Raises RuleViolation
    for what is no workbook, for one too large, and for one without any rows.
    """
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that have nothing to do with the cells
            book = load_workbook(_repack(data), read_only=True, data_only=True, keep_links=False)
            sheets = sorted(book.worksheets[:MAX_SHEETS], key=lambda sheet: sheet.sheet_state != "visible")
            best = max(sheets, key=_rank, default=None)
            rows = list(_rows(best)) if best is not None else []
            return (best.title if best is not None else ""), rows
    except DomainError:
        raise
    except Exception as error:  # openpyxl raises whatever comes of a part that is not as it should be
        raise RuleViolation(_("This workbook cannot be read. Save it anew as XLSX, or as CSV.")) from error


def _repack(data: bytes) -> BytesIO:
    """The parts of a workbook that are read, unpacked within the limits whatever their sizes are said to be."""
    packed, size, cells = BytesIO(), 0, 0
    with zipfile.ZipFile(BytesIO(data)) as archive, zipfile.ZipFile(packed, "w") as repacked:
        names = {info.filename: info for info in archive.infolist()}
        _check_kind(set(names))
        if len(names) > MAX_PARTS:
            raise _too_large()
        for name, info in names.items():
            if PARTS.fullmatch(name):
                with archive.open(info) as part:
                    content = part.read(MAX_UNPACKED - size + 1)
                size += len(content)
                has_cells = name.startswith(CELL_PARTS)
                cells += sum(1 for _cell in CELL.finditer(content)) if has_cells else 0
                others = 0 if has_cells else content.count(b"<")
                if size > MAX_UNPACKED or cells > MAX_CELLS or others > MAX_OTHER_ELEMENTS:
                    check_row_count(sum(1 for _row in ROW.finditer(content)))
                    raise _too_large()
                if DOCTYPE.search(content) or b"\x00" in content:  # as there is in UTF-16, which would hide the rest
                    raise RuleViolation(_("This workbook cannot be read. Save it anew as XLSX, or as CSV."))
                repacked.writestr(name, content)
    return packed


def _check_kind(names: set[str]) -> None:
    if "xl/workbook.xml" in names:
        return
    if "mimetype" in names or "xl/workbook.bin" in names:
        raise RuleViolation(_("Only workbooks of the kind XLSX are read. Save it as XLSX, or as CSV."))
    raise RuleViolation(_("This is no workbook, whatever its name says. Choose a file of the kind CSV or XLSX."))


def _too_large() -> RuleViolation:
    return RuleViolation(_("The workbook is too large once unpacked. Save only the sheet with the codes, as CSV."))


def _rank(sheet: Any) -> tuple[bool, int, bool]:
    """Whether a sheet is shown and has rows, how many of its headings are known, and whether it has rows at all."""
    sample = []
    for row in _rows(sheet):
        sample.append(row.cells)
        if len(sample) == SAMPLE_ROWS:
            break
    known = max((len(headings.recognise(cells)) for cells in sample), default=0)
    return sheet.sheet_state == "visible" and bool(sample), known, bool(sample)


def _rows(sheet: Any) -> Iterator[TableRow]:
    sheet.reset_dimensions()  # some programs write wrong ones, which openpyxl would believe
    count = length = 0
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if not cells:  # as all those are above a cell far below
            continue
        row = _row(number, cells[:MAX_COLUMNS])
        if any(row.cells):
            count += 1
            check_row_count(count)
            length += sum(map(len, row.cells))
            if length > MAX_TEXT:
                raise _too_large()
            yield row


def _row(number: int, cells: tuple[Any, ...]) -> TableRow:
    texts: list[str] = []
    notes: dict[int, CellNote] = {}
    for column, cell in enumerate(cells):
        text, note = _read_cell(cell)
        texts.append(text)
        if note is not None:
            notes[column] = note
    while texts and not texts[-1]:
        texts.pop()
    return TableRow(number, texts, notes)


def _read_cell(cell: Any) -> tuple[str, CellNote | None]:
    """The text of a cell as the spreadsheet shows it, and what the text does not tell."""
    value = cell.value
    if value is None:
        return "", None
    if cell.data_type == "e":
        return str(value), CellNote.FAULT
    if isinstance(value, bool):
        return ("1" if value else "0"), None
    if isinstance(value, int | float):
        return _read_number(value, cell.number_format)
    if isinstance(value, datetime):
        return str(value.date() if value.time() == time() else value), None
    if isinstance(value, date | time | timedelta):
        return str(value), None
    return str(value).replace("\u00a0", " ").strip()[:MAX_CELL_LENGTH], None


def _read_number(value: int | float, number_format: str) -> tuple[str, CellNote]:
    if abs(value) >= MAX_EXACT:
        return f"{value:.0f}", CellNote.CUT
    text = str(int(value)) if value == int(value) else repr(value)
    zeros = ZEROS.fullmatch(number_format)
    if zeros and text.isdigit() and len(zeros[1]) > len(text):
        return text.zfill(len(zeros[1])), CellNote.PADDED
    return text, CellNote.NUMBER
