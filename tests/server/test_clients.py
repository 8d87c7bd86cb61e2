"""Clients that are slow or break off, at the server as it runs in production."""

import http.client
import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.api.conftest import order_document
from tests.cli.environment import environ
from tests.cli.test_serve import Served, serving

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

SLOW_CLIENTS = 200
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
START = b"POST /login HTTP/1.1\r\nHost: localhost\r\n"
# What each kind of slow client sends first, and then again and again.
KINDS = {
    "body": (START + FORM + b"Content-Length: 100000\r\n\r\n", b"a"),
    "chunks": (START + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
    "headers": (START + b"X: ", b"a"),
    "nothing": (b"", b""),
}


@contextmanager
def slow_clients(port: int, kind: str) -> Iterator[list[socket.socket]]:
    first, drip = KINDS[kind]
    connections = [socket.create_connection(("127.0.0.1", port)) for _number in range(SLOW_CLIENTS)]
    stop = threading.Event()

    def send() -> None:
        for connection in connections:
            connection.sendall(first)
        while not stop.wait(0.5):
            for connection in connections:
                connection.send(drip)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        time.sleep(1)
        yield connections
    finally:
        stop.set()
        thread.join()
        for connection in connections:
            connection.close()


def usual_seconds(port: int, path: str, *, requests: int = 60) -> float:
    """The median time of a request, each of them over a connection of its own."""
    seconds = []
    for _number in range(requests):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        began = time.perf_counter()
        connection.request("GET", path)
        assert connection.getresponse().read()
        seconds.append(time.perf_counter() - began)
        connection.close()
    return statistics.median(seconds)


@pytest.fixture(scope="module")
def served_by_two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), "serve", "--no-worker") as served:
        served.line()
        yield served


@pytest.mark.alone
@pytest.mark.parametrize("kind", KINDS)
def test_slow_clients_delay_nobody(served_by_two: Served, kind: str) -> None:
    port = served_by_two.port
    for path in ("/login", "/healthz"):
        usual_seconds(port, path, requests=20)
        # A machine that does something else just then would be taken for the clients.
        for attempt in range(4):
            usual = usual_seconds(port, path)
            with slow_clients(port, kind):
                seconds = usual_seconds(port, path)
            if seconds <= 2 * usual:
                break
            assert attempt < 3, (path, usual, seconds)


