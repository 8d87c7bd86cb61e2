"""The public form of withdrawals: two steps, without sign-in and cookies, and the same answer to everybody."""

import re
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories import make_order, make_product, reshape_shop
from tests.web.conftest import Browser, on_sqlite
from tests.web.orders.test_budgets import counting
from tests.web.pages import Page, as_read_from_html
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import Message, Order, Withdrawal, WithdrawnLine
from webshop_orders.operations.orders import withdrawals
from webshop_orders.security import withdrawal_links

URL = "/withdrawal/sv"
CONFIRMATION = f"{URL}/confirmation"
STATED = {"number": "WS-100001", "name": "Åsa Öberg", "email": "asa@example.com"}


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("CANDLE")
    return make_order(("CANDLE", 3), send_confirmation=False)


def stored() -> list[Withdrawal]:
    db.session.rollback()
    return list(db.session.scalars(select(Withdrawal).order_by(Withdrawal.id)))


def step_two(browser: Browser, **stated: Any) -> Page:
    answer = browser.send(URL, URL, **{**STATED, **stated})
    assert answer.status_code == 200, Page(answer.text).text
    return Page(answer.text)


def confirm(browser: Browser, page: Page) -> TestResponse:
    return browser.post(CONFIRMATION, dict(page.form(CONFIRMATION).values()))


def withdraw(browser: Browser, **stated: Any) -> Page:
    answer = confirm(browser, step_two(browser, **stated))
    assert answer.status_code == 303, Page(answer.text).text
    return browser.page(answer.location)


@on_sqlite
@pytest.mark.parametrize(
    ("stated", "sentence"),
    [
        ({"number": ""}, "Det här kan inte vara tomt."),
        ({"name": ""}, "Det här kan inte vara tomt."),
        ({"email": ""}, "Det här kan inte vara tomt."),
        ({"number": "9" * 51}, "Högst 50 tecken"),
        ({"name": "a" * 101}, "Högst 100 tecken"),
        ({"name": "Åsa\r\nBcc: x@example.com"}, "tecken som inte kan användas"),
        ({"name": "Vinn på https://evil.example"}, "Skriv inga webbadresser"),
        ({"number": "WWW.evil.example"}, "Skriv inga webbadresser"),
        ({"email": "asa"}, "Ange en e-postadress"),
        ({"email": "åsa@example.com"}, "Dit går det inte att skicka e-post"),
        ({"whole": "maybe"}, "Välj ett av alternativen."),
        ({"whole": "some"}, "Skriv minst en produkt"),
        ({"row-0-product": "Ljus"}, "Du har skrivit produkter."),
        ({"whole": "some", "row-0-quantity": "2"}, "Skriv vilken produkt."),
        ({"whole": "some", "row-0-product": "a" * 121}, "Högst 120 tecken"),
        *(
            ({"whole": "some", "row-0-product": "Ljus", "row-0-quantity": quantity}, "Ange ett heltal")
            for quantity in ("-1", "0", "٣", "1e9", "1000000000", "två", "1,5")
        ),
    ],
)
def test_a_wrong_statement_is_refused_at_the_field_and_kept(
    nobody: Browser, app: Flask, stated: dict[str, str], sentence: str
) -> None:
    answer = nobody.send(URL, URL, **{**STATED, **stated})

    assert answer.status_code == 422
    page = Page(answer.text)
    assert sentence in page.text
    assert stored() == []
    name, typed = list(stated.items())[-1]
    if name != "whole":
        assert page.form(URL).values()[name] == as_read_from_html(typed)


@on_sqlite
@pytest.mark.parametrize("path", [URL, CONFIRMATION])
def test_a_wrong_statement_is_refused_in_each_step(nobody: Browser, app: Flask, path: str) -> None:
    assert nobody.post(path, {}).status_code == 422
    assert nobody.post(path, {"name": "\udcff".encode("utf-8", "surrogateescape")}).status_code == 422
    assert stored() == []


@on_sqlite
def test_nothing_is_kept_before_it_is_confirmed(nobody: Browser, app: Flask) -> None:
    page = step_two(nobody, whole="some", **{"row-0-product": "Linneservett", "row-0-quantity": "2"})

    assert stored() == []
    assert "Bekräfta ånger" in page.buttons
    for words in ("WS-100001", "Åsa Öberg", "asa@example.com", "Linneservett: 2 st"):
        assert words in page.text


