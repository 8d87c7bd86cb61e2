"""Throughput of the API: four clients place orders and ship shipments, against a real server on loopback.

    python -m benchmarks.api [ORDERS]

On SQLite and on PostgreSQL, by `webshop-orders serve` with two processes and its worker beside them. Each order has 3
lines from a catalogue of 50 products, and each shipment gets one code and is shipped. Connections are kept alive.
Reading an order is measured in the same run and is the reference for the others, since machines differ and are noisy.
"""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.outbox import databases
from tests.conftest import settings
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, ActorKind, Product, Scope
from webshop_orders.operations.settings import api_keys
from webshop_orders.transactions.unit_of_work import writing

CLIENTS = 4
PROCESSES = 2
LINES = 3
PRODUCTS = 50
WARM_UP = 40
STARTUP_SECONDS = 60
# Method, path, and body or None.
Request = tuple[str, str, object | None]
Answers = list[dict[str, Any]]


@dataclass
class Figures:
    rate: float
    seconds: list[float]


def main(orders: int) -> None:
    print("| | request | requests/s | p50 ms | p95 ms | p50 / GET | requests/s / GET |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for name, url in databases():
        with server(url, fill(url)) as connect:
            run(connect, [order(-1 - index) for index in range(WARM_UP)])
            posted, answers = run(connect, [order(index) for index in range(orders)])
            read, _answers = run(connect, [("GET", f"/orders/{order['number']}", None) for order in answers])
            shipped, answers = run(connect, [shipping(order["shipments"][0]["reference"]) for order in answers])
            assert all(shipment["status"] == "shipped" for shipment in answers)
        show(name, "GET /orders/{number}", read, read)
        show(name, "POST /orders", posted, read)
        show(name, "PATCH /shipments/{reference}", shipped, read)


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


def shipping(reference: str) -> Request:
    return "PATCH", f"/shipments/{reference}", {"tracking": [f"JJFI{reference}"], "status": "shipped"}


def run(connect: Callable[[], "Client"], requests: list[Request]) -> tuple[Figures, Answers]:
    """Send requests with all clients at once from a shared queue; returns times and answers."""
    queue, lock = iter(enumerate(requests)), threading.Lock()
    seconds = [0.0] * len(requests)
    answers: Answers = [{}] * len(requests)

    def work(client: "Client") -> None:
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
    took = time.perf_counter() - started
    for client in clients:
        client.connection.close()
    return Figures(len(requests) / took, seconds), answers


class Client:
    """An integration with one persistent connection."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.connection.connect()
        self.socket = self.connection.sock
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, method: str, path: str, body: object | None) -> dict[str, Any]:
        text = None if body is None else json.dumps(body).encode()
        self.connection.request(method, f"/api/v1{path}", text, self.headers)
        answer = self.connection.getresponse()
        content = answer.read()
        assert answer.status in {200, 201}, (method, path, answer.status, content[:2000])
        assert self.connection.sock is self.socket, "the connection was closed"
        return dict(json.loads(content))


def show(database: str, request: str, figures: Figures, read: Figures) -> None:
    p50, p95 = median(figures.seconds), quantiles(figures.seconds, n=20)[-1]
    ratios = f"{p50 / median(read.seconds):.1f} | {figures.rate / read.rate:.2f}"
    times = f"{figures.rate:.0f} | {p50 * 1000:.1f} | {p95 * 1000:.1f}"
    print(f"| {database} | `{request}` | {times} | {ratios} |", flush=True)


def fill(url: str) -> str:
    """Create a catalogue with enough stock; returns an API key."""
    app = create_app(settings(url))
    with app.app_context():
        with writing():
            for place in range(PRODUCTS):
                db.session.add(
                    Product(sku=f"P-{place}", name="Ljus", price=9900, currency="SEK", vat_rate=2500, stock=10**6)
                )
            _key, token = api_keys.create("Benchmark", tuple(Scope), by=Actor(ActorKind.SYSTEM, "benchmark"))
        db.session.remove()
        db.engine.dispose()
    return token


@contextmanager
def server(url: str, token: str) -> Iterator[Callable[[], Client]]:
    """`webshop-orders serve` on a free port; yields a function that connects a client."""
    folder = Path(tempfile.mkdtemp(prefix="webshop-orders-benchmark-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WEBSHOP_ORDERS_")}
    environment |= {
        "WEBSHOP_ORDERS_INSTANCE": str(folder),
        "WEBSHOP_ORDERS_DATABASE_URL": url.replace("postgresql+psycopg://", "postgresql://", 1),
        "WEBSHOP_ORDERS_API_REQUESTS_PER_MINUTE": "1000000",
    }
    command = [sys.executable, "-m", "webshop_orders", "serve", "--port", str(port), "--workers", str(PROCESSES)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        wait_for(port, process)
        yield lambda: Client(port, token)
    finally:
        process.terminate()
        process.wait(STARTUP_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(port: int, process: "subprocess.Popen[str]") -> None:
    for _turn in range(STARTUP_SECONDS * 20):
        assert process.poll() is None, "the server ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
