"""Error pages: a sentence in the layout or as a toast, never a traceback."""

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from tests.web.conftest import HTMX, SWEDISH, Browser, check_headers, on_sqlite
from tests.web.http.test_bad_input import state
from tests.web.pages import Page, check
from webshop_orders.models import Order

pytestmark = on_sqlite

NOT_FOUND = "Det finns ingen sådan sida."
WRONG_METHOD = "Den här adressen öppnas inte på det sättet."
SERVER_ERROR = "Något gick fel hos oss, och inget ändrades."


def test_a_not_found_page_links_to_the_orders(staff: Browser) -> None:
    for path in ("/finns-inte", "/orders/", "/orders/X/Y/Z", "/settings/finns-inte", "/lines", "/static/finns-inte"):
        response = Browser.get(staff, path) if not path.startswith("/static") else staff.client.get(path)
        assert response.status_code == 404, path
        page = Page(response.text)
        assert len(page.headings) == 1
        assert "/orders" in page.links
    assert NOT_FOUND in Page(staff.get("/finns-inte").text).text


def test_not_found_is_a_toast_for_htmx(staff: Browser) -> None:
    response = staff.get("/finns-inte", htmx=True)
    assert response.status_code == 404
    assert response.text.startswith('<hx-partial hx-target="#toasts"')
    assert response.headers["HX-Reswap"] == "none"
    assert NOT_FOUND in Page(response.text).text


def test_a_missing_page_restored_from_the_browser_history_is_a_full_page(staff: Browser) -> None:
    response = staff.client.get(
        "/orders/WS-999999", headers={**SWEDISH, "HX-Request": "true", "HX-Request-Type": "full"}
    )
    assert response.status_code == 404
    check(Page(response.text), whole=True)


def test_a_not_found_page_is_in_the_language_of_the_browser(nobody: Browser) -> None:
    response = nobody.client.get("/nowhere", headers={"Accept-Language": "en"})
    assert response.status_code == 404
    assert '<html lang="en"' in response.text
    assert "There is no such page." in response.text


def test_an_unsupported_language_is_answered_in_swedish(nobody: Browser) -> None:
    for language in ("de", "*", "", "sv;q=nonsense", "\xff", "x" * 5000):
        response = nobody.client.get("/nowhere", headers={"Accept-Language": language})
        assert '<html lang="sv"' in response.text


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
def test_a_wrong_method_is_refused_with_the_allowed_methods(
    admin: Browser, order: Order, method: str, path: str, allowed: str
) -> None:
    before = state(order)
    response = admin.client.open(path.format(number=order.number), method=method, headers=SWEDISH)
    assert response.status_code == 405
    assert allowed in response.headers["Allow"].split(", ")
    assert WRONG_METHOD in Page(response.text).text
    check(Page(response.text), whole=True)
    check_headers(response)
    assert state(order) == before


def test_a_request_body_that_is_too_large_is_refused(staff: Browser, order: Order) -> None:
    before, path = state(order), f"/orders/{order.number}/comments"
    parts = "".join(f'--b\r\nContent-Disposition: form-data; name="f{i}"\r\n\r\n1\r\n' for i in range(10_000))
    bodies = {
        "application/x-www-form-urlencoded": ["&".join(["a=1"] * 10_000), "&" * 10_000, "text=" + "x" * 3_000_000],
        "multipart/form-data; boundary=b": [parts + "--b--\r\n"],
        "text/plain": ["x" * 3_000_000],
    }
    for content_type, bodies_of_type in bodies.items():
        for body in bodies_of_type:
            for headers in (SWEDISH, {**SWEDISH, **HTMX}):
                response = staff.client.post(path, data=body, content_type=content_type, headers=headers)
                assert response.status_code == 413, content_type
                assert "Det är mer än vad som kan tas emot på en gång." in Page(response.text).text
                check_headers(response)
    assert state(order) == before


def test_a_body_that_is_not_a_form_changes_nothing(staff: Browser, order: Order) -> None:
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
        response = staff.client.post(path, data=body, content_type=content_type, headers=SWEDISH)
        assert response.status_code == 400, content_type
        assert "inget ändrades" in Page(response.text).text
    assert state(order) == before


def test_a_server_error_page_shows_no_details(app: Flask, staff: Browser) -> None:
    def fail() -> str:
        raise RuntimeError("the secret of the house")

    app.view_functions["products.search"] = fail
    app.config["PROPAGATE_EXCEPTIONS"] = False
    for headers in (SWEDISH, {**SWEDISH, **HTMX}):
        response = staff.client.get("/products", headers=headers)
        assert response.status_code == 500
        assert SERVER_ERROR in Page(response.text).text
        assert "secret" not in response.text
        check_headers(response)


def test_an_unreachable_database_is_an_error_page_without_a_traceback(app: Flask, nobody: Browser) -> None:
    def fail(*args: object) -> None:
        raise OperationalError("select", {}, Exception("gone"))

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.before_request_funcs[None].insert(0, fail)
    response = nobody.client.get("/orders", headers=SWEDISH)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    check(Page(response.text), whole=True)
    assert "select" not in Page(response.text).text
    check_headers(response)