@on_sqlite
def test_what_was_filled_in_can_be_changed_before_it_is_confirmed(nobody: Browser, app: Flask) -> None:
    page = step_two(nobody, whole="some", **{"row-0-product": "Linneservett", "row-0-quantity": "2"})

    again = Page(nobody.post(URL, {**page.form(CONFIRMATION).values(), "change": "yes"}).text)

    values = again.form(URL).values()
    assert {name: values[name] for name in STATED} == STATED
    assert (values["whole"], values["row-0-product"], values["row-0-quantity"]) == ("some", "Linneservett", "2")


def test_a_confirmed_statement_is_kept_and_shown_with_day_and_time(nobody: Browser, order: Order) -> None:
    with time_machine.travel("2026-12-03T15:05:00Z", tick=False):
        page = withdraw(nobody, whole="some", **{"row-0-product": "Linneservett", "row-0-quantity": "2"})

    assert "3 dec. 2026 16:05" in page.text.replace("\xa0", " ")
    assert "Linneservett: 2 st" in page.text
    (kept,) = stored()
    assert (kept.number, kept.name, kept.email, kept.language) == ("WS-100001", "Åsa Öberg", "asa@example.com", "sv")
    assert kept.lines == [WithdrawnLine("Linneservett", 2)]
    assert db.session.get_one(Message, kept.receipt_id).recipient == "asa@example.com"


def test_rule_33_a_double_click_and_a_reload_are_one_statement(nobody: Browser, order: Order) -> None:
    page = step_two(nobody)

    first, second = confirm(nobody, page), confirm(nobody, page)

    assert (first.status_code, second.status_code) == (303, 303)
    assert len(stored()) == 1
    assert len(list(db.session.scalars(select(Message)))) == 1


@on_sqlite
def test_rule_33_the_answer_is_the_same_whether_or_not_the_order_exists(nobody: Browser, order: Order) -> None:
    """The same bytes in each step, but for the number that was typed, the key and the token."""
    answers: dict[str, list[str]] = {}
    receipts: list[str] = []
    with time_machine.travel(now(), tick=False):
        for number in (order.number, "XX-999999"):
            shown = [nobody.get(URL)]
            page = step_two(nobody, number=number)
            confirmed = confirm(nobody, page)
            shown += [nobody.send(URL, URL, **{**STATED, "number": number}), confirmed, nobody.get(confirmed.location)]
            told = [f"{answer.status_code} {sorted(answer.headers.keys())} {answer.text}" for answer in shown]
            answers[number] = [_without_secrets(text.replace(number, "NUMBER")) for text in told]
            receipt = db.session.get_one(Message, stored()[-1].receipt_id)
            receipts.append(receipt.text.replace(number, "NUMBER"))
    first, second = answers.values()
    assert first == second
    assert receipts[0] == receipts[1]
    assert [kept.order_id for kept in stored()] == [None, None]


def _without_secrets(text: str) -> str:
    text = re.sub(r'name="request_key" value="[^"]+"', "KEY", text)
    return re.sub(r"received/[\w.-]+", "received/TOKEN", text)


def test_rule_33_recording_takes_the_same_statements_whether_or_not_the_order_exists(
    nobody: Browser, order: Order, app: Flask
) -> None:
    counts = []
    for number in (order.number, "XX-999999"):
        page = step_two(nobody, number=number)
        with counting() as statements:
            confirm(nobody, page)
        counts.append([re.sub(r"\s+", " ", statement) for statement in statements])
    assert counts[0] == counts[1]


def test_no_cookie_is_needed_or_set(app: Flask, order: Order) -> None:
    browser = Browser(app.test_client(use_cookies=False))

    page = step_two(browser)
    answer = confirm(browser, page)

    assert answer.status_code == 303
    assert "Set-Cookie" not in answer.headers
    assert len(stored()) == 1


@on_sqlite
def test_there_is_no_script_and_nothing_of_the_staffs_on_the_page(staff: Browser, app: Flask) -> None:
    page = staff.page(URL)

    assert page.select("script") == []
    assert page.select("nav") == []
    assert "Staff Berg" not in page.text


@on_sqlite
def test_there_are_more_rows_for_products_where_they_are_needed(nobody: Browser, app: Flask) -> None:
    page = nobody.page(URL)
    for rows in (8, 13, 18, 23, 28, 30):
        values = {**page.form(URL).values(), "row-0-product": "Ljus", "more": "yes"}
        page = Page(nobody.post(URL, values).text)
        assert len(page.select(".stated-row")) == rows
        assert page.form(URL).values()["row-0-product"] == "Ljus"
    assert "Fler produkter" not in page.buttons


