"""Workbooks as spreadsheets and programs write them."""

import io
import zipfile
from collections.abc import Callable, Iterable
from typing import Any

from openpyxl import Workbook

Cells = Iterable[Iterable[Any]]


def workbook(rows: Cells, change: Callable[[Workbook], object] = lambda book: None) -> bytes:
    """A workbook with these rows in its first sheet, changed as a test needs it."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    change(book)
    return saved(book)


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """The workbook with a part of its archive replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            if info.filename != name:
                target.writestr(info.filename, source.read(info.filename))
        target.writestr(name, part)
    return file.getvalue()
