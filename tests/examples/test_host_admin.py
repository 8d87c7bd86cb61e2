"""The example host: its tokens, its pages, and the command that starts it with a demo of the order desk."""

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from app import PEOPLE, make_admin
from desk import Desk, DeskUnavailable
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import OctKey

from tests.api.conftest import ADMIN, new_key
from tests.cli.environment import environ
from tests.factories import make_order, make_product
from tests.outbox.servers import free_port
from tests.wsgi_server import WsgiServer
from webshop_orders.models import Order, Scope
from webshop_orders.operations.orders import cancellation
from webshop_orders.transactions.unit_of_work import editing

SECRET = "thirty-two-characters-or-more-for-tests"
ORIGIN = "http://localhost:8090"
TIMEOUT_SECONDS = 90
HOST_ADMIN = Path(__file__).parents[2] / "examples" / "host_admin"


@pytest.fixture
def desk_url(app: Flask) -> Iterator[str]:
    """The order desk under test, served over HTTP."""
    server = WsgiServer(app)
    yield server.url
    server.stop()


@pytest.fixture
def desk(desk_url: str) -> Desk:
    return Desk(desk_url, SECRET, new_key("Nordljus admin", (Scope.ORDERS_READ,)))


@pytest.fixture
def host(desk: Desk) -> FlaskClient:
    return make_admin(desk, origin=ORIGIN, secret_key="only for tests").test_client()


def host_without_desk() -> FlaskClient:
    desk = Desk(f"http://127.0.0.1:{free_port()}", SECRET, "wso_none")
    return make_admin(desk, origin=ORIGIN, secret_key="only for tests").test_client()


def post(host: FlaskClient, path: str, **form: str) -> Any:
    return host.post(path, data=form, headers={"Origin": ORIGIN})


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, OctKey.import_key(SECRET), algorithms=["HS256"]).claims


def place(*lines: tuple[str, int]) -> Order:
    make_product("LJUS-12", stock=10)
    return make_order(*(lines or (("LJUS-12", 2),)))


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://localhost:8091", f"{ORIGIN}.example"])
def test_another_site_gets_no_token_and_changes_no_preference(origin: str | None) -> None:
    host = host_without_desk()
    headers = {"Origin": origin} if origin else {}
    for path in ("/desk-token", "/preferences"):
        answer = host.post(path, data={"role": "viewer"}, headers=headers)
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers
        assert "eyJ" not in answer.text


def test_a_token_is_not_given_for_a_link() -> None:
    assert host_without_desk().get("/desk-token").status_code == 405


@pytest.mark.parametrize("form", [{"role": "owner"}, {"lang": "fi"}, {"theme": ""}, {"id": "1"}])
def test_a_preference_that_is_none_is_refused(form: dict[str, str]) -> None:
    host = host_without_desk()
    assert post(host, "/preferences", **form).status_code == 400
    assert claims_of(post(host, "/desk-token").text)["role"] == "admin"


def test_a_silent_desk_is_told_in_a_sentence() -> None:
    host = host_without_desk()
    for path in ("/", "/orders", "/customers", "/orders/WS-1/row"):
        answer = host.get(path)
        assert answer.status_code == 502
        assert "Orderhanteringen svarar inte just nu." in answer.text


def test_a_key_that_the_desk_does_not_know_is_a_silent_desk(desk_url: str) -> None:
    with pytest.raises(DeskUnavailable, match="401"):
        Desk(desk_url, SECRET, "wso_none").orders()


def test_a_token_is_as_the_desk_wants_it() -> None:
    host = host_without_desk()
    tokens = [claims_of(post(host, "/desk-token?order=WS-100234").text) for _time in range(2)]
    assert tokens[0]["jti"] != tokens[1]["jti"]
    claims = tokens[0]
    assert 8 <= len(claims.pop("jti")) <= 100
    assert 50 <= claims.pop("exp") - time.time() <= 60
    assert claims == {
        "iss": "host",
        "aud": "webshop-orders",
        "sub": PEOPLE["admin"].id,
        "name": PEOPLE["admin"].name,
        "role": "admin",
        "order": "WS-100234",
        "lang": "sv",
        "theme": "light",
        "accent": "#7a1fa2",
    }


@pytest.mark.parametrize("role", ["admin", "staff", "warehouse", "viewer"])
def test_a_token_is_for_the_person_who_is_signed_in(role: str) -> None:
    host = host_without_desk()
    assert post(host, "/preferences", role=role).status_code == 303
    assert post(host, "/preferences", theme="dark").status_code == 303
    claims = claims_of(post(host, "/desk-token?role=admin&sub=1").text)
    assert (claims["sub"], claims["name"], claims["role"]) == (PEOPLE[role].id, PEOPLE[role].name, role)
    assert (claims["theme"], claims["accent"]) == ("dark", "#d3a4f2")
    assert "order" not in claims