def answer_to(port: int, request: bytes, *, ends: bool = True) -> tuple[int, bytes]:
    """The status and body of the answer to bytes, after which the client may end its side of the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response.status, response.read()


def test_a_form_shorter_than_it_says_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path, "serve", "--no-worker", "--workers", "1") as served:
        served.line()
        form = b"email=a%40example.com&password=x"
        whole = START + FORM + b"Content-Length: %d\r\n\r\n" % len(form) + form
        short = START + FORM + b"Content-Length: %d\r\n\r\n" % (len(form) + 1) + form
        assert answer_to(served.port, whole, ends=False)[0] == 400  # without the token of our own page
        status, text = answer_to(served.port, short)
        assert (status, text.decode()) == (400, "Begäran kom inte fram hel, så inget ändrades.\n")
        api = short.replace(b"/login", b"/api/v1/orders")
        status, text = answer_to(served.port, api)
        assert (status, json.loads(text)["detail"]) == (
            400,
            "The request did not arrive whole, so nothing was changed.",
        )
        assert served.answers()


LIMITS_OF_SIZE = {
    "a declared length": (b"Content-Length: 3000000\r\n\r\n", b"x" * 3_000_000),
    "chunks": (b"Transfer-Encoding: chunked\r\n\r\n", (b"10000\r\n" + b"x" * 0x10000 + b"\r\n") * 46 + b"0\r\n\r\n"),
    "a question first": (b"Expect: 100-continue\r\nContent-Length: 3000000\r\n\r\n", b""),
    "no end": (b"Content-Length: 99000000\r\n\r\n", b""),
}


@pytest.mark.parametrize("how", LIMITS_OF_SIZE)
@pytest.mark.parametrize("path", [b"/login", b"/api/v1/orders", b"/connect/woocommerce"])
def test_what_is_too_long_is_refused_so_that_the_client_hears_it(served: Served, how: str, path: bytes) -> None:
    headers, content = LIMITS_OF_SIZE[how]
    request = START.replace(b"/login", path) + FORM + headers + content
    assert answer_to(served.port, request, ends=False)[0] == 413


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), "serve", "--no-worker", "--workers", "1") as served:
        served.line()
        yield served


POSTS_PER_CONNECTION = 90


def api_key(folder: Path, scope: str) -> str:
    words = [sys.executable, "-m", "webshop_orders", "api-key", "create", scope, "--scope", scope]
    done = subprocess.run(words, cwd=folder, env=environ(), capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]


Post = tuple[str, dict[str, str], bytes, int]


def refused_posts(key: str, other_key: str) -> list[Post]:
    """A post for each way in which the API refuses one: path, headers, body and the expected status."""
    path, bearer = "/api/v1/orders", {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    body = json.dumps(order_document("refused")).encode() + b" " * 20_000
    return [
        (path, bearer | {"Idempotency-Key": ""}, body, 422),
        (path, bearer | {"Idempotency-Key": "k" * 300}, body, 422),
        (path, bearer | {"Idempotency-Key": "two words"}, body, 422),
        (path, bearer | {"Authorization": "Bearer wrong"}, body, 401),
        (path, {"Content-Type": "application/json"}, body, 401),
        (path, bearer | {"Authorization": f"Bearer {other_key}"}, body, 403),
        (path, bearer | {"Content-Type": "text/plain"}, body, 415),
        (path, bearer, b"{" * 20_000, 400),
        (path, bearer, b"{}" + b" " * 20_000, 422),
        (path, bearer, b" " * 1_500_000, 413),
        (path, bearer, b" " * 3_000_000, 413),
        (path, bearer | {"Host": "evil.example"}, body, 400),
        ("/api/v1/nothing", bearer, body, 404),
        ("/api/v1/products", bearer, body, 405),
        ("/api/v1/orders/WS-999999/comments", bearer, body, 422),
        ("/connect/shopify", bearer, body, 401),
        ("/login", {"Content-Type": "application/x-www-form-urlencoded"}, b"a=1&" * 300, 400),
        ("/login", {"Content-Type": "application/x-www-form-urlencoded"}, b"a=1&" * 3_000, 413),
    ]


def post_all(port: int, key: str, other_key: str, *, name: str, count: int) -> list[str]:
    """Post over one kept connection, every third one refused, and give what went wrong."""
    refused, faults = refused_posts(key, other_key), []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for number in range(count):
        if number % 3:
            body = json.dumps(order_document(f"{name}-{number}")).encode()
            headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
            post = ("/api/v1/orders", headers | {"Idempotency-Key": f"{name}-{number}"}, body, 201)
        else:
            post = refused[number // 3 % len(refused)]
        path, headers, body, expected = post
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            response.read()
            if response.status not in {expected, 503}:
                faults.append(f"{path} {expected}: {response.status}")
        except (OSError, http.client.HTTPException) as error:
            faults.append(f"{path} {expected}: {error!r}")
            connection.close()
    connection.close()
    return faults


def post_over_kept_connections(folder: Path, *, connections: int, posts: int) -> list[str]:
    words = ("serve", "--no-worker")
    with serving(folder, *words, API_REQUESTS_PER_MINUTE="1000000") as served:
        served.line()
        keys = api_key(folder, "orders:write"), api_key(folder, "orders:read")
        faults: list[str] = []

        def work(number: int) -> None:
            faults.extend(post_all(served.port, *keys, name=f"c{number}", count=posts))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return faults


def test_every_post_over_a_kept_connection_is_answered(tmp_path: Path) -> None:
    assert post_over_kept_connections(tmp_path, connections=6, posts=POSTS_PER_CONNECTION) == []


@pytest.mark.soak
def test_each_of_thousands_of_posts_over_kept_connections_is_answered(tmp_path: Path) -> None:
    assert post_over_kept_connections(tmp_path, connections=10, posts=500) == []
