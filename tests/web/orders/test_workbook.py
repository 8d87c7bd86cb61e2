"""The list as a workbook: a row for each order or each line; codes are texts, amounts numbers, and times times."""

import errno
import gc
import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import IO, Any

import pytest
from openpyxl import load_workbook
from openpyxl.cell import Cell
from werkzeug.test import TestResponse

from tests.factories import ASA, LULEA, make_order, make_product
from tests.web.conftest import Browser, SignIn, on_sqlite
from tests.web.orders.test_export import exported
from tests.web.pages import Page
from webshop_orders.documents.order import NewLine
from webshop_orders.models import Actor, Role
from webshop_orders.operations.orders import shipments, splits, tracking
from webshop_orders.transactions.unit_of_work import editing
from webshop_orders.web.http import made_files
from webshop_orders.web.orders import export_files

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
LINES = "/orders.xlsx?rows=lines"
CODES = ["007", "000123", "0701112233", "12345678901234567890", "1E5", "2026-11-02", "TRUE", "=1+1", "-2+3", "@SUM(A1)"]


def cells(response: TestResponse) -> list[dict[str, Cell]]:
    """The rows of all sheets, each by its headings."""
    assert response.status_code == 200, response.text
    assert response.content_length == len(response.data)
    rows = []
    for sheet in load_workbook(io.BytesIO(response.data)).worksheets:
        header, *body = sheet.iter_rows()
        headings = [cell.value for cell in header]
        assert len(set(headings)) == len(headings), headings
        rows += [dict(zip(headings, row, strict=True)) for row in body]
    return rows


def values(browser: Browser, url: str) -> list[dict[str, Any]]:
    return [{heading: cell.value for heading, cell in row.items()} for row in cells(browser.get(url))]


@on_sqlite
@pytest.mark.parametrize("role", [Role.VIEWER, Role.WAREHOUSE])
def test_roles_that_change_no_orders_export_nothing(sign_in: SignIn, role: Role) -> None:
    browser = sign_in(role)
    assert browser.get("/orders.xlsx").status_code == browser.get(LINES).status_code == 403
    assert "orders.xlsx" not in browser.get("/orders").text


def test_an_order_is_a_row_with_its_addresses(staff: Browser) -> None:
    make_order(
        ("LJUS-12", 3),
        placed_at=NOON,
        number="007",
        shop_number="#1042",
        external_reference="000123",
        customer=replace(ASA, company="Sjöboden AB", organisation_number="556677-8899", phone="+46 70 111 22 33"),
        shipping_address=replace(LULEA, street2="c/o Ek", phone="0701112233", pickup_point="ICA Nära"),
        billing_address=replace(LULEA, name="Ekonomi", city="Boden", postal_code="01234"),
    )
    response = staff.get("/orders.xlsx")
    (order,) = cells(response)

    assert response.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert response.headers["Content-Disposition"].endswith(".xlsx")
    assert order["Lagd"].value == datetime(2026, 11, 2, 13)
    assert (order["Summa"].value, order["Summa"].number_format) == (300, "0.00")
    expected = {
        "Order": "007",
        "Butikens nummer": "#1042",
        "Referens": "000123",
        "Namn": "Åsa Öberg",
        "Företag": "Sjöboden AB",
        "Organisationsnummer": "556677-8899",
        "Telefon": "+46 70 111 22 33",
        "Antal": 3,
        "Leveransadress: Gata": "Storgatan 1",
        "Leveransadress: Gata, rad två": "c/o Ek",
        "Leveransadress: Postnummer": "972 31",
        "Leveransadress: Telefon": "0701112233",
        "Leveransadress: Utlämningsställe": "ICA Nära",
        "Fakturaadress: Namn": "Ekonomi",
        "Fakturaadress: Postnummer": "01234",
        "Fakturaadress: Ort": "Boden",
        "Fakturaadress: Land": "SE",
        "Valuta": "SEK",
    }
    assert {heading: order[heading].value for heading in expected} == expected
    assert {order[heading].data_type for heading in expected} == {"s", "n"}
    assert order["Order"].data_type == order["Referens"].data_type == order["Telefon"].data_type == "s"


def test_each_line_is_a_row_with_its_shipment(staff: Browser, anna: Actor) -> None:
    make_product("LJUS-12", name="Stearinljus", stock=3, backorderable=True)
    lines = [
        NewLine(sku="LJUS-12", name="Stearinljus", quantity=5, unit_price=19_900, vat_rate=2500, discount=4_800),
        NewLine(sku="007", name="=1+1", quantity=2, unit_price=1_050, vat_rate=1250),
    ]
    order = make_order(lines=lines)
    with editing(order.number, None, anna) as current:
        splits.split(list(current.lines)[1], 2, to=None, by=anna)
        for code in ("RR123456785SE", "00370730254698741239"):
            tracking.add(current.shipments[1], code, "PostNord", None, by=anna)
        shipments.ship(current.shipments[1], by=anna)

    first, second = values(staff, LINES)

    shown = ("Försändelse", "Artikelnr", "Produkt", "Antal", "Varav restnoterade", "À-pris", "Rabatt", "Summa")
    assert [first[heading] for heading in shown] == [
        f"{order.number}-1", "LJUS-12", "Stearinljus", 5, 2, 199, 48, 947,
    ]  # fmt: skip
    assert [second[heading] for heading in shown] == [f"{order.number}-2", "007", "=1+1", 2, 0, 10.5, 0, 21]
    assert (first["Leveransstatus"], second["Leveransstatus"]) == ("Restnoterad", "Skickad")
    assert (first["Skickad"], type(second["Skickad"])) == (None, datetime)
    assert second["Spårningskod"] == "RR123456785SE, 00370730254698741239"
    assert (first["Moms i procent"], second["Moms i procent"]) == (25, 12.5)
    assert first["Leveransadress: Ort"] == second["Fakturaadress: Ort"] == "Luleå"


