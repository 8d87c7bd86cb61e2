"""Forwarded headers are trusted for exactly as many proxies as are configured."""

import pytest
from flask import Flask, request

from tests.conftest import settings
from tests.web.conftest import SWEDISH, on_sqlite
from webshop_orders import create_app

ClientsSeen = list[tuple[str | None, str, str]]

# Headers after three proxies, each of which appended what it saw.
FORWARDED_HEADERS = {
    "X-Forwarded-For": "203.0.113.1, 203.0.113.2, 203.0.113.3",
    "X-Forwarded-Proto": "https, http, https",
    "X-Forwarded-Host": "one.example, two.example, three.example",
    "X-Forwarded-Port": "1, 2, 3",
    "X-Forwarded-Prefix": "/one, /two, /three",
    "Forwarded": "for=203.0.113.9;proto=https;host=nine.example",
    "X-Real-IP": "203.0.113.9",
    "X-Forwarded-Ssl": "on",
    "Front-End-Https": "on",
}


def behind(proxies: int, url: str, **more: object) -> tuple[Flask, ClientsSeen]:
    """An application behind proxies, and the client's address, scheme and host as it sees them."""
    app, clients = create_app(settings(url, TRUSTED_PROXIES=proxies, **more)), ClientsSeen()
    app.after_request(
        lambda response: (clients.append((request.remote_addr, request.scheme, request.host)), response)[1]
    )
    return app, clients


@on_sqlite
def test_forwarded_headers_are_ignored_without_a_proxy(database: str) -> None:
    app, clients = behind(0, database)
    response = app.test_client().get("/login", headers={**SWEDISH, **FORWARDED_HEADERS})
    assert response.status_code == 200
    assert "Strict-Transport-Security" not in response.headers
    assert clients == [("127.0.0.1", "http", "localhost")]


@on_sqlite
@pytest.mark.parametrize(
    ("proxies", "expected"),
    [
        (1, ("203.0.113.3", "https", "three.example")),
        (2, ("203.0.113.2", "http", "two.example")),
        (3, ("203.0.113.1", "https", "one.example")),
        (4, ("127.0.0.1", "http", "localhost")),  # fewer values than proxies: the client itself sent some
    ],
)
def test_forwarded_headers_are_trusted_for_the_configured_number_of_proxies(
    database: str, proxies: int, expected: tuple[str, ...]
) -> None:
    app, clients = behind(proxies, database, OWN_HOSTS=(".example", "localhost"))
    response = app.test_client().get("/login", headers={**SWEDISH, **FORWARDED_HEADERS})
    assert response.status_code == 200
    assert ("Strict-Transport-Security" in response.headers) is (expected[1] == "https")
    assert clients == [expected]


@on_sqlite
@pytest.mark.parametrize(
    "host", ["evil.example", "", "a" * 10_000, "@", "\xff", "localhost/", "localhost, evil.example"]
)
def test_an_untrusted_forwarded_host_is_refused(database: str, host: str) -> None:
    app, _clients = behind(1, database)
    headers = {**SWEDISH, "X-Forwarded-For": "203.0.113.3", "X-Forwarded-Host": host}
    response = app.test_client().get("/login", headers=headers)
    assert response.status_code == (400 if host else 200)  # an empty header is ignored


@on_sqlite
@pytest.mark.parametrize("scheme", ["", "javascript", "\xff", "x" * 10_000, "https:", "HTTPS"])
def test_an_invalid_forwarded_scheme_is_not_tls(database: str, scheme: str) -> None:
    app, _clients = behind(1, database)
    response = app.test_client().get("/orders", headers={**SWEDISH, "X-Forwarded-Proto": scheme})
    assert response.status_code == 303
    assert response.location == "/login?next=/orders"
    assert "Strict-Transport-Security" not in response.headers


@on_sqlite
@pytest.mark.parametrize(("scheme", "is_secure"), [("https", True), ("http", False)])
def test_a_cookie_set_over_tls_is_secure(database: str, scheme: str, is_secure: bool) -> None:
    app, _clients = behind(1, database)
    response = app.test_client().get("/login", headers={**SWEDISH, "X-Forwarded-Proto": scheme})
    [cookie] = response.headers.getlist("Set-Cookie")
    assert ("Secure" in cookie.split("; ")) is is_secure
