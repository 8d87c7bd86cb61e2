"""CSV files as spreadsheets save them again: the orders in them are the same."""

from pathlib import Path

import pytest
from flask import Flask

from tests.connectors.files.reading import read_orders
from tests.connectors.files.shopify_rows import ROWS, csv_of
from tests.web.conftest import on_sqlite
from webshop_orders.connectors.files import tables
from webshop_orders.errors import RuleViolation

pytestmark = on_sqlite


def read_bytes(folder: Path, content: bytes) -> list[str]:
    path = folder / "orders.csv"
    path.write_bytes(content)
    return [
        f"{order.external_reference} {order.billing_address.city} {order.totals.total}" for order in read_orders(path)
    ]


EXPECTED = ["shopify-450789469 Luleå 64700", "shopify-450789470 Luleå 9000"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_the_headings_known(app: Flask, tmp_path: Path, delimiter: str) -> None:
    assert read_bytes(tmp_path, csv_of(ROWS, delimiter=delimiter).encode()) == EXPECTED


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman", "cp850"])
def test_an_encoding_that_excel_saves_in_is_recognised(app: Flask, tmp_path: Path, encoding: str) -> None:
    assert read_bytes(tmp_path, csv_of(ROWS).encode(encoding)) == EXPECTED


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_of_any_system_are_read(app: Flask, tmp_path: Path, line_end: str) -> None:
    rows = [{**row, "Notes": ""} for row in ROWS]
    assert read_bytes(tmp_path, csv_of(rows).replace("\r\n", line_end).encode()) == EXPECTED


@pytest.mark.parametrize("first_lines", ["sep=;\r\n", '"sep=;"\r\n', "\r\n;;\r\n", "Export från Shopify\r\n\r\n"])
def test_lines_above_the_headings_are_passed_over(app: Flask, tmp_path: Path, first_lines: str) -> None:
    assert read_bytes(tmp_path, (first_lines + csv_of(ROWS, delimiter=";")).encode()) == EXPECTED


def test_headings_in_other_case_or_with_blanks_are_the_same(app: Flask, tmp_path: Path) -> None:
    headings, _line_end, rest = csv_of(ROWS).partition("\r\n")
    changed = ",".join(f" {heading.upper()}\u00a0" for heading in headings.split(","))
    assert read_bytes(tmp_path, f"\ufeff{changed}\r\n{rest}".encode()) == EXPECTED


def test_rows_that_were_saved_as_one_quoted_cell_are_taken_apart(app: Flask, tmp_path: Path) -> None:
    headings, *rows = csv_of([{**row, "Notes": 'Ring "snart", tack'} for row in ROWS]).splitlines()
    quoted = ['"' + row.replace('"', '""') + '"' for row in rows]
    assert read_bytes(tmp_path, "\r\n".join([headings, *quoted]).encode("utf-8-sig")) == EXPECTED


def test_rows_of_empty_cells_are_passed_over(app: Flask, tmp_path: Path) -> None:
    assert read_bytes(tmp_path, f"{csv_of(ROWS)}{',' * 40}\r\n\r\n".encode()) == EXPECTED


def test_missing_columns_are_named_and_no_others(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    columns = [name for name in ROWS[0] if name not in {"Lineitem price", "Created at"}]
    path.write_text(csv_of(ROWS, columns=columns), encoding="utf-8")
    with pytest.raises(RuleViolation) as refusal:
        read_orders(path)
    sentence = str(refusal.value)
    assert "Created at, Lineitem price" in sentence
    assert "Lineitem name" not in sentence


@pytest.mark.parametrize(
    "text", ["a,b\n1,2\n", "Name\n1\n", "nej", csv_of(ROWS)[:-30] + '"', "Name,Lineitem name\n1,\x002\n", csv_of([])]
)
def test_what_is_no_export_is_refused_in_one_sentence(app: Flask, tmp_path: Path, text: str) -> None:
    with pytest.raises(RuleViolation) as refusal:
        read_bytes(tmp_path, text.encode())
    assert "\n" not in str(refusal.value)


def test_an_apostrophe_before_digits_is_not_part_of_them(app: Flask) -> None:
    row = {"zip": "'75320", "name": "O'Hara"}
    assert (tables.cell(row, "Zip"), tables.cell(row, " NAME"), tables.cell(row, "City")) == ("75320", "O'Hara", "")
