"""Reading a file or a paste of tracking codes, whatever the format, up to its headings."""

import re
from pathlib import PurePath

from flask_babel import gettext as _

from webshop_orders.connectors.files import text_files
from webshop_orders.connectors.tracking_files import delimited, headings, workbooks
from webshop_orders.errors import RuleViolation
from webshop_orders.models import ColumnRole
from webshop_orders.operations.tracking_files.table import Table, TableRow

# How files begin that are often sent for tables: https://en.wikipedia.org/wiki/List_of_file_signatures
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # also a workbook that is locked with a password
NO_TABLES = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"RIFF",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"II*\x00",
    b"MM\x00*",
)
MARKUP = (b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta", b"<head", b"<style", b"<script", b"<svg")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\ufffd]")  # what no program writes into a table
MAX_LINES_BEFORE_HEADINGS = 20
MIN_KNOWN_HEADINGS = 2


def read_file(data: bytes) -> Table:
    """The table in a file; raises RuleViolation with what is wrong with it."""
    if data.startswith(ZIP):
        sheet, rows = workbooks.read(data)
        return _table(rows, sheet)
    return _table(delimited.read(decoded(data)))


def decoded(data: bytes) -> str:
    """The text of a file that is no workbook; raises RuleViolation where it is no text."""
    if not data.strip():
        raise RuleViolation(_("The file is empty."))
    if data.startswith(OLD_OFFICE):
        raise RuleViolation(
            _("This is a workbook of an older kind, or one with a password. Save it as XLSX without one, or as CSV.")
        )
    beginning = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if data.startswith(NO_TABLES):
        raise RuleViolation(_("This is no workbook, whatever its name says. Choose a file of the kind CSV or XLSX."))
    if beginning.startswith(MARKUP):
        raise RuleViolation(
            _("This is a web page or XML, whatever its name says. Open it in a spreadsheet and save it as XLSX or CSV.")
        )
    encoding = text_files.detect_encoding_of(data, allows_older=True)
    return checked(data.decode(encoding, "replace"))


def checked(text: str) -> str:
    """A text; raises RuleViolation where it has what no program writes into a table."""
    if CONTROL.search(text):
        raise RuleViolation(_("This is not a table of text. Save it as CSV or XLSX."))
    return text


def read_text(text: str) -> Table:
    """The table in a text that was pasted; raises RuleViolation with what is wrong with it."""
    return _table(delimited.read(checked(text).replace("\r\n", "\n")))


def file_name(name: str | None) -> str:
    """The name of a file without its folders, which some browsers send along, as it is shown."""
    return PurePath((name or "").replace("\\", "/")).name[:100] or _("Pasted table")


def _table(rows: list[TableRow], sheet: str | None = None) -> Table:
    """Raises RuleViolation where there is no row below the headings."""
    if not rows:
        raise RuleViolation(_("There is nothing in the table."))
    at = _find_headings(rows)
    names = rows[at].cells if at is not None else []
    below = rows[at + 1 :] if at is not None else rows
    if not below:
        raise RuleViolation(_("There is nothing but headings in the table."))
    return Table(names, below, headings.recognise(names), sheet)


def _find_headings(rows: list[TableRow]) -> int | None:
    """The place of the row with the headings, below whatever stands before the table; None if there is none."""
    candidates = [headings.recognise(row.cells) for row in rows[:MAX_LINES_BEFORE_HEADINGS]]
    best = max(range(len(candidates)), key=lambda at: (len(candidates[at]), -at))
    is_known = len(candidates[best]) >= MIN_KNOWN_HEADINGS or ColumnRole.CODE in candidates[best]
    if is_known:
        return best
    # Headings that nobody knows have no digits, and the rows below have.
    first, *others = rows
    is_heading = not _has_digits(first) and any(map(_has_digits, others[:MAX_LINES_BEFORE_HEADINGS]))
    return 0 if is_heading or (not others and candidates[0]) else None


def _has_digits(row: TableRow) -> bool:
    return any(character.isdigit() for cell in row.cells for character in cell)
