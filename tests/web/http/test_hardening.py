"""Attacks: path tricks, open redirects, session fixation, forged requests."""

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask, Response
from werkzeug.test import create_environ

from tests.web.conftest import HTMX, SWEDISH, Browser, SignIn, check_headers, on_sqlite
from tests.web.http.test_bad_input import first_line, state
from tests.web.pages import Page, check
from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.mailing import context
from webshop_orders.models import Order, Role, User
from webshop_orders.security import sign_in_links

pytestmark = on_sqlite

PASSWORD = "mitt hemliga ord"


@pytest.fixture
def asa(app: Flask) -> User:
    user = User(email="asa@example.com", name="Åsa", role=Role.STAFF)
    user.set_password(PASSWORD)
    db.session.add(user)
    db.session.commit()
    return user


def cookie_of(browser: Browser) -> str:
    cookie = browser.client.get_cookie("webshop_orders")
    assert cookie is not None
    return cookie.value


# Paths


UNUSUAL_NUMBERS = [
    "../settings/shop",
    "../../settings/shop",
    "..",
    ".",
    "./{number}",
    "{number}/../../settings/shop",
    "{number}/..",
    "..\\settings\\shop",
    "{number};a=b",
    "{number};",
    "{number}.",
    "{number}...",
    "{number} ",
    " {number}",
    "{number}\0",
    "{number}\0.html",
    "{number}\r\nLocation: //evil.example",
    "{number}%00",
    "{number}%2fshipping",
    "%2e%2e%2fsettings",
    "..%c0%af..%c0%afsettings",
    "\xc0\xae\xc0\xae/settings",
    "\xff",
    "{wide}",
    "{number}\xcc\x81",
    "{number}\xe2\x80\xae",
    "{number}\xef\xbc\x8fshipping",
    "{lower}",
    "{number}'--",
    '{number}" or 1=1',
    "%",
    "_",
    "*",
    "{{{{7*7}}}}",
    "${{7*7}}",
    "<script>alert(1)</script>",
    "x" * 65,
    "x" * 100_000,
    "/" * 1_000,
    "a/" * 1_000,
]


@dataclass
class RawRequest:
    """A request of a browser for a percent-decoded path, as the web server passes it on."""

    browser: Browser
    path: str

    def send(self, app: Flask, method: str = "GET", **more: object) -> Response:
        environ = create_environ("/", method=method, headers=SWEDISH, **more)
        environ |= {"PATH_INFO": self.path, "HTTP_COOKIE": f"webshop_orders={cookie_of(self.browser)}"}
        return Response.from_app(app, environ)


@pytest.mark.parametrize("template", UNUSUAL_NUMBERS, ids=range(len(UNUSUAL_NUMBERS)))
def test_an_unusual_spelling_of_an_order_number_is_not_found(
    app: Flask, admin: Browser, order: Order, template: str
) -> None:
    fullwidth = (
        order.number.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)}).encode().decode("latin-1")
    )
    path_part = template.format(number=order.number, wide=fullwidth, lower=order.number.lower())
    before, typed = state(order), {"csrf_token": admin.token(), "version": 1, "text": "Hej"}
    for suffix in ("", "/shipping", "/messages", "/comments"):
        raw_request = RawRequest(admin, f"/orders/{path_part}{suffix}")
        response = raw_request.send(app)
        assert response.status_code in {308, 404, 405}, (raw_request.path[:80], response.status_code)
        assert urlsplit(urljoin("http://localhost/", response.location or "/")).netloc == "localhost"
        if response.status_code == 404:
            check(Page(response.get_data(as_text=True)), whole=True)
        assert raw_request.send(app, "POST", data=typed).status_code in {308, 404, 405}
    assert state(order) == before


@pytest.mark.parametrize("path", ["//orders", "//evil.example/orders", "///evil.example", "//evil.example", "/\\evil"])
def test_a_path_with_two_leading_slashes_does_not_redirect_to_another_site(
    app: Flask, staff: Browser, path: str
) -> None:
    response = RawRequest(staff, path).send(app)
    assert response.status_code in {200, 308, 404}
    assert "evil" not in response.get_data(as_text=True)
    assert urlsplit(urljoin("http://localhost/login", response.location or "/")).netloc == "localhost"


