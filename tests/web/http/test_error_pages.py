"""What is answered where there is nothing to show: a sentence, in the layout or as a toast, and never a traceback."""

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from tests.web.conftest import HTMX, SWEDISH, Browser, check_headers, on_sqlite
from tests.web.http.test_bad_input import state
from tests.web.pages import Page, check
from webshop_orders.models import Order

pytestmark = on_sqlite

NO_PAGE = "Det finns ingen sådan sida."
WRONG_WAY = "Den här adressen öppnas inte på det sättet."
WENT_WRONG = "Något gick fel hos oss, och inget ändrades."


def test_an_unknown_page_is_a_page_with_a_way_out(staff: Browser) -> None:
    for path in ("/finns-inte", "/orders/", "/orders/X/Y/Z", "/settings/finns-inte", "/lines", "/static/finns-inte"):
        answer = Browser.get(staff, path) if not path.startswith("/static") else staff.client.get(path)
        assert answer.status_code == 404, path
        page = Page(answer.text)
        assert len(page.headings) == 1
        assert "/orders" in page.links
    assert NO_PAGE in Page(staff.get("/finns-inte").text).text


def test_an_unknown_page_is_a_toast_to_htmx(staff: Browser) -> None:
    answer = staff.get("/finns-inte", htmx=True)
    assert answer.status_code == 404
    assert answer.text.startswith('<hx-partial hx-target="#toasts"')
    assert answer.headers["HX-Reswap"] == "none"
    assert NO_PAGE in Page(answer.text).text


def test_a_page_of_the_history_that_is_gone_is_a_page(staff: Browser) -> None:
    answer = staff.client.get("/orders/WS-999999", headers={**SWEDISH, "HX-Request": "true", "HX-Request-Type": "full"})
    assert answer.status_code == 404
    check(Page(answer.text), whole=True)


def test_an_unknown_page_is_told_in_the_readers_language(nobody: Browser) -> None:
    answer = nobody.client.get("/nowhere", headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert '<html lang="en">' in answer.text
    assert "There is no such page." in answer.text


def test_a_language_that_nobody_speaks_is_answered_in_swedish(nobody: Browser) -> None:
    for language in ("de", "*", "", "sv;q=nonsense", "\xff", "x" * 5000):
        answer = nobody.client.get("/nowhere", headers={"Accept-Language": language})
        assert '<html lang="sv">' in answer.text


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/orders", "GET"),
        ("PUT", "/orders", "GET"),
        ("DELETE", "/orders/{number}", "GET"),
        ("POST", "/orders/{number}/shipping", "GET"),
        ("GET", "/orders/{number}/shipments/1/status", "POST"),
        ("GET", "/orders/{number}/shipments/1/backorder-split", "POST"),
        ("GET", "/orders/{number}/lines/1/removal", "POST"),
        ("GET", "/settings/carriers/removal", "POST"),
        ("GET", "/logout", "POST"),
        ("POST", "/healthz", "GET"),
    ],
)
def test_a_wrong_method_names_the_right_ones(
    admin: Browser, order: Order, method: str, path: str, allowed: str
) -> None:
    before = state(order)
    answer = admin.client.open(path.format(number=order.number), method=method, headers=SWEDISH)
    assert answer.status_code == 405
    assert allowed in answer.headers["Allow"].split(", ")
    assert WRONG_WAY in Page(answer.text).text
    check(Page(answer.text), whole=True)
    check_headers(answer)
    assert state(order) == before


def test_more_than_can_be_taken_is_refused_before_it_is_read(staff: Browser, order: Order) -> None:
    before, path = state(order), f"/orders/{order.number}/comments"
    parts = "".join(f'--b\r\nContent-Disposition: form-data; name="f{i}"\r\n\r\n1\r\n' for i in range(10_000))
    bodies = {
        "application/x-www-form-urlencoded": ["&".join(["a=1"] * 10_000), "&" * 10_000, "text=" + "x" * 3_000_000],
        "multipart/form-data; boundary=b": [parts + "--b--\r\n"],
        "text/plain": ["x" * 3_000_000],
    }
    for content_type, sent in bodies.items():
        for body in sent:
            for headers in (SWEDISH, {**SWEDISH, **HTMX}):
                answer = staff.client.post(path, data=body, content_type=content_type, headers=headers)
                assert answer.status_code == 413, content_type
                assert "Det är mer än vad som kan tas emot på en gång." in Page(answer.text).text
                check_headers(answer)
    assert state(order) == before


def test_bodies_that_are_no_form_change_nothing(staff: Browser, order: Order) -> None:
    before, path = state(order), f"/orders/{order.number}/comments"
    for content_type, body in (
        ("application/json", '{"text": "Hej"}'),
        ("multipart/form-data", "no boundary"),
        ("multipart/form-data; boundary=b", "--b\r\nnonsense"),
        ("application/x-www-form-urlencoded; charset=utf-16", "text=Hej".encode("utf-16")),
        ("text/plain", "text=Hej"),
        ("\xff/\xff", "text=Hej"),
        ("", ""),
    ):
        answer = staff.client.post(path, data=body, content_type=content_type, headers=SWEDISH)
        assert answer.status_code == 400, content_type
        assert "inget ändrades" in Page(answer.text).text
    assert state(order) == before


def test_a_fault_of_ours_is_a_page_without_its_details(app: Flask, staff: Browser) -> None:
    def break_down() -> str:
        raise RuntimeError("the secret of the house")

    app.view_functions["products.search"] = break_down
    app.config["PROPAGATE_EXCEPTIONS"] = False
    for headers in (SWEDISH, {**SWEDISH, **HTMX}):
        answer = staff.client.get("/products", headers=headers)
        assert answer.status_code == 500
        assert WENT_WRONG in Page(answer.text).text
        assert "secret" not in answer.text
        check_headers(answer)


def test_a_database_that_is_gone_is_a_page_and_not_a_traceback(app: Flask, nobody: Browser) -> None:
    def break_down(*args: object) -> None:
        raise OperationalError("select", {}, Exception("gone"))

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.before_request_funcs[None].insert(0, break_down)
    answer = nobody.client.get("/orders", headers=SWEDISH)
    assert answer.status_code == 500
    check(Page(answer.text), whole=True)
    assert "select" not in Page(answer.text).text
    check_headers(answer)
