"""The pages of files of tracking codes: reading, checking, deciding and carrying out."""

import re
from contextvars import Context
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook
from urllib3 import encode_multipart_formdata
from werkzeug.test import TestResponse

from tests.connectors.tracking_files.workbooks import saved, workbook
from tests.factories import make_order, make_product
from tests.jobs.batches import work
from tests.operations.steps import read
from tests.operations.tracking_files.tables import GOOD
from tests.web.conftest import Browser, SignIn, on_sqlite
from tests.web.orders.test_budgets import counting
from tests.web.pages import Page
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, Order, Role
from webshop_orders.operations.batches import selection
from webshop_orders.operations.orders import splits
from webshop_orders.operations.tracking_files import files
from webshop_orders.transactions.unit_of_work import editing, writing

URL = "/tracking-files"


@pytest.fixture
def orders(app: Flask) -> list[Order]:
    make_product("LJUS", stock=500)
    return [make_order(("LJUS", 2)) for _ in range(3)]


def csv_of(*rows: tuple[str, ...], headings: str = "Ordernr;Kollinr") -> bytes:
    return "\r\n".join([headings, *(";".join(row) for row in rows), ""]).encode()


def upload(
    browser: Browser, content: bytes, name: str = "koder.csv", *, htmx: bool = False, **more: Any
) -> TestResponse:
    """Send a file as a browser does; Werkzeug's client would leave a large one open."""
    values = {**browser.page(URL).form(URL).values(), **more, "file": (name, content)}
    body, content_type = encode_multipart_formdata(values)
    return browser._open("POST", URL, htmx=htmx, data=body, content_type=content_type)


def paste(browser: Browser, text: str, *, htmx: bool = False) -> TestResponse:
    return browser.send(URL, URL, text=text, htmx=htmx)


def uploaded(browser: Browser, *rows: tuple[str, ...], **how: Any) -> str:
    """Upload a file of these rows; returns the address of its page."""
    answer = upload(browser, csv_of(*rows, **how))
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def count_of_files() -> int:
    db.session.rollback()
    return len(files.recent().files)


def text_of_row(browser: Browser, page: str, number: int) -> str:
    return " ".join(" ".join(element.text_content() for element in browser.page(page).select(f"#row-{number}")).split())


def press(browser: Browser, page: str, button: str, value: str, *, htmx: bool = False, **more: str) -> TestResponse:
    """Press a button of the form of decisions."""
    action = f"{page}/decisions"
    return browser.post(action, {**browser.page(page).form(action).values(), button: value, **more}, htmx=htmx)


def carry_out() -> int:
    """What a worker does of what was started in requests."""
    db.session.rollback()
    return work()


def test_a_file_is_read_and_its_page_shows_what_each_row_does(warehouse: Browser, orders: list[Order]) -> None:
    page = uploaded(warehouse, (orders[0].number, GOOD[0]), ("WS-999999", GOOD[1]))

    shown = warehouse.page(page)

    assert shown.headings == ["koder.csv"]
    assert "2 rader, inläst av Warehouse Berg" in shown.text
    assert "Lägg in koden på 1 rad" in shown.buttons
    assert f"{orders[0].number}-1" in text_of_row(warehouse, page, 2)
    assert "Det finns ingen order «WS-999999»." in text_of_row(warehouse, page, 3)


def test_with_htmx_the_page_of_the_file_comes_at_once_with_its_address(staff: Browser, orders: list[Order]) -> None:
    answer = upload(staff, csv_of((orders[0].number, GOOD[0])), htmx=True)

    assert answer.status_code == 200
    assert re.fullmatch(r"/tracking-files/[0-9]+", answer.headers["HX-Push-Url"])
    assert GOOD[0] in Page(answer.text).text


def test_a_table_is_pasted(staff: Browser, orders: list[Order]) -> None:
    page = paste(staff, f"{orders[0].number}\t{GOOD[0]}\r\n{orders[1].number}\t{GOOD[1]}").headers["Location"]

    assert staff.page(page).headings == ["Inklistrad tabell"]
    assert "Lägg in koderna på 2 rader" in staff.page(page).buttons