@on_sqlite
@pytest.mark.parametrize("code", CODES)
def test_codes_are_texts_and_no_numbers_or_formulas(staff: Browser, code: str) -> None:
    make_order((code, 1), number=code, external_reference=code, customer=replace(ASA, phone=code))
    for url in ("/orders.xlsx", LINES):
        (row,) = cells(staff.get(url))
        for heading in ("Order", "Referens", "Telefon", *(["Artikelnr"] if url == LINES else [])):
            assert (row[heading].value, row[heading].data_type) == (code, "s")


@on_sqlite
@pytest.mark.parametrize("currency", ["SEK", "HUF", "ISK", "JPY", "BHD", "EUR"])
def test_amounts_have_the_decimals_of_their_currency(staff: Browser, currency: str) -> None:
    make_order(("X", 3), currency=currency)
    decimals = {"ISK": 0, "JPY": 0, "BHD": 3}.get(currency, 2)
    (order,) = cells(staff.get("/orders.xlsx"))
    assert order["Summa"].value == 30_000 / 10**decimals
    assert order["Summa"].number_format == ("0" if decimals == 0 else "0." + "0" * decimals)


@on_sqlite
@pytest.mark.parametrize(
    ("text", "in_csv"),
    [
        ("+46 70 111 22 33", '="+46 70 111 22 33"'),
        ("+46701112233", '="+46701112233"'),
        ("123456789012", '="123456789012"'),
        ("12E4", '="12E4"'),
        ("10-12", '="10-12"'),
        ("2026-11-02", '="2026-11-02"'),
        ("0701112233", '="0701112233"'),
        ("070-111 22 33", "070-111 22 33"),
        ("007", '="007"'),
        ("000123", '="000123"'),
        ("12345678901234567890", '="12345678901234567890"'),
        ("100234", "100234"),
        ("0", "0"),
        ("+46 70+1", "'+46 70+1"),
        ("-2+3", "'-2+3"),
    ],
)
def test_phones_and_codes_survive_a_spreadsheet_as_csv(staff: Browser, text: str, in_csv: str) -> None:
    make_order(("X", 1), number=text, external_reference=text, customer=replace(ASA, phone=text))
    (order,) = exported(staff)
    assert {order[heading] for heading in ("Order", "Referens", "Telefon")} == {in_csv}


@on_sqlite
def test_the_files_have_the_filter_of_the_list(staff: Browser) -> None:
    make_order(("X", 1), payment_method="invoice")
    make_order(("X", 1), payment_method="klarna")
    page = staff.page("/orders?payment=klarna&q=oberg")
    links = [link for link in page.links if link.startswith("/orders.xlsx")]
    assert len(links) == 2
    for link in links:
        assert [row["Order"] for row in values(staff, link)] == ["WS-100002"]
    assert staff.get("/orders.xlsx?from=i-g%C3%A5r").status_code == 422


@on_sqlite
def test_an_empty_list_has_headings_alone(staff: Browser) -> None:
    for url in ("/orders.xlsx", LINES):
        assert cells(staff.get(url)) == []
        assert load_workbook(io.BytesIO(staff.get(url).data)).active["A1"].value == "Order"


@on_sqlite
def test_more_rows_than_a_sheet_has_go_into_another_one(staff: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_files, "MAX_SHEET_ROWS", 4)
    for _ in range(7):
        make_order(("X", 1))
    response = staff.get("/orders.xlsx")
    assert [sheet.max_row for sheet in load_workbook(io.BytesIO(response.data)).worksheets] == [4, 4, 2]
    assert [row["Order"].value for row in cells(response)] == [f"WS-10000{number}" for number in range(7, 0, -1)]


@on_sqlite
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # zipfile ends what it could not write
@pytest.mark.parametrize("url", ["/orders.csv", "/orders.xlsx", LINES])
def test_a_full_disk_is_said_in_words(staff: Browser, url: str, monkeypatch: pytest.MonkeyPatch, app: object) -> None:
    class FullDisk(io.BytesIO):
        """Full for the first write; what ends the file after that must not hide it."""

        is_full = True

        def write(self, data: Any) -> int:
            if self.is_full:
                self.is_full = False
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data)

    def temporary_file() -> IO[bytes]:
        return FullDisk()

    make_order(("X", 1))
    monkeypatch.setattr(made_files.tempfile, "TemporaryFile", temporary_file)
    response = staff.client.get(url, headers={"Accept-Language": "sv"})
    assert response.status_code == 507
    assert "Servern har inte plats för filen." in Page(response.text).text
    gc.collect()
