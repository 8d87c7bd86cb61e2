"""Products as a file: exported, changed in a spreadsheet, and read in once what it changes has been looked at."""

import csv
import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories import make_order, make_product
from tests.operations.after_sales.steps import ship
from tests.operations.steps import ERP, assert_stock_follows_from_movements, movements_of, read_product, stock_of
from tests.web.conftest import Browser, SignIn
from tests.web.orders.test_budgets import counting
from tests.web.pages import Page
from webshop_orders.db.extensions import db
from webshop_orders.models import MovementReason, Product, ProductEvent, Role
from webshop_orders.operations.stock import movements, products
from webshop_orders.transactions.unit_of_work import writing

URL = "/stock/import"
EAN = "7350053850019"


@pytest.fixture
def admin(sign_in: SignIn) -> Browser:
    return sign_in(Role.ADMIN)


@pytest.fixture(autouse=True)
def candle(app: Flask) -> None:
    make_product("CANDLE", name="Stearinljus", stock=10, price=19_950, barcode=EAN, shelf_place="A-1-1")


def exported(browser: Browser, query: str = "") -> list[dict[str, str]]:
    response = browser.get(f"/stock/export{query}")
    assert (response.status_code, response.mimetype) == (200, "text/csv")
    return list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig")), delimiter=";"))


