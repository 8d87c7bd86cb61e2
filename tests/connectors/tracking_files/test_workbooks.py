"""Workbooks, and what spreadsheets make of codes."""

import random
import resource
import time
import zipfile
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from flask import Flask
from openpyxl import Workbook

from tests.connectors.tracking_files.workbooks import saved, with_part, workbook
from tests.web.conftest import on_sqlite
from webshop_orders.connectors.tracking_files import reading
from webshop_orders.errors import RuleViolation
from webshop_orders.models import CellNote

pytestmark = on_sqlite
HEADINGS = ["Ordernr", "Kollinr"]
SHEET = "xl/worksheets/sheet1.xml"


def test_a_workbook_is_read_with_the_numbers_of_its_rows(app: Flask) -> None:
    content = workbook([["Rapport"], [], HEADINGS, ["WS-1", "RR1SE"], [], ["WS-2", "RR2SE"]])
    table = reading.read_file(content)
    assert [(row.number, row.cells) for row in table.rows] == [(4, ["WS-1", "RR1SE"]), (6, ["WS-2", "RR2SE"])]
    assert table.sheet == "Sheet"


def test_numbers_are_texts_with_a_note_of_what_may_be_missing(app: Flask) -> None:
    def pad(book: Workbook) -> None:
        book.active["B3"].number_format = "00000000"

    values: list[Any] = [12345.0, 123, 999_999_999_999_999, 1_234_567_890_123_456, 373_500_000_000_000_123, 12.5]
    table = reading.read_file(workbook([HEADINGS, *([f"WS-{at}", value] for at, value in enumerate(values))], pad))
    assert [(row.cells[1], row.notes[1]) for row in table.rows] == [
        ("12345", CellNote.NUMBER),
        ("00000123", CellNote.PADDED),
        ("999999999999999", CellNote.NUMBER),
        ("1234567890123456", CellNote.CUT),
        ("373500000000000128", CellNote.CUT),
        ("12.5", CellNote.NUMBER),
    ]


def test_errors_are_noted_and_formulas_without_a_result_are_empty(app: Flask) -> None:
    table = reading.read_file(workbook([HEADINGS, ["WS-1", "#N/A"], ["WS-2", "=A1&A2"]]))
    assert (table.rows[0].cells[1], table.rows[0].notes[1]) == ("#N/A", CellNote.FAULT)
    assert table.rows[1].cells == ["WS-2"]


def test_of_several_sheets_the_shown_one_with_the_codes_is_read(app: Flask) -> None:
    def add(book: Workbook) -> None:
        book.active.title = "Om filen"
        old = book.create_sheet("Gamla")
        old.sheet_state = "hidden"
        for row in (HEADINGS, ["WS-9", "RR9SE"]):
            old.append(row)
        for row in (HEADINGS, ["WS-1", "RR1SE"]):
            old.parent["Koder"].append(row) if "Koder" in book.sheetnames else book.create_sheet("Koder").append(row)

    table = reading.read_file(workbook([["Exporterad 2026-11-30"]], add))
    assert (table.sheet, [row.cells[0] for row in table.rows]) == ("Koder", ["WS-1"])


def test_of_merged_cells_the_first_row_has_the_text(app: Flask) -> None:
    rows = [HEADINGS, ["WS-1", "RR1SE"], [None, "RR2SE"]]
    table = reading.read_file(workbook(rows, lambda book: book.active.merge_cells("A2:A3")))
    assert [row.cells for row in table.rows] == [["WS-1", "RR1SE"], ["", "RR2SE"]]


def test_a_wrong_dimension_hides_no_rows(app: Flask) -> None:
    content = workbook([HEADINGS, ["WS-1", "RR1SE"]])
    with zipfile.ZipFile(BytesIO(content)) as archive:
        sheet = archive.read(SHEET)
    assert b'ref="A1:B2"' in sheet
    table = reading.read_file(with_part(content, SHEET, sheet.replace(b'ref="A1:B2"', b'ref="A1"')))
    assert len(table.rows) == 1


@pytest.mark.parametrize("far", ["ZZ2", "A9000"])
def test_a_cell_far_from_the_others_costs_neither_memory_nor_time(app: Flask, far: str) -> None:
    content = workbook([HEADINGS, ["WS-1", "RR1SE"]], lambda book: book.active.__setitem__(far, "x"))
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    table = reading.read_file(content)
    assert table.rows[0].cells[:2] == ["WS-1", "RR1SE"]
    assert all(len(row.cells) <= 100 for row in table.rows)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # KB
    assert time.monotonic() - began < 5


def test_more_rows_than_are_read_are_refused_before_the_rest_is_read(app: Flask) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADINGS)
    for number in range(100_000):
        sheet.append([f"WS-{number}", "RR1SE"])
    content = saved(book)
    assert len(content) < 2 * 1024 * 1024  # so it gets as far
    with pytest.raises(RuleViolation, match=r"Tabellen har fler än 5.000 rader"):
        reading.read_file(content)