def test_the_policy_lets_in_the_desk_and_nobody_else() -> None:
    answer = host_without_desk().get("/")
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    desk = policy["frame-src"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", desk)
    assert policy["script-src"] == f"'self' {desk}"
    assert (policy["default-src"], policy["frame-ancestors"]) == ("'none'", "'none'")
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_list_shows_orders_as_the_desk_has_them(host: FlaskClient) -> None:
    order = place()
    page = host.get("/orders").text
    assert f'<li id="order-{order.number}">' in page
    assert order.customer.name in page
    assert '<span class="status ready">Redo</span>' in page
    post(host, "/preferences", lang="en")
    assert '<span class="status ready">Ready</span>' in host.get("/orders").text


def test_a_row_shows_what_became_of_its_order(host: FlaskClient) -> None:
    order = place()
    row = host.get(f"/orders/{order.number}/row").text
    assert row in host.get("/orders").text
    with editing(order.number, None, ADMIN) as changing:
        cancellation.cancel(changing, by=ADMIN)
    row = host.get(f"/orders/{order.number}/row").text
    assert '<span class="status cancelled">Makulerad</span>' in row
    assert row in host.get("/orders").text


@pytest.mark.parametrize("number", ["WS-999999", "..", "%2e%2e", "WS-1%3fx", "å", "%00"])
def test_a_row_of_no_order_is_not_found(host: FlaskClient, number: str) -> None:
    assert host.get(f"/orders/{number}/row").status_code == 404


def test_an_order_that_was_placed_since_is_found_at_the_next_look(host: FlaskClient) -> None:
    first = place()
    assert first.number in host.get("/orders").text
    second = make_order(("LJUS-12", 1))
    page = host.get("/orders").text
    assert page.index(second.number) < page.index(first.number)


def test_the_desk_is_asked_page_by_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    order = place()
    pages = {
        None: {"orders": [], "next_cursor": "second", "complete_until": "2026-11-23T09:00:00Z"},
        "second": {"orders": [desk.order(order.number)], "next_cursor": None, "complete_until": "2026-11-23T09:00:00Z"},
    }
    queries = []

    def respond(path: str) -> dict[str, Any]:
        queries.append({name: values[0] for name, values in parse_qs(urlsplit(path).query).items()})
        return pages[queries[-1].get("cursor")]

    monkeypatch.setattr(desk, "_get", respond)
    assert [order["number"] for order in desk.orders()] == [order.number]
    assert [order["number"] for order in desk.orders()] == [order.number]
    assert [query.get("cursor") for query in queries] == [None, "second", None, "second"]
    assert queries[2]["updated_since"] == "2026-11-23T09:00:00Z"


def test_overview_and_customers_count_the_orders(host: FlaskClient) -> None:
    order = place()
    assert '<li class="card"><b>1</b> Redo</li>' in host.get("/").text
    assert f"<td>{order.customer.name}</td>" in host.get("/customers").text


def test_without_javascript_the_chosen_order_is_in_a_plain_frame(host: FlaskClient, desk_url: str) -> None:
    order = place()
    page = host.get("/orders").text
    (link,) = re.findall(rf'<a href="([^"]*)" data-order="{order.number}"', page)
    chosen = host.get(unescape(link)).text
    (source,) = re.findall(r'<noscript>\s*<iframe title="Orderhantering" src="([^"]*)"', chosen)
    frame = urlsplit(unescape(source))
    query = parse_qs(frame.query)
    assert f"{frame.scheme}://{frame.netloc}{frame.path}" == f"{desk_url}/embed"
    assert query["origin"] == [ORIGIN]
    assert claims_of(query["token"][0])["order"] == order.number
    assert f'data-order="{order.number}" aria-current="true"' in chosen


class HostProcess:
    """A process of `python examples/host_admin`."""

    def __init__(self, *words: str) -> None:
        self.port, self.desk_port = free_port(), free_port()
        ports = ["--port", str(self.port), "--desk-port", str(self.desk_port)]
        self.process = subprocess.Popen(
            [sys.executable, str(HOST_ADMIN), "--no-browser", *ports, *words],
            env={**environ(DATABASE_URL="sqlite:////nowhere/at/all"), "PYTHONPATH": str(HOST_ADMIN.parents[1])},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def page(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return str(answer.read().decode())


@contextmanager
def running(*words: str) -> Iterator[HostProcess]:
    host = HostProcess(*words)
    try:
        yield host
    finally:
        if host.process.poll() is None:
            host.process.terminate()
        host.process.communicate(timeout=TIMEOUT_SECONDS)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.skipif(sys.platform == "win32", reason="ends what it started by a signal")
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_command_shows_the_demo_in_the_host_and_ends_both(number: signal.Signals) -> None:
    with running() as host:
        assert host.process.stdout is not None
        lines = [host.process.stdout.readline().strip() for _line in range(3)]
        assert lines[2] == f"http://localhost:{host.port}/orders", host.process.stderr
        page = host.page("/orders")
        assert page.count('<li id="order-WS-') == 60
        assert f"http://127.0.0.1:{host.desk_port}/embed?token=" in page
        host.process.send_signal(number)
        _out, errors = host.process.communicate(timeout=TIMEOUT_SECONDS)
        assert host.process.returncode == 0
        assert errors == ""
        assert is_free(host.port)
        assert is_free(host.desk_port)


def test_a_desk_that_runs_already_is_shown_in_place_of_the_demo(desk_url: str) -> None:
    order = place()
    with running("--desk", desk_url, "--secret", SECRET, "--key", new_key()) as host:
        assert host.process.stdout is not None
        assert host.process.stdout.readline().startswith("Nordljus admin")
        page = host.page(f"/orders?order={order.number}")
        (token,) = re.findall(r"/embed\?token=([^&\"]*)", page)
        assert claims_of(token)["order"] == order.number
        assert is_free(host.desk_port)


def test_a_desk_without_its_secrets_is_refused_in_a_sentence() -> None:
    with running("--desk", "https://orders.example.com") as host:
        _out, error = host.process.communicate(timeout=TIMEOUT_SECONDS)
    assert host.process.returncode == 2
    assert "--desk needs --secret" in error
    assert "Traceback" not in error


@pytest.mark.parametrize("option", ["--port", "--desk-port"])
def test_a_port_that_is_taken_is_named_in_a_sentence(option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with running(option, port) as host:
            _out, error = host.process.communicate(timeout=TIMEOUT_SECONDS)
    assert host.process.returncode == 1
    assert port in error
    assert error.count("\n") == 1
