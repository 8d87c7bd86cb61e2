"""Exports as files on disk: CSV, and Excel's own format, row by row, so that any number of rows fits in memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import IO, TYPE_CHECKING

from webshop_orders.text.spreadsheet import BYTE_ORDER_MARK, escaped
from webshop_orders.web.orders.export_columns import Cell

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

ENCODING = "utf-8"
# Excel's limits: https://support.microsoft.com/office/excel-specifications-and-limits-1672b34d
MAX_SHEET_ROWS = 1_048_576
MAX_CELL_CHARACTERS = 32_767
MAX_DECIMALS = 4
TIME_FORMAT = "yyyy-mm-dd hh:mm"
COLUMN_WIDTH = 16
# Texts stay texts, whatever they look like; times of a sheet have no zone.
OPTIONS = {
    "constant_memory": True,
    "strings_to_numbers": False,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "use_zip64": True,
}


def write_csv(file: IO[bytes], headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write CSV with semicolons, decimal commas and a byte order mark, which Excel in Swedish opens without asking."""
    text = io.TextIOWrapper(file, ENCODING, newline="")
    try:
        text.write(BYTE_ORDER_MARK)
        writer = csv.writer(text, delimiter=";")
        writer.writerow(headings)
        writer.writerows(map(_csv_text, row) for row in rows)
    finally:
        text.detach()


def write_xlsx(file: IO[bytes], headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a workbook whose codes and phone numbers are text, amounts numbers and times times.

    More rows than a sheet can have go into further sheets. Raises OSError where the file cannot be written.
    """
    from xlsxwriter.exceptions import FileCreateError
    from xlsxwriter.workbook import Workbook

    try:
        with Workbook(file, OPTIONS) as workbook:
            _write_sheets(workbook, headings, rows)
    except FileCreateError as error:
        raise error.args[0] from error


def _write_sheets(workbook: Workbook, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    formats = Formats(workbook)
    sheet = _new_sheet(workbook, headings, formats.bold)
    place = 1
    for row in rows:
        if place == MAX_SHEET_ROWS:
            sheet, place = _new_sheet(workbook, headings, formats.bold), 1
        for column, cell in enumerate(row):
            _write_cell(sheet, place, column, cell, formats)
        place += 1


class Formats:
    """The formats of cells; those of `amounts` by their decimals."""

    def __init__(self, workbook: Workbook) -> None:
        self.bold = workbook.add_format({"bold": True})
        self.time = workbook.add_format({"num_format": TIME_FORMAT})
        patterns = (f"0.{'0' * decimals}".rstrip(".") for decimals in range(MAX_DECIMALS + 1))
        self.amounts = [workbook.add_format({"num_format": pattern}) for pattern in patterns]


def _write_cell(sheet: Worksheet, place: int, column: int, cell: Cell, formats: Formats) -> None:
    if isinstance(cell, str):
        sheet.write_string(place, column, cell[:MAX_CELL_CHARACTERS])
    elif isinstance(cell, datetime):
        sheet.write_datetime(place, column, cell, formats.time)
    elif isinstance(cell, Decimal):
        sheet.write_number(place, column, cell, formats.amounts[_decimals(cell)])
    elif cell is not None:
        sheet.write_number(place, column, cell)


def _new_sheet(workbook: Workbook, headings: Sequence[str], bold: object) -> Worksheet:
    sheet = workbook.add_worksheet()
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(headings) - 1, COLUMN_WIDTH)
    sheet.write_row(0, 0, headings, bold)
    return sheet


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return min(max(-exponent, 0), MAX_DECIMALS) if isinstance(exponent, int) else 0


def _csv_text(cell: Cell) -> str:
    if isinstance(cell, str):
        return escaped(cell)
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, Decimal):
        return f"{cell:f}".replace(".", ",")
    return "" if cell is None else str(cell)