def test_a_request_that_is_sent_twice_adds_one_file(staff: Browser, orders: list[Order]) -> None:
    values = staff.page(URL).form(URL).values()
    text = f"{orders[0].number}\t{GOOD[0]}"
    first, again = (staff.post(URL, {**values, "text": text}) for _ in range(2))

    assert first.headers["Location"] == again.headers["Location"]
    assert count_of_files() == 1


def hundred_thousand_rows() -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for number in range(100_000):
        sheet.append([f"WS-{number}", "RR1SE"])
    return saved(book)


@on_sqlite
@pytest.mark.parametrize(
    ("name", "make", "sentence"),
    [
        ("koder.xlsx", lambda: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "Det här är ingen arbetsbok"),
        ("koder.xlsx", lambda: b"PK\x03\x04" + b"x" * 500, "Arbetsboken går inte att läsa"),
        ("koder.xlsx", lambda: csv_of(("WS-1", "")), None),
        ("koder.xlsx", hundred_thousand_rows, "Tabellen har fler än 5 000 rader"),
        ("koder.csv", lambda: csv_of(*[("WS-1", "RR1SE")] * 100_000), "Tabellen har fler än 5 000 rader"),
        ("koder.csv", lambda: b"", "Filen är tom."),
        ("koder.csv", lambda: csv_of(), "Det finns bara rubriker i tabellen."),
        ("koder.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "arbetsbok av äldre slag"),
        ("koder.csv", lambda: bytes(range(256)), "Det här är ingen tabell i text"),
        ("koder.csv", lambda: b'Order;Kollinr\r\nWS-1;"RR', "citattecken"),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_what_cannot_be_read_is_refused_in_the_form(
    staff: Browser, app: Flask, name: str, make: Any, sentence: str | None, htmx: bool
) -> None:
    answer = upload(staff, make(), name, htmx=htmx)

    if sentence is None:  # whatever its name says
        assert answer.status_code in {200, 303}
        return
    page = Page(answer.text)
    assert answer.status_code == 422
    assert sentence in page.text.replace("\u00a0", " ")
    assert page.select("#upload-form [role=alert], #upload-form .reason")
    assert count_of_files() == 0


@on_sqlite
@pytest.mark.parametrize("htmx", [False, True])
def test_a_file_of_20_mb_is_refused_with_how_large_it_may_be(staff: Browser, app: Flask, htmx: bool) -> None:
    answer = upload(staff, b"x" * 20_000_000, "koder.xlsx", htmx=htmx)

    assert answer.status_code == 413
    assert "En fil får ha högst 2 MB." in Page(answer.text).text
    assert count_of_files() == 0


def test_formulas_and_numbers_are_questions_or_left_out_and_never_guessed(staff: Browser, orders: list[Order]) -> None:
    rows = [
        ["Ordernr", "Kollinr"],
        [orders[0].number, "=A1&A2"],
        [orders[1].number, 12345678],
        [orders[2].number, 10**17],
    ]
    page = upload(staff, workbook(rows), "koder.xlsx").headers["Location"]

    assert "Cellen med koden är tom." in text_of_row(staff, page, 2)
    assert "B3 är ett tal, så inledande nollor kan saknas." in text_of_row(staff, page, 3)
    assert "B4 är ett tal med fler än 15 siffror" in text_of_row(staff, page, 4)
    assert "Lägg in koderna på 0 rader" in staff.page(page).buttons


@on_sqlite
@pytest.mark.parametrize("text", ["", "   \n ", None])
def test_without_a_file_and_a_table_nothing_is_read(staff: Browser, app: Flask, text: str | None) -> None:
    answer = staff.send(URL, URL, text=text)

    assert answer.status_code == 422
    assert "Välj en fil, eller klistra in en tabell." in Page(answer.text).text


def test_what_was_pasted_stays_where_it_is_refused(staff: Browser, orders: list[Order]) -> None:
    typed = f'{orders[0].number};"{GOOD[0]}'
    answer = paste(staff, typed)

    assert answer.status_code == 422
    assert Page(answer.text).form(URL).values()["text"] == typed


def test_a_file_and_a_table_at_once_are_refused(staff: Browser, orders: list[Order]) -> None:
    answer = upload(staff, csv_of((orders[0].number, GOOD[0])), text="WS-1;RR1SE")

    assert answer.status_code == 422
    assert "inte båda" in Page(answer.text).text


@on_sqlite
def test_too_much_to_paste_is_refused(staff: Browser, app: Flask) -> None:
    answer = paste(staff, "WS-1;RR1SE\n" * 40_000)

    assert answer.status_code == 422
    assert "Det är för mycket att klistra in." in Page(answer.text).text


@on_sqlite
def test_a_name_with_folders_and_markup_is_shown_as_text(staff: Browser, orders: list[Order]) -> None:
    answer = upload(staff, csv_of((orders[0].number, GOOD[0])), "export/<b>koder.csv")

    assert staff.page(answer.headers["Location"]).headings == ["<b>koder.csv"]


def test_columns_are_changed_and_remembered(staff: Browser, orders: list[Order]) -> None:
    headings = "Alfa;Beta;Gamma"
    page = uploaded(staff, (GOOD[0], "x", orders[0].number), headings=headings)
    answer = staff.send(page, f"{page}/columns", order="2", code="0")
    assert answer.status_code == 303

    assert "Lägg in koden på 1 rad" in staff.page(page).buttons
    again = uploaded(staff, (GOOD[1], "y", orders[1].number), headings=headings)
    assert "Lägg in koden på 1 rad" in staff.page(again).buttons


@on_sqlite
@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"code": ""}, "Välj kolumnen med spårningskoderna."),
        ({"order": "", "reference": ""}, "Välj kolumnen med ordernumren."),
        ({"order": "1"}, "En kolumn kan bara betyda en sak."),
        ({"order": "7"}, "Välj en av filens kolumner."),
        ({"order": "-1"}, "Välj en av filens kolumner."),
        ({"order": "1000000000"}, "Välj en av filens kolumner."),
        ({"order": "٣"}, "Välj en av filens kolumner."),
        ({"order": "abc"}, "Välj en av filens kolumner."),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_columns_that_cannot_be_are_refused(
    staff: Browser, orders: list[Order], chosen: dict[str, str], sentence: str, htmx: bool
) -> None:
    page = uploaded(staff, (orders[0].number, GOOD[0]))

    answer = staff.send(page, f"{page}/columns", htmx=htmx, **chosen)

    assert answer.status_code == 422
    assert sentence in Page(answer.text).text
    assert "Lägg in koden på 1 rad" in staff.page(page).buttons


@pytest.mark.parametrize("htmx", [False, True])
def test_a_row_is_left_out_and_asked_again(staff: Browser, orders: list[Order], htmx: bool) -> None:
    page = uploaded(staff, (orders[0].number, GOOD[0]), (orders[1].number, GOOD[1]))

    answer = press(staff, page, "leave_out", "2", htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    assert "Lägg in koden på 1 rad" in staff.page(page).buttons
    assert "Utelämnad." in text_of_row(staff, page, 2)
    press(staff, page, "ask_again", "2")
    assert "Lägg in koderna på 2 rader" in staff.page(page).buttons


def test_all_rows_with_a_question_are_taken_at_once(staff: Browser, orders: list[Order]) -> None:
    page = uploaded(staff, (orders[0].number, "RR123456789SE"), (orders[1].number, "RR123456798SE"))
    assert "Fel kontrollsiffra: 2 rader" in staff.page(page).text

    press(staff, page, "take", "check_digit")

    assert "Lägg in koderna på 2 rader" in staff.page(page).buttons


def test_one_of_several_shipments_is_chosen(staff: Browser, orders: list[Order], anna: Actor) -> None:
    with editing(orders[0].number, None, anna) as present:
        splits.split(next(present.lines), 1, to=None, by=anna)
    page = uploaded(staff, (orders[0].number, GOOD[0]))
    assert "Ordern har flera försändelser. Välj vilken." in text_of_row(staff, page, 2)

    refused = press(staff, page, "take", "2", **{"shipment-2": "9"})
    assert refused.status_code == 422
    press(staff, page, "take", "2", **{"shipment-2": "2"})

    assert f"{orders[0].number}-2" in text_of_row(staff, page, 2)
    assert "Lägg in koden på 1 rad" in staff.page(page).buttons


@on_sqlite
@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    "pressed",
    [
        {},
        {"take": "2", "leave_out": "2"},
        {"take": "99"},
        {"take": "-2"},
        {"take": "1000000000000"},
        {"take": "٢"},
        {"take": "unknown"},
        {"take": "<b>"},
        {"leave_out": "twice"},
        {"take": "2"},
    ],
)
def test_a_decision_of_nothing_is_refused(
    staff: Browser, orders: list[Order], pressed: dict[str, str], htmx: bool
) -> None:
    page = uploaded(staff, (orders[0].number, GOOD[0]), ("WS-999999", GOOD[1]))
    action = f"{page}/decisions"

    answer = staff.post(action, {**staff.page(page).form(action).values(), **pressed}, htmx=htmx)

    assert answer.status_code == 422
    assert Page(answer.text).select("[role=alert]")
    assert "Lägg in koden på 1 rad" in staff.page(page).buttons


@pytest.mark.parametrize("htmx", [False, True])
def test_a_file_is_carried_out_and_shows_what_became_of_its_rows(
    staff: Browser, orders: list[Order], htmx: bool
) -> None:
    page = uploaded(staff, (orders[0].number, GOOD[0]), ("WS-999999", GOOD[1]))

    answer = staff.send(page, f"{page}/start", ships="yes", htmx=htmx)

    assert answer.status_code == (200 if htmx else 303)
    assert "Väntar" in text_of_row(staff, page, 2)
    assert staff.page(page).select("#tracking-files[hx-trigger]")
    carry_out()
    assert "Klar" in text_of_row(staff, page, 2)
    assert "Det finns ingen order «WS-999999»." in text_of_row(staff, page, 3)
    assert not staff.page(page).select("#tracking-files[hx-trigger]")
    assert [code.code for code in read(orders[0]).shipments[0].tracking_codes] == [GOOD[0]]
    assert read(orders[0]).shipments[0].is_shipped


@pytest.mark.parametrize("htmx", [False, True])
def test_refused_orders_are_tried_again_with_what_was_asked_confirmed(
    staff: Browser, orders: list[Order], htmx: bool
) -> None:
    make_product("SLUT", stock=1, backorderable=True)
    waiting = make_order(("SLUT", 3))
    page = uploaded(staff, (waiting.number, GOOD[0]))
    assert staff.post(f"{page}/retry", {"csrf_token": staff.token()}).status_code == 422
    staff.send(page, f"{page}/start", ships="yes")
    carry_out()
    assert "väntar på lager" in text_of_row(staff, page, 2)

    answer = staff.send(page, f"{page}/retry", htmx=htmx)

    assert answer.status_code == (200 if htmx else 303)
    carry_out()
    assert "Klar" in text_of_row(staff, page, 2)


def test_a_file_that_was_carried_out_can_not_be_changed_any_more(staff: Browser, orders: list[Order]) -> None:
    page = uploaded(staff, (orders[0].number, GOOD[0]))
    shown = staff.page(page)
    staff.send(page, f"{page}/start")

    for action in ("start", "decisions", "columns", "removal"):
        values = {**shown.form(f"{page}/{action}").values(), "leave_out": "2"}
        answer = staff.post(f"{page}/{action}", values)
        assert answer.status_code == 422
        assert "koder.csv är redan genomförd." in Page(answer.text).text
    assert carry_out() == 1


@on_sqlite
@pytest.mark.parametrize("expected", ["0", "2", "-1", "1000000000", "٣", "abc", None])
def test_a_start_of_another_number_of_rows_is_refused(
    staff: Browser, orders: list[Order], expected: str | None
) -> None:
    page = uploaded(staff, (orders[0].number, GOOD[0]))

    answer = staff.send(page, f"{page}/start", expected=expected)

    assert answer.status_code == 422
    assert carry_out() == 0


def test_the_same_file_again_says_so_and_can_be_gone_on_with(staff: Browser, orders: list[Order]) -> None:
    row = (orders[0].number, GOOD[0])
    first = uploaded(staff, row)
    again = staff.page(uploaded(staff, row))
    assert "Den här filen har redan lästs in av Staff Berg." in again.text
    assert first in again.links
    staff.send(first, f"{first}/start")
    carry_out()

    third = uploaded(staff, row)

    assert "Den här filen har redan lästs in och genomförts av Staff Berg." in staff.page(third).text
    assert "Försändelsen har redan koden." in text_of_row(staff, third, 2)


@pytest.mark.parametrize("htmx", [False, True])
def test_a_file_is_removed(staff: Browser, orders: list[Order], htmx: bool) -> None:
    page = uploaded(staff, (orders[0].number, GOOD[0]))

    answer = staff.send(page, f"{page}/removal", htmx=htmx)

    assert answer.status_code == (200 if htmx else 303)
    assert staff.get(page).status_code == 404
    assert "Ingen fil har lästs in än." in staff.page(URL).text


def test_from_a_batch_its_orders_are_meant_first(staff: Browser, app: Flask, anna: Actor) -> None:
    make_product("LJUS", stock=500)
    _first, meant = (make_order(("LJUS", 1), shop_number="#1001") for _ in range(2))
    with writing():
        batch = selection.create([meant.number], by=anna, name="Morgonen")
    address = f"{URL}?batch={batch.id}"
    assert "I första hand menas ordrarna i Morgonen." in staff.page(address).text
    page = staff.send(address, address, text=f"1001\t{GOOD[0]}").headers["Location"]

    assert meant.number in text_of_row(staff, page, 1)
    assert "ordrarna i Morgonen först" in staff.page(page).text


@on_sqlite
@pytest.mark.parametrize("batch", ["0", "-1", "abc", "٣", ""])
def test_a_batch_that_cannot_be_is_none(staff: Browser, app: Flask, batch: str) -> None:
    assert staff.get(f"{URL}?batch={batch}").status_code == 200


def test_a_batch_and_a_file_that_are_not_there_are_not_found(staff: Browser, app: Flask) -> None:
    assert staff.get(f"{URL}?batch=999999").status_code == 404
    for path in ("999999", "0", "abc", "9" * 18):
        assert staff.get(f"{URL}/{path}").status_code == 404
    token = staff.token()
    for action in ("columns", "decisions", "start", "removal"):
        values = {"csrf_token": token, "take": "2", "expected": "1", "order": "", "code": ""}
        assert staff.post(f"{URL}/999999/{action}", values).status_code == 404
    values = {**staff.page(URL).form(URL).values(), "text": "WS-1\tRR1SE"}
    assert staff.post(f"{URL}?batch=999999", values).status_code == 404


@on_sqlite
@pytest.mark.parametrize(
    "query", ["show=unknown", "show=nothing", "show=%00", "after=abc", "after=999999", "after=-1", "show=done"]
)
def test_any_filter_shows_a_page(staff: Browser, orders: list[Order], query: str) -> None:
    page = uploaded(staff, (orders[0].number, GOOD[0]), ("WS-999999", GOOD[1]))

    shown = staff.page(f"{page}?{query}")

    assert shown.headings == ["koder.csv"]
    if query == "show=unknown":
        assert [element.get("id") for element in shown.select("tbody tr")] == ["row-3"]


def test_viewers_may_not_read_files_and_warehouse_may(sign_in: SignIn, orders: list[Order]) -> None:
    viewer, warehouse = sign_in(Role.VIEWER), sign_in(Role.WAREHOUSE)
    page = uploaded(warehouse, (orders[0].number, GOOD[0]))

    for path in (URL, page):
        assert viewer.get(path).status_code == 403
    for path in (URL, f"{page}/start", f"{page}/decisions", f"{page}/columns", f"{page}/removal", f"{page}/retry"):
        assert viewer.post(path, {"csrf_token": viewer.token()}).status_code == 403


@on_sqlite
def test_in_english_everything_is(staff: Browser, orders: list[Order]) -> None:
    page = uploaded(staff, (orders[0].number, GOOD[0]), ("WS-9", GOOD[1]), (orders[1].number, "RR123456789SE"))

    for path in (URL, page):
        answer = Context().run(staff.client.get, path, headers={"Accept-Language": "en"})
        assert "Läs" not in Page(answer.text).text
    assert "Add the code of 1 row" in Page(answer.text).buttons


def test_a_page_of_many_rows_takes_as_few_statements_as_one_of_few(staff: Browser, orders: list[Order]) -> None:
    few = uploaded(staff, (orders[0].number, GOOD[0]))
    many = uploaded(staff, *((orders[0].number, f"AB{number:09}XY") for number in range(90)))

    counts = []
    for page in (few, many):
        with counting() as statements:
            staff.page(page)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 9
