"""Requests a second of an earlier build and of ours: 16 clients, of whose requests 80 % read and 20 % add a note.

    python -m benchmarks.serve BEFORE [--orders 100000] [--rounds 10] [--seconds 5] [--kept FOLDER]

Each build runs `webshop-orders serve` with two processes and its worker, on PostgreSQL with the same orders. Clients
read the list, search and filter it, and open orders and their tabs, each over a persistent connection of its own; they
send a request as soon as the last one has been answered. The builds take turns, some seconds each. The clients run on
the same cores, in one process.
"""

from __future__ import annotations

import argparse
import os
import re
import secrets
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from urllib.parse import quote, urlencode

from benchmarks import samples, tables
from benchmarks.builds import OURS, Build, check_out
from benchmarks.filling import desk_settings
from benchmarks.samples import Sample
from benchmarks.shops import database_of, fill_in, kept_in, postgresql, reported_settings
from benchmarks.systems import Client, token
from benchmarks.tables import MET, MILLISECONDS, MISSED
from benchmarks.tasks import sign_in_to_desk

CLIENTS, PROCESSES = 16, 2
ORDERS_USED = 200
WARM_UP_SECONDS = 3.0
MIN_RATIO = 2.0
STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
END_OF_HEADERS = b"\r\n\r\n"


@dataclass
class Desk:
    """A build that is served, with someone signed in, and what has been measured of it."""

    name: str
    port: int
    cookie: str
    csrf_token: str
    rates: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", metavar="BEFORE", help="the commit to compare with")
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long a build is measured in each round")
    parser.add_argument("--kept", type=Path, metavar="FOLDER", help="where the shops are kept for the next run")
    options = parser.parse_args()
    with kept_in(options.kept) as folder, postgresql(folder) as server, ExitStack() as stack:
        before = check_out(options.before, folder)
        fill_in(server, folder, options.orders, before, None)
        urls = {
            before: database_of(server, f"before_{options.orders}"),
            OURS: database_of(server, f"desk_{options.orders}"),
        }
        parameters = samples.take(urls[OURS], options.orders, min(ORDERS_USED, options.orders // 25))
        desks = [_desk(stack, build, desk_settings(url, folder / f"serve_{build.name}")) for build, url in urls.items()]
        for desk in desks:
            measure(desk, parameters, WARM_UP_SECONDS)
            desk.rates.clear()
            desk.seconds.clear()
        load = os.getloadavg()[0]
        for turn in range(options.rounds):
            for desk in desks if turn % 2 else reversed(desks):
                measure(desk, parameters, options.seconds)
        show(desks)
        print(f"\nAmong {options.orders:,} orders, {options.seconds:g} s in each round:".replace(",", " "))
        print(tables.conditions(options.rounds, load, reported_settings(server)))


def _desk(stack: ExitStack, build: Build, settings: dict[str, str]) -> Desk:
    port = stack.enter_context(build.serving("serve", "--workers", str(PROCESSES), settings=settings))
    browser = Client(port)
    sign_in_to_desk(browser)
    csrf_token = token(browser.get("/orders").text)
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return Desk(build.name, port, cookie, csrf_token)


def measure(desk: Desk, parameters: list[Sample], seconds: float) -> None:
    """Send requests with all clients for some seconds."""
    stop = threading.Event()

    def work(index: int) -> list[float]:
        with socket.create_connection(("127.0.0.1", desk.port), timeout=60) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            took = []
            for request in _requests(desk, parameters, index):
                if stop.is_set():
                    return took
                started = perf_counter()
                _send(connection, request)
                took.append(perf_counter() - started)
        return took

    began = perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        working = [pool.submit(work, index) for index in range(CLIENTS)]
        stop.wait(seconds)
        stop.set()
        took = [second for client in working for second in client.result()]
    desk.rates.append(len(took) / (perf_counter() - began))
    desk.seconds += took


def _requests(desk: Desk, parameters: list[Sample], client: int) -> Iterator[bytes]:
    """The requests of a client, endlessly: of ten, eight read and two add a note. Each client begins elsewhere."""
    first = client * len(parameters) // CLIENTS
    for sample in cycle(parameters[first:] + parameters[:first]):
        number, name, sku = sample.number, quote(sample.name), quote(sample.sku)
        for path in ("/orders", f"/orders/{number}/shipping", f"/orders?q={name}", f"/orders/{number}"):
            yield _get(desk, path)
        yield _note(desk, number)
        for path in ("/orders?status=shipped", f"/orders/{number}/history", f"/orders?product={sku}"):
            yield _get(desk, path)
        yield _get(desk, f"/orders/{number}/customer")
        yield _note(desk, number)


def _get(desk: Desk, path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\n{_headers(desk)}\r\n".encode()


def _note(desk: Desk, number: str) -> bytes:
    values = {"csrf_token": desk.csrf_token, "request_key": secrets.token_urlsafe(12), "version": "1"}
    body = urlencode({**values, "text": "Ringde kunden.", "about": "internal"})
    own = (
        f"HX-Request: true\r\nHX-Request-Type: partial\r\nReferer: http://127.0.0.1:{desk.port}/\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
    )
    return f"POST /orders/{number}/comments HTTP/1.1\r\n{_headers(desk)}{own}\r\n{body}".encode()


def _headers(desk: Desk) -> str:
    return f"Host: 127.0.0.1:{desk.port}\r\nCookie: {desk.cookie}\r\nAccept-Language: sv\r\n"


def _send(connection: socket.socket, request: bytes) -> None:
    """Send a request and read its whole answer, as cheaply as possible: the clients share the server's cores."""
    connection.sendall(request)
    answer = bytearray()
    while (end := answer.find(END_OF_HEADERS)) < 0:
        answer += _received(connection)
    status, length = STATUS.match(answer), LENGTH.search(answer, 0, end + 2)
    assert status is not None, answer[:2000]
    assert length is not None, answer[:2000]
    missing = end + len(END_OF_HEADERS) + int(length[1]) - len(answer)
    while missing > 0:
        part = _received(connection)
        answer += part
        missing -= len(part)
    assert status[1] == b"200", (request[:200], answer[:2000])


def _received(connection: socket.socket) -> bytes:
    part = connection.recv(1 << 16)
    assert part, "the connection was closed"
    return part


def show(desks: list[Desk]) -> None:
    print("| | requests/s | p50 ms | p95 ms |")
    print("| --- | ---: | ---: | ---: |")
    for desk in desks:
        p50, p95 = median(desk.seconds) * MILLISECONDS, quantiles(desk.seconds, n=20)[-1] * MILLISECONDS
        print(f"| {desk.name} | {median(desk.rates):.0f} | {p50:.1f} | {p95:.1f} |")
    before, ours = (median(desk.rates) for desk in desks)
    print(f"| ours / before | {ours / before:.2f} {MET if ours / before >= MIN_RATIO else MISSED} | | |")


if __name__ == "__main__":
    main()