def test_an_unusual_spelling_of_the_settings_path_is_refused(app: Flask, staff: Browser) -> None:
    for path in (
        "//settings//shop",
        "/./settings/shop",
        "/orders/../settings/shop",
        "/settings;/shop",
        "/SETTINGS/shop",
    ):
        response = RawRequest(staff, path).send(app)
        assert response.status_code in {308, 403, 404}, path
        assert "Öresavrundning" not in response.get_data(as_text=True)


def test_a_static_path_cannot_leave_its_folder(app: Flask, staff: Browser) -> None:
    tricks = (
        "..",
        "../pyproject.toml",
        "..\\pyproject.toml",
        "%2e%2e/pyproject.toml",
        "/etc/passwd",
        "app.css\0",
        "C:/x",
    )
    for trick in (*tricks, "", "vendor", "vendor/", "vendor/../../pyproject.toml", "x" * 10_000, "\xff"):
        response = RawRequest(staff, f"/static/{trick}").send(app)
        assert response.status_code in {308, 404}, trick[:80]
        assert "webshop-orders" not in response.get_data(as_text=True).partition("<title>")[0]


# Redirects after signing in


UNSAFE_TARGETS = [
    "//evil.example",
    "///evil.example",
    "////evil.example/%2e%2e",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\n/evil.example",
    "/\r\nLocation: https://evil.example",
    "/orders\r\nSet-Cookie: webshop_orders=x",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "HTTPS://evil.example",
    "http://localhost@evil.example",
    "http://localhost.evil.example",
    "@evil.example",
    "evil.example",
    ".evil.example",
    ":80",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "\x00//evil.example",
    "/\x00/evil.example",
    "\u2028//evil.example",
    "／／evil.example",
    "⁄⁄evil.example",
    "〱evil.example",
    "?next=//evil.example",
    "#//evil.example",
    "",
]
OWN_PATHS = [
    "/%09/evil.example",
    "/%2f/evil.example",
    "/%5cevil.example",
    "/／evil.example",
    "/ /evil.example",
    "/@evil",
]


@pytest.mark.parametrize("target", UNSAFE_TARGETS, ids=range(len(UNSAFE_TARGETS)))
def test_signing_in_redirects_to_no_other_site(sign_in: SignIn, staff: Browser, asa: User, target: str) -> None:
    link, query = f"/login/{sign_in_links.make(asa)}", {"next": target}
    nobody = sign_in(None)
    form = {**nobody.page("/login").forms[0].values(), "email": asa.email, "password": PASSWORD}
    by_password = nobody.client.post("/login", query_string=query, data=form, headers=SWEDISH)
    for response in (sign_in(None).get(link, query_string=query), by_password, staff.get("/login", query_string=query)):
        assert response.location == "/today"


@pytest.mark.parametrize("target", OWN_PATHS)
def test_a_redirect_to_an_unusual_path_stays_on_the_site(staff: Browser, target: str) -> None:
    location = staff.get("/login", query_string={"next": target}).location
    assert location.startswith("/")
    assert location[1] not in "/\\"
    assert urlsplit(urljoin("http://localhost/login", location)).netloc == "localhost"


def test_of_several_redirect_targets_the_first_is_used(staff: Browser) -> None:
    assert staff.get("/login?next=/orders%3Fq=x&next=//evil.example").location == "/orders?q=x"
    assert staff.get("/login?next=//evil.example&next=/orders%3Fq=x").location == "/today"


# CSRF


def check_token_is_refused(staff: Browser, order: Order, token: object) -> None:
    """Check that no form is carried out with this value as its CSRF token, in a field or a header."""
    before, url = state(order), f"/orders/{order.number}"
    line = first_line(order)
    typed = {"version": before[0], "quantity": 1, "target": "new", "text": "Hej", "status": "shipped", "code": "AB1"}
    for action in (f"{url}/comments", f"{url}/lines/{line}", f"{url}/lines/{line}/removal", f"{url}/cancellation"):
        for htmx in (True, False):
            response = staff.post(action, {**typed, "csrf_token": token}, htmx=htmx)
            assert response.status_code == 400, action
            assert "Formuläret kom inte fram helt" in Page(response.text).text
        headers = {**SWEDISH, "X-CSRFToken": str(token), "Origin": "https://evil.example"}
        assert staff.client.post(action, data=typed, headers=headers).status_code == 400
        assert staff.client.post(f"{action}?csrf_token={token}", data=typed, headers=SWEDISH).status_code == 400
    assert state(order) == before