def as_text(rows: list[dict[str, str]]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def preview(browser: Browser, text: str, *, htmx: bool = False) -> Page:
    response = browser.send(URL, URL, htmx=htmx, text=text)
    assert response.status_code == 200, response.text
    return Page(response.text)


def carry_out(browser: Browser, page: Page, *, htmx: bool = False) -> TestResponse:
    return browser.post(URL, page.form(URL).values(), htmx=htmx)  # type: ignore[arg-type]


def said(page: Page) -> str:
    return " ".join(" ".join(element.text_content() for element in page.select("#product-import")).split())


@pytest.mark.parametrize("role", [None, Role.VIEWER, Role.WAREHOUSE])
def test_only_staff_export_and_read_in(sign_in: SignIn, role: Role | None) -> None:
    browser = sign_in(role)
    for path in (URL, "/stock/export"):
        assert browser.get(path).status_code in ({302, 303} if role is None else {403})


def test_the_export_opens_in_excel_as_it_is(staff: Browser) -> None:
    make_product("=1+1", name="@SUM(A1)", stock=None, price=0, vat_rate=600, barcode="007", shelf_place="10-12")
    data = staff.get("/stock/export").data
    assert data.startswith(b"\xef\xbb\xbf")
    rows = {row["Namn"]: row for row in exported(staff)}
    assert rows["Stearinljus"] == {
        "Artikelnr": "CANDLE",
        "Namn": "Stearinljus",
        "EAN": f'="{EAN}"',
        "Lagerplats": "A-1-1",
        "Pris": "199,50",
        "Moms i procent": "25",
        "Lager": "10",
        "Lagerversion": "1",
        "Reserverat": "0",
        "Restnoterad": "0",
        "Får restnoteras": "",
        "Aktiv": "Ja",
        "Version": "1",
    }
    other = rows["'@SUM(A1)"]
    assert (other["Artikelnr"], other["EAN"], other["Lagerplats"], other["Lager"]) == (
        "'=1+1",
        '="007"',
        '="10-12"',
        "",
    )
    assert [row["Artikelnr"] for row in exported(staff, "?q=stearin")] == ["CANDLE"]


def test_what_was_exported_changes_nothing(admin: Browser) -> None:
    make_product("=1+1", name="@SUM(A1)", stock=None, barcode="007", shelf_place="10-12", backorderable=True)
    page = preview(admin, admin.get("/stock/export").data.decode("utf-8"))
    assert "0 rader ändrar" in said(page)
    assert "2 är som de var" in said(page)
    assert not page.select("#carry-out")


def test_a_heading_that_is_not_known_is_told(admin: Browser) -> None:
    page = preview(admin, "Artikelnr;Lagerplatts;<b>;;Reserverat;Lager\nCANDLE;Z-9;x;y;1;12\n")
    assert "De här kolumnerna läses inte: Lagerplatts, <b>." in said(page)
    page = preview(admin, admin.get("/stock/export").data.decode("utf-8"))
    assert not page.select(".unknown-headings")


def test_the_flags_of_a_swedish_spreadsheet_are_read(admin: Browser) -> None:
    page = preview(admin, "Artikelnr;Aktiv;Får restnoteras\nCANDLE;FALSKT;SANT\n")
    assert "Aktiv: Ja → Nej" in said(page)
    assert "Får restnoteras: – → Ja" in said(page)


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_what_a_file_changes_is_shown_and_carried_out(admin: Browser, htmx: bool) -> None:
    (row,) = exported(admin)
    row |= {"Namn": "Ljus", "EAN": "LL-1", "Lagerplats": "", "Pris": "1 200,00", "Lager": "12", "Aktiv": "nej"}
    row["Får restnoteras"] = "Ja"

    page = preview(admin, as_text([row]), htmx=htmx)
    assert "1 rad ändrar en produkt" in said(page)
    assert "Pris: 199,50 → 1200,00" in said(page)
    assert "Lagerplats: A-1-1 → –" in said(page)
    assert read_product("CANDLE").name == "Stearinljus"
    response = carry_out(admin, page, htmx=htmx)
    assert response.status_code == (200 if htmx else 303)

    product = read_product("CANDLE")
    assert (product.name, product.barcode, product.shelf_place) == ("Ljus", "LL-1", None)
    assert (product.price, product.stock, product.active, product.backorderable) == (120_000, 12, False, True)
    assert movements_of("CANDLE")[-1].reason is MovementReason.COUNTED
    assert movements_of("CANDLE")[-1].user_id is not None
    assert len(db.session.scalars(select(ProductEvent)).all()) == 1
    carry_out(admin, page, htmx=htmx)
    assert (len(movements_of("CANDLE")), read_product("CANDLE").version) == (2, 2)


def test_rule_31_what_was_sold_since_the_export_is_kept_and_between_the_steps_too(staff: Browser) -> None:
    rows = exported(staff)
    ship(make_order(("CANDLE", 3)), ERP)
    page = preview(staff, as_text([{**rows[0], "Lager": "9"}]))
    assert "Lager: 7 → 6" in said(page)
    ship(make_order(("CANDLE", 1)), ERP)
    carry_out(staff, page)
    assert stock_of("CANDLE") == (5, 0, 0)

    without = preview(staff, "SKU;Lager\nCANDLE;20\n")
    assert "Lager: 5 → 20" in said(without)
    ship(make_order(("CANDLE", 2)), ERP)
    carry_out(staff, without)
    assert stock_of("CANDLE") == (18, 0, 0)
    assert_stock_follows_from_movements()


def test_stock_that_orders_lose_cover_by_and_stock_that_was_not_tracked_are_set(staff: Browser) -> None:
    make_product("FREE", stock=None)
    make_order(("CANDLE", 8), ("FREE", 1))
    carry_out(staff, preview(staff, "sku,stock\nCANDLE,5\nFREE,3\n"))
    assert (stock_of("CANDLE"), stock_of("FREE")) == ((5, 5, 3), (3, 1, 0))
    assert "är som den var" in said(preview(staff, "sku\tstock\nCANDLE\t\n"))


def test_what_another_changed_since_is_told_and_not_overwritten(staff: Browser) -> None:
    rows = exported(staff)
    change(shelf_place="B-2")
    page = preview(staff, as_text([{**rows[0], "Lagerplats": "C-3"}]))
    assert "ERP ändrade detta till «B-2»" in said(page)
    assert not page.select("#carry-out")

    page = preview(staff, as_text([{**rows[0], "EAN": "LL-1"}]))
    change(barcode="LL-2")
    response = carry_out(staff, page)
    assert response.status_code == 409
    assert "ERP ändrade detta till «LL-2»" in said(Page(response.text))
    assert (read_product("CANDLE").shelf_place, read_product("CANDLE").barcode) == ("B-2", "LL-2")


def change(**values: Any) -> None:
    with writing():
        products.change_fields(products.get_for_update("CANDLE"), values, by=ERP)


def test_staff_change_no_prices(staff: Browser) -> None:
    for column, value in (("Pris", "1"), ("Moms", "25"), ("Namn", "Ljus"), ("Moms i procent", "12")):
        page = preview(staff, f"SKU;Lagerplats;{column}\nCANDLE;A-1-1;{value}\n")
        is_refused = "Bara administratörer" in said(page)
        assert is_refused is (column in ("Pris", "Moms i procent"))
    forged = {**staff.page(URL).form(URL).values(), "table": "sku;price\nCANDLE;1\n"}
    assert staff.post(URL, forged).status_code == 409  # type: ignore[arg-type]
    assert read_product("CANDLE").price == 19_950


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("Lager", "-1", "heltal från 0"),
        ("Lager", "12,5", "heltal från 0"),
        ("Lager", "٣", "heltal från 0"),
        ("Lager", "1000000000", "heltal från 0"),
        ("Lager", "många", "heltal från 0"),
        ("Pris", "", "ett tal som"),
        ("Pris", "1,999", "ett tal som"),
        ("Pris", "-5", "ett tal som"),
        ("Pris", "999999999", "för mycket"),
        ("Moms i procent", "101", "för mycket"),
        ("EAN", "7,35005E+12", "sista siffror är borta"),
        ("EAN", "7350053850018", "mistyped"),
        ("Aktiv", "kanske", "Ja eller Nej"),
        ("Namn", "", "saknas"),
        ("Lagerplats", "x" * 51, "50"),
        ("Lagerversion", "9", "aldrig haft"),
        ("Lagerversion", "x", "som den exporterades"),
        ("Version", "7", "som den exporterades"),
        ("Artikelnr", "NEJ", "NEJ"),
        ("Artikelnr", "", "Artikelnr saknas"),
    ],
)
def test_a_cell_that_is_wrong_is_refused_at_its_column(admin: Browser, column: str, value: str, sentence: str) -> None:
    (row,) = exported(admin)
    page = preview(admin, as_text([{**row, "Lager": "11", column: value}]))
    assert "1 avvisas" in said(page)
    assert sentence in said(page) or sentence == "mistyped"
    assert column in said(page) or column == "Artikelnr"
    assert not page.select("#carry-out")