def test_what_grows_beyond_the_limit_is_refused_whatever_size_it_says_it_has(app: Flask) -> None:
    content = workbook([HEADINGS, ["WS-1", "RR1SE"]])
    bomb = with_part(content, SHEET, b"<worksheet>" + b" " * (64 * 1024 * 1024))
    assert len(bomb) < 100_000
    sizes = (64 * 1024 * 1024 + 11).to_bytes(4, "little")
    for told in (bomb, bomb.replace(sizes, (20).to_bytes(4, "little"))):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(RuleViolation, match=r"för stor när den packas upp|går inte att läsa"):
            reading.read_file(told)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 120_000  # KB


def sheet_of(rows: str) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def shared_text(text: str) -> bytes:
    """A workbook in which cells can share a text, as Excel writes it."""
    file = BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet().write(0, 0, text)
    return file.getvalue()


SHARED = '<c t="s"><v>0</v></c>'
BOMBS = {
    "cells": lambda: with_part(workbook([HEADINGS]), SHEET, sheet_of(f"<row>{'<c><v>1</v></c>' * 100}</row>" * 9_000)),
    "cells of any prefix": lambda: with_part(workbook([HEADINGS]), SHEET, sheet_of("<x:c/>" * 2_000_000)),
    "rows": lambda: with_part(workbook([HEADINGS]), SHEET, sheet_of("<row/>" * 2_000_000)),
    "a text for many": lambda: with_part(
        shared_text("x" * 30_000), SHEET, sheet_of(f"<row>{SHARED * 99}</row>" * 2_900)
    ),
    "styles": lambda: with_part(workbook([HEADINGS]), "xl/styles.xml", b"<styleSheet>" + b"<xf/>" * 1_000_000),
    "parts": lambda: many_parts(),
}


def many_parts() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "x")
        for number in range(1_000):
            archive.writestr(f"xl/{number}.xml", "x")
    return file.getvalue()


@pytest.mark.parametrize("kind", BOMBS)
def test_what_is_small_and_takes_long_to_read_is_refused(app: Flask, kind: str) -> None:
    content = BOMBS[kind]()
    assert len(content) < 500_000
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(RuleViolation, match=r"för stor när den packas upp|fler än 5.000 rader"):
        reading.read_file(content)
    assert time.process_time() - began < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KB


def test_a_workbook_in_utf_16_is_refused(app: Flask) -> None:
    sheet = sheet_of("<row><c><v>1</v></c></row>").decode().encode("utf-16")
    with pytest.raises(RuleViolation, match="Arbetsboken går inte att läsa"):
        reading.read_file(with_part(workbook([HEADINGS]), SHEET, sheet))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04 and nothing else", "Arbetsboken går inte att läsa"),
        (workbook([["x"]])[:-900], "Arbetsboken går inte att läsa"),
        (workbook([]), "Det står ingenting i tabellen"),
        (workbook([HEADINGS]), "Det finns bara rubriker"),
        (with_part(workbook([HEADINGS]), SHEET, b"<worksheet><sheetData><row><c>"), "Arbetsboken går inte att läsa"),
        (
            with_part(workbook([HEADINGS]), SHEET, b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>'),
            "Arbetsboken går inte att läsa",
        ),
    ],
    ids=["no archive", "cut off", "empty", "headings only", "broken sheet", "entities"],
)
def test_a_workbook_that_cannot_be_read_is_refused(app: Flask, content: bytes, sentence: str) -> None:
    with pytest.raises(RuleViolation, match=sentence):
        reading.read_file(content)


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ("mimetype", "Bara arbetsböcker av typen XLSX läses"),
        ("xl/workbook.bin", "Bara arbetsböcker av typen XLSX läses"),
        ("word/document.xml", "Det här är ingen arbetsbok"),
    ],
)
def test_other_archives_are_told_apart(app: Flask, part: str, sentence: str) -> None:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(part, "x")
    with pytest.raises(RuleViolation, match=sentence):
        reading.read_file(file.getvalue())


@pytest.mark.parametrize("seed", range(4))
def test_a_workbook_with_any_damage_is_read_or_refused(app: Flask, seed: int) -> None:
    chance = random.Random(seed)
    whole = workbook([HEADINGS, *([f"WS-{number}", f"RR{number}SE"] for number in range(30))])
    parts = zipfile.ZipFile(BytesIO(whole))
    for _turn in range(60):
        name = chance.choice([name for name in parts.namelist() if name.startswith(("xl/", "["))])
        damaged = bytearray(parts.read(name))
        for _place in range(chance.randint(1, 6)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        with suppress(RuleViolation):
            reading.read_file(with_part(whole, name, bytes(damaged)))
