"""Forwarded headers are trusted for exactly as many proxies as are configured."""

import pytest
from flask import Flask, request

from tests.conftest import settings
from tests.web.conftest import SWEDISH, on_sqlite
from webshop_orders import create_app

Seen = list[tuple[str | None, str, str]]

# As three proxies leave them, each adding what it saw at the end.
SAID = {
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


def behind(proxies: int, url: str, **more: object) -> tuple[Flask, Seen]:
    """An application behind proxies, and the client's address, scheme and host as it sees them."""
    app, seen = create_app(settings(url, TRUSTED_PROXIES=proxies, **more)), Seen()
    app.after_request(lambda response: (seen.append((request.remote_addr, request.scheme, request.host)), response)[1])
    return app, seen


@on_sqlite
def test_what_a_client_says_of_itself_is_not_believed_without_a_proxy(database: str) -> None:
    app, seen = behind(0, database)
    response = app.test_client().get("/login", headers={**SWEDISH, **SAID})
    assert response.status_code == 200
    assert "Strict-Transport-Security" not in response.headers
    assert seen == [("127.0.0.1", "http", "localhost")]


@on_sqlite
@pytest.mark.parametrize(
    ("proxies", "believed"),
    [
        (1, ("203.0.113.3", "https", "three.example")),
        (2, ("203.0.113.2", "http", "two.example")),
        (3, ("203.0.113.1", "https", "one.example")),
        (4, ("127.0.0.1", "http", "localhost")),  # fewer spoke than stand there, so the rest is the client's own
    ],
)
def test_as_many_proxies_are_believed_as_stand_there(database: str, proxies: int, believed: tuple[str, ...]) -> None:
    app, seen = behind(proxies, database, OWN_HOSTS=(".example", "localhost"))
    response = app.test_client().get("/login", headers={**SWEDISH, **SAID})
    assert response.status_code == 200
    assert ("Strict-Transport-Security" in response.headers) is (believed[1] == "https")
    assert seen == [believed]


@on_sqlite
@pytest.mark.parametrize(
    "host", ["evil.example", "", "a" * 10_000, "@", "\xff", "localhost/", "localhost, evil.example"]
)
def test_a_proxy_that_passes_on_a_host_that_is_none_of_ours_is_refused(database: str, host: str) -> None:
    app, _seen = behind(1, database)
    headers = {**SWEDISH, "X-Forwarded-For": "203.0.113.3", "X-Forwarded-Host": host}
    response = app.test_client().get("/login", headers=headers)
    assert response.status_code == (400 if host else 200)  # an empty one says nothing


@on_sqlite
@pytest.mark.parametrize("scheme", ["", "javascript", "\xff", "x" * 10_000, "https:", "HTTPS"])
def test_a_scheme_that_is_none_is_no_encryption(database: str, scheme: str) -> None:
    app, _seen = behind(1, database)
    response = app.test_client().get("/orders", headers={**SWEDISH, "X-Forwarded-Proto": scheme})
    assert response.status_code == 303
    assert response.location == "/login?next=/orders"
    assert "Strict-Transport-Security" not in response.headers


@on_sqlite
@pytest.mark.parametrize(("scheme", "only_by_tls"), [("https", True), ("http", False)])
def test_a_cookie_that_came_by_tls_is_for_tls_alone(database: str, scheme: str, only_by_tls: bool) -> None:
    app, _seen = behind(1, database)
    response = app.test_client().get("/login", headers={**SWEDISH, "X-Forwarded-Proto": scheme})
    [cookie] = response.headers.getlist("Set-Cookie")
    assert ("Secure" in cookie.split("; ")) is only_by_tls