@on_sqlite
@pytest.mark.parametrize("rows", ["-1", "0", "1000000", "٣", ""])
def test_the_number_of_rows_is_limited_whatever_is_sent(nobody: Browser, app: Flask, rows: str) -> None:
    page = Page(nobody.post(URL, {**STATED, "rows": rows, "more": "yes"}).text)

    assert len(page.select(".stated-row")) == 8


@on_sqlite
@pytest.mark.parametrize(("language", "words"), [("sv", "Ångra avtalet här"), ("en", "Withdraw from contract here")])
def test_the_form_is_in_the_language_of_its_address_whatever_staff_work_in(
    nobody: Browser, app: Flask, language: str, words: str
) -> None:
    reshape_shop(language="sv" if language == "en" else "en")

    page = nobody.page(f"/withdrawal/{language}")

    assert page.headings == [words]
    assert page.select("html")[0].get("lang") == language


@on_sqlite
def test_without_a_language_the_browser_decides(nobody: Browser, app: Flask) -> None:
    reshape_shop(language="en")

    assert nobody.page("/withdrawal").headings == ["Ångra avtalet här"]
    assert nobody.get("/withdrawal/de").status_code == 404


@on_sqlite
def test_the_receipt_is_in_the_language_that_was_chosen(nobody: Browser, app: Flask) -> None:
    page = Page(nobody.send("/withdrawal/en", "/withdrawal/en", **STATED).text)
    nobody.post("/withdrawal/en/confirmation", dict(page.form("/withdrawal/en/confirmation").values()))

    (receipt,) = db.session.scalars(select(Message)).all()
    assert (receipt.language, "Your statement has arrived" in receipt.text) == ("en", True)


def test_too_many_from_one_address_are_told_to_wait_and_what_they_typed_is_kept(nobody: Browser, app: Flask) -> None:
    for turn in range(withdrawals.MAX_PER_ADDRESS):
        withdraw(nobody, number=f"WS-{turn}")

    answer = confirm(nobody, step_two(nobody, number="WS-X"))

    assert answer.status_code == 429
    page = Page(answer.text)
    assert "För många försök" in page.text
    assert page.form(CONFIRMATION).values()["number"] == "WS-X"
    assert len(stored()) == withdrawals.MAX_PER_ADDRESS


@on_sqlite
@pytest.mark.parametrize("key", ["", "x", "å" * 20, "a" * 65])
def test_a_form_without_a_key_is_shown_again(nobody: Browser, app: Flask, key: str) -> None:
    answer = nobody.post(CONFIRMATION, {**STATED, "whole": "all", "request_key": key})

    assert answer.status_code == 422
    assert "kom inte fram hel" in Page(answer.text).text
    assert stored() == []


@on_sqlite
@pytest.mark.parametrize("token", ["x", "1", "MQ.x.y"])
def test_a_forged_link_shows_nothing(nobody: Browser, app: Flask, token: str) -> None:
    assert nobody.get(f"{URL}/received/{token}").status_code == 404


@on_sqlite
def test_the_link_shows_the_statement_for_an_hour(nobody: Browser, app: Flask) -> None:
    withdraw(nobody)
    with app.test_request_context():
        token = withdrawal_links.make(stored()[0])

    assert nobody.get(f"{URL}/received/{token}").status_code == 200
    with time_machine.travel(now() + withdrawal_links.LIFETIME * 1.1):
        answer = nobody.get(f"{URL}/received/{token}")
    assert answer.status_code == 404
    assert "i en timme" in Page(answer.text).text


@on_sqlite
def test_only_the_shops_own_pages_may_show_the_form_in_a_frame(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser(app.test_client())
    assert "frame-ancestors 'none'" in browser.get(URL).headers["Content-Security-Policy"]

    monkeypatch.setitem(app.config, "WITHDRAWAL_ORIGINS", ("https://shop.example",))

    assert browser.get(URL).headers["Content-Security-Policy"].endswith("frame-ancestors https://shop.example")
    assert "frame-ancestors 'none'" in browser.get("/login").headers["Content-Security-Policy"]


@on_sqlite
def test_markup_in_a_statement_is_shown_and_not_obeyed(nobody: Browser, app: Flask) -> None:
    page = withdraw(nobody, name="<script>alert(1)</script> & Co")

    assert page.select("script") == []
    assert "<script>alert(1)</script> & Co" in page.text
