"""Trusted hosts: a request for another host is refused, and no URL is built from its name."""

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.test import TestResponse, create_environ

from tests.web.conftest import HTMX, SWEDISH, Browser, check_headers, on_sqlite
from tests.web.http.test_bad_input import state
from tests.web.pages import Page, check
from webshop_orders.models import Order
from webshop_orders.web.http.trusted_hosts import is_trusted

SETTING = "WEBSHOP_ORDERS_TRUSTED_HOSTS"
EVIL = "evil.example"
UNTRUSTED_HOSTS = [
    "",
    " ",
    ".",
    "*",
    EVIL,
    "localhost.evil.example",
    "evil-localhost",
    "localhost.",
    "localhost@evil.example",
    "evil.example@localhost",
    "localhost/evil",
    "localhost#",
    "localhost?x",
    "localhost:",
    "localhost:x",
    "localhost:99999",
    "localhost:80:8000",
    "localhost, evil.example",
    "localhost evil.example",
    "localhost\tx",
    "[::1",
    "::1",
    "[::1].evil.example",
    "[" + ":" * 500 + "]",
    "127.0.0.1.evil.example",
    "2130706433",
    "0.0.0.0",
    "löcalhost",
    "\xff\xfe",
    "a" * 10_000,
    "a." * 5_000,
    "localhost:" + "8" * 10_000,
    "..",
    "xn--",
    "xn--a" * 20,
    "<script>",
    "{{7*7}}",
]


def send(client: FlaskClient, path: str, host: str, *, method: str = "GET", **more: str) -> TestResponse:
    """Send a request with exactly this Host header, even one that no client would send."""
    environ = {"HTTP_HOST": host, **{f"HTTP_{name}": value for name, value in more.items()}}
    return client.open(path, method=method, headers=SWEDISH, environ_overrides=environ)


def check_refused(response: TestResponse) -> None:
    assert response.status_code == 400
    assert SETTING in response.text
    assert EVIL not in response.text
    assert "Set-Cookie" not in response.headers
    check_headers(response)


@on_sqlite
@pytest.mark.parametrize("host", UNTRUSTED_HOSTS, ids=range(len(UNTRUSTED_HOSTS)))
def test_an_untrusted_host_gets_a_page_that_names_the_setting(app: Flask, host: str) -> None:
    for path in ("/orders", "/login", "/finns-inte", "/healthz", "/static/app.css", "/orders/"):
        environ = {**create_environ(path, headers=SWEDISH), "HTTP_HOST": host}
        response = Response.from_app(app, environ)  # Werkzeug's test client fails on some of these
        assert response.status_code == 400, (path, host)
        assert SETTING in Page(response.get_data(as_text=True)).text
        check(Page(response.get_data(as_text=True)), whole=True)


@on_sqlite
def test_an_untrusted_host_gets_a_toast_for_htmx_and_a_problem_for_programs(nobody: Browser) -> None:
    toast = nobody.client.get("/orders", headers={**HTMX, "Host": EVIL})
    check_refused(toast)
    assert toast.text.startswith("<hx-partial")
    for path in ("/api/v1/orders", "/api/v1/nothing", "/api/v1/openapi.json", "/connect/shopify", "/connect/nothing"):
        for method in ("GET", "POST"):
            response = send(nobody.client, path, EVIL, method=method)
            check_refused(response)
            assert response.mimetype == "application/problem+json", path


@on_sqlite
def test_a_form_sent_to_an_untrusted_host_changes_nothing(app: Flask, staff: Browser, order: Order) -> None:
    before, url = state(order), f"/orders/{order.number}"
    typed = {**staff.page(url).form(f"{url}/comments").values(), "text": "Hej"}
    response = staff.client.post(f"{url}/comments", data=typed, headers={**SWEDISH, "Host": EVIL})
    check_refused(response)
    assert state(order) == before
    assert staff.client.post(f"{url}/comments", data=typed, headers=SWEDISH).status_code == 303


@on_sqlite
@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost:8000", "LocalHost", "127.0.0.1:5000", "[::1]", "[::1]:8000"),
        *("desk.example.com", "DESK.example.com:443", "a.shops.example", "b.a.shops.example", "shops.example"),
    ],
)
def test_a_trusted_host_is_accepted_in_any_case_and_with_any_port(app: Flask, nobody: Browser, host: str) -> None:
    app.config["OWN_HOSTS"] = ("desk.example.com", ".shops.example", *app.config["OWN_HOSTS"])
    assert send(nobody.client, "/login", host).status_code == 200


@pytest.mark.parametrize("host", ["desk.example.com.evil.example", "xdesk.example.com", "evilshops.example", "com"])
def test_a_host_that_only_resembles_a_trusted_one_is_not_trusted(host: str) -> None:
    assert not is_trusted(host, ("desk.example.com", ".shops.example"))


@on_sqlite
def test_no_link_contains_the_requested_host(app: Flask, staff: Browser, order: Order) -> None:
    app.config["OWN_HOSTS"] = (EVIL,)  # as if it were trusted by mistake
    staff.client.set_cookie("webshop_orders", staff.client.get_cookie("webshop_orders").value, domain=EVIL)
    for path in ("/orders", f"/orders/{order.number}", "/orders/", "/login", "/finns-inte"):
        response = send(staff.client, path, EVIL)
        assert EVIL not in response.text, path
        assert EVIL not in response.headers.get("Location", ""), path