def test_leading_zeros_stay_and_a_product_stands_in_one_row(staff: Browser) -> None:
    page = preview(staff, 'SKU;EAN\nCANDLE;"=""0012"""\nCANDLE;13\n')
    assert "→ 0012" in said(page)
    assert "en annan rad" in said(page)
    carry_out(staff, page)
    assert read_product("CANDLE").barcode == "0012"


@pytest.mark.parametrize("text", ["", "CANDLE;5\n", "SKU\nCANDLE\n", "\x00\x01", 'SKU;Lager\n"CANDLE;5\n'])
def test_what_is_no_table_of_products_is_refused_and_the_text_kept(staff: Browser, text: str) -> None:
    response = staff.send(URL, URL, text=text)
    assert response.status_code == 422
    assert Page(response.text).select(".alert-line, .reason")


def test_a_file_is_read_as_a_paste_is(staff: Browser) -> None:
    values: dict[str, object] = {**staff.page(URL).form(URL).values()}
    values["file"] = (io.BytesIO("SKU;Lagerplats\r\nCANDLE;Hög hylla\r\n".encode("cp1252")), "produkter.csv")
    response = staff.post(URL, values)
    assert "→ Hög hylla" in said(Page(response.text))
    values["file"] = (io.BytesIO(b"%PDF-1.7"), "produkter.csv")
    assert staff.post(URL, values).status_code == 422


def test_2000_rows_are_read_and_carried_out_in_bounded_statements(staff: Browser) -> None:
    with writing():
        made = [
            Product(sku=f"P-{number:04}", name=f"P {number}", price=1, currency="SEK", vat_rate=2500, stock=5)
            for number in range(1_999)
        ]
        db.session.add_all(made)
        db.session.flush()
        movements.open_stock(made)
    rows = exported(staff)
    changed = [{**row, "Lager": "7", "Lagerplats": "Z-1"} for row in rows]
    with counting() as statements:
        page = preview(staff, as_text(changed))
    assert len(statements) <= 16
    assert "2000 rader" in said(page).replace("\u00a0", "") or "2 000 rader" in said(page).replace("\u00a0", " ")
    with counting() as statements:
        assert carry_out(staff, page).status_code == 303
    assert len(statements) <= 130, len(statements)
    assert db.session.scalars(select(Product.stock).distinct()).all() == [7]
    assert len(page.select(".import-rows tbody tr")) == 200
    too_many = as_text([*changed, {**changed[0], "Artikelnr": "P-X"}])
    assert staff.send(URL, URL, text=too_many).status_code == 422
