"""Tables in text, as carriers' systems export them, spreadsheets save them and people copy them."""

import pytest
from flask import Flask

from tests.web.conftest import on_sqlite
from webshop_orders.connectors.tracking_files import reading
from webshop_orders.connectors.tracking_files.limits import MAX_ROWS
from webshop_orders.errors import RuleViolation
from webshop_orders.models import CellNote, ColumnRole

pytestmark = on_sqlite
ROLES = {ColumnRole.ORDER: 0, ColumnRole.CODE: 1}


def lines(*rows: str, end: str = "\r\n") -> str:
    return end.join(rows) + end


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_the_headings_known(app: Flask, delimiter: str) -> None:
    table = reading.read_file(delimiter.join(["Ordernr", "Kollinr\r\nWS-1", "RR1SE\r\n"]).encode())
    assert table.columns == ROLES
    assert [(row.number, row.cells) for row in table.rows] == [(2, ["WS-1", "RR1SE"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp850"])
def test_an_encoding_that_excel_saves_in_is_recognised(app: Flask, encoding: str) -> None:
    text = lines("Ordernr;Spårningsnr;Transportör;Mottagare", "WS-1;RR1SE;Åkeriet;Örjan")
    table = reading.read_file(text.encode(encoding))
    assert table.columns == {**ROLES, ColumnRole.CARRIER: 2}
    assert table.rows[0].cells == ["WS-1", "RR1SE", "Åkeriet", "Örjan"]


@pytest.mark.parametrize("above", ["sep=;", '"sep=;"', "Rapport från Unifaun", "Period;2026-11-30", ";;;"])
def test_a_row_has_the_number_that_it_has_in_the_file_whatever_is_above_the_headings(app: Flask, above: str) -> None:
    table = reading.read_file(lines(above, "", "Ordernr;Kollinr", "WS-1;RR1SE", "", "WS-2;RR2SE").encode())
    assert [(row.number, row.cells[0]) for row in table.rows] == [(4, "WS-1"), (6, "WS-2")]


def test_codes_of_one_service_are_not_parted_at_the_letter_that_they_share(app: Flask) -> None:
    codes = [f"RR{number:09}SE" for number in range(20)]
    table = reading.read_text(lines(*codes))
    assert [row.cells for row in table.rows] == [[code] for code in codes]


def test_a_quoted_quotation_mark_is_one_though_the_sample_has_none(app: Flask) -> None:
    rows = [f"WS-{number};RR{number}SE;Kund" for number in range(4_000)]
    table = reading.read_text(lines("Order;Kollinr;Mottagare", *rows, 'WS-9;RR9SE;"Firma ""Ljus"", AB"'))
    assert table.rows[-1].cells == ["WS-9", "RR9SE", 'Firma "Ljus", AB']


def test_what_is_copied_from_a_spreadsheet_and_lines_apart_by_blanks_are_tables(app: Flask) -> None:
    assert reading.read_text("Order\tKollinr\nWS-1\tRR1SE").rows[0].cells == ["WS-1", "RR1SE"]
    pasted = reading.read_text("WS-1  RR1SE\nWS-2 RR2SE\n")
    assert [row.cells for row in pasted.rows] == [["WS-1", "RR1SE"], ["WS-2", "RR2SE"]]
    assert pasted.headings == []


@pytest.mark.parametrize("kept", ['"=""00123"""', "'00123", '"00123"'])
def test_digits_that_a_program_protects_from_spreadsheets_keep_their_zeros(app: Flask, kept: str) -> None:
    assert reading.read_text(lines("Order;Kollinr", f"WS-1;{kept}")).rows[0].cells[1] == "00123"


@pytest.mark.parametrize("shortened", ["3,735E+17", "3.735E+17", "4E+19"])
def test_a_code_that_a_spreadsheet_shortened_is_noted(app: Flask, shortened: str) -> None:
    assert reading.read_text(lines("Order;Kollinr", f"WS-1;{shortened}")).rows[0].notes == {1: CellNote.CUT}


@pytest.mark.parametrize(
    ("headings", "roles"),
    [
        ("Order no.;Parcel no.;Carrier;Ship date", {"order": 0, "code": 1, "carrier": 2, "sent": 3}),
        ("Ordrenummer;Sporingsnummer;Transportør;Sendt", {"order": 0, "code": 1, "carrier": 2, "sent": 3}),
        ("Tilausnumero;Seurantakoodi;Kuljetusliike;Lähetyspäivä", {"order": 0, "code": 1, "carrier": 2, "sent": 3}),
        ("order_id;tracking_provider;tracking_number;date_shipped", {"order": 0, "carrier": 1, "code": 2, "sent": 3}),
        ("Sändningsnr;Kollinr;Avs. referens;Tjänst", {"code": 1, "reference": 2, "carrier": 3}),
        ("Sändningsnr;Mott. referens;Avs. referens", {"code": 0, "reference": 2}),
        ("Shipment ID;Tracking number;Reference", {"code": 1, "reference": 2}),
        ("Package number;Reference;Order reference", {"code": 0, "reference": 1, "order": 2}),
        ("Stregkode;Afsenders reference;Fragtfirma", {"code": 0, "reference": 1, "carrier": 2}),
    ],
)
def test_headings_of_carriers_tell_their_columns(app: Flask, headings: str, roles: dict[str, int]) -> None:
    table = reading.read_text(lines(headings, "1;2;3;4"))
    assert table.columns == roles


def test_headings_that_nobody_knows_are_headings_all_the_same(app: Flask) -> None:
    table = reading.read_text(lines("Alfa;Beta", "WS-1;RR123SE"))
    assert (table.headings, len(table.rows)) == (["Alfa", "Beta"], 1)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Filen är tom."),
        (b" \r\n\r\n", "Filen är tom."),
        (b";;;\r\n;;;\r\n", "Det står ingenting i tabellen."),
        (b"Ordernr;Kollinr\r\n", "Det finns bara rubriker i tabellen."),
        (b'Ordernr;Kollinr\r\nWS-1;"RR1SE\r\nWS-2;RR2SE\r\n', "Rad 2 går inte att läsa"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "Det här är ingen arbetsbok"),
        (b"\xff\xd8\xff\xe0", "Det här är ingen arbetsbok"),
        (b"%PDF-1.7\n", "Det här är ingen arbetsbok"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "arbetsbok av äldre slag, eller en med lösenord"),
        (b"<html><table><tr><td>WS-1</table>", "Det här är en webbsida eller XML"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><ss:Workbook/>", "Det här är en webbsida eller XML"),
        (bytes(range(256)) * 9, "Det här är ingen tabell i text."),
        (b"\x01\x02\x03\x04;\x05", "Det här är ingen tabell i text."),
    ],
)
def test_what_is_no_table_is_refused_with_what_it_is(app: Flask, content: bytes, sentence: str) -> None:
    with pytest.raises(RuleViolation, match=sentence):
        reading.read_file(content)


def test_more_rows_than_are_read_are_refused_and_as_many_are_not(app: Flask) -> None:
    rows = [f"WS-{number};RR{number}SE" for number in range(MAX_ROWS)]
    assert len(reading.read_text(lines("Order;Kollinr", *rows)).rows) == MAX_ROWS
    with pytest.raises(RuleViolation, match=r"Tabellen har fler än 5.000 rader"):
        reading.read_text(lines("Order;Kollinr", *rows, "WS-1;RR1SE"))


def test_a_cell_of_any_length_is_cut_and_a_row_of_any_width(app: Flask) -> None:
    table = reading.read_text(lines("Order;Kollinr", f"WS-1;{'9' * 100_000};{';' * 5_000}"))
    assert [len(cell) for cell in table.rows[0].cells[:2]] == [4, 300]
    assert len(table.rows[0].cells) == 100