def test_the_csrf_token_of_another_session_is_refused(staff: Browser, admin: Browser, order: Order) -> None:
    check_token_is_refused(staff, order, admin.token())


def test_a_csrf_token_from_before_signing_in_is_refused(staff: Browser, nobody: Browser, order: Order) -> None:
    check_token_is_refused(staff, order, nobody.page("/login").forms[0].values()["csrf_token"])


@pytest.mark.parametrize("token", [None, "", "x", "null", "IngiIg.x.y", "\0", "x" * 100_000, "..", "é"])
def test_a_forged_csrf_token_is_refused(staff: Browser, order: Order, token: str | None) -> None:
    if token is None or (token.isascii() and token.isprintable() and len(token) < 1_000):
        check_token_is_refused(staff, order, token)
    else:
        before, url = state(order), f"/orders/{order.number}"
        assert staff.post(f"{url}/comments", {"version": 1, "text": "Hej", "csrf_token": token}).status_code == 400
        assert state(order) == before


def test_a_valid_csrf_token_is_accepted(staff: Browser, order: Order) -> None:
    url = f"/orders/{order.number}"
    assert staff.send(url, f"{url}/comments", text="Hej").status_code == 303


# Session fixation


def test_signing_in_replaces_a_session_planted_by_an_attacker(sign_in: SignIn, asa: User, order: Order) -> None:
    attacker, victim = sign_in(None), sign_in(None)
    planted_token = attacker.page("/login").forms[0].values()["csrf_token"]
    planted_cookie = cookie_of(attacker)
    for method in ("password", "link"):
        victim.client.set_cookie("webshop_orders", planted_cookie)
        if method == "password":
            form = {**victim.page("/login").forms[0].values(), "email": asa.email, "password": PASSWORD}
            assert victim.post("/login", form).status_code == 303
        else:
            assert victim.get(f"/login/{sign_in_links.make(asa)}").status_code == 303
        assert cookie_of(victim) != planted_cookie
        attacker.client.set_cookie("webshop_orders", planted_cookie)
        assert attacker.get("/orders").status_code == 303, "the planted session is signed in now"
        assert victim.get("/orders").status_code == 200
        check_token_is_refused(victim, order, planted_token)


def test_signing_in_as_another_user_keeps_nothing_of_the_former_session(
    sign_in: SignIn, admin: Browser, asa: User
) -> None:
    token = admin.token()
    assert admin.get(f"/login/{sign_in_links.make(asa)}").status_code == 303
    assert admin.get("/settings/shop").status_code == 403
    assert admin.token() != token


# Oversized requests


@pytest.mark.parametrize(
    "name", ["Cookie", "Accept-Language", "HX-Current-URL", "User-Agent", "Referer", "X-Forwarded-For"]
)
def test_an_oversized_header_breaks_nothing(staff: Browser, name: str) -> None:
    for value in (
        "x" * 1_000_000,
        "a=b; " * 100_000,
        "sv;q=0.5," * 50_000,
        "\xff" * 10_000,
        "webshop_orders=" + "." * 9_999,
    ):
        for path in ("/orders", "/login", "/finns-inte", "/api/v1/orders"):
            response = staff.client.get(path, headers={**SWEDISH, **HTMX, name: value})
            assert response.status_code < 500, (path, value[:20])
            check_headers(response)


def test_an_oversized_url_breaks_nothing(staff: Browser) -> None:
    for path in (f"/orders?q={'x' * 1_000_000}", "/orders?" + "a=b&" * 100_000, "/" + "a" * 1_000_000):
        assert staff.client.get(path, headers=SWEDISH).status_code in {200, 404, 413}


# Links in mails


def test_a_mail_links_to_the_base_url_and_not_to_the_requested_host(app: Flask, order: Order) -> None:
    app.config["BASE_URL"] = "https://desk.example.com"
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    with app.test_request_context("/", headers=headers):
        values = context.order_context(order, shop_settings.current(), "sv")
    assert values["order"]["url"] == f"https://desk.example.com/orders/{order.number}"
    assert "evil.example" not in str(values)
