"""The cost of the list, an order, its tabs and its changes: time, statements and bytes.

    python -m benchmarks.requests [--repeat 60] [--database postgresql://…]

Requests go through the test client, without a network. Times are ratios to a page that reads only the signed-in user,
measured in the same run, since machines differ and are noisy; statements and bytes are exact.
"""

import argparse
import gzip
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from webshop_orders import create_app
from webshop_orders.cli import database
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine, NewOrder
from webshop_orders.models import Actor, ActorKind, Address, Customer, Order, Product, Role, User
from webshop_orders.operations.orders import loading, placement, splits
from webshop_orders.operations.stock import products
from webshop_orders.security import sign_in_links
from webshop_orders.transactions.unit_of_work import editing, writing

BY = Actor(ActorKind.STAFF, "Benchmark")
# The confirmations that staff would be asked for, since the same change is repeated.
CONFIRMED = {"agreed": ["no-code", "just-sent"]}
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
SHIPMENTS, LINES, OTHER_ORDERS = 3, 12, 200


@dataclass
class Figures:
    name: str
    seconds: list[float]
    statements: int
    size: int
    gzipped: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=60)
    parser.add_argument("--database")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            {
                "INSTANCE": Path(folder),
                "SECRET_KEY": "benchmark",
                "MAIL_SERVER": None,
                "MAIL_DEFAULT_SENDER": "shop@example.com",
                "SQLALCHEMY_DATABASE_URI": options.database or f"sqlite:///{folder}/benchmark.sqlite3",
            }
        )
        with app.app_context():
            link = fill()
        client = app.test_client()
        client.get(link)
        print_table([measure(app, client, name, send, options.repeat) for name, send in requests_of(app)])


def fill() -> str:
    """Create a shop with one order to work on among others; returns a sign-in link."""
    database.prepare()
    user = User(email="benchmark@example.com", name="Benchmark", role=Role.STAFF)
    with writing():
        db.session.add(user)
        for index in range(LINES + 1):
            db.session.add(
                Product(sku=f"P-{index}", name=f"Ljus {index}", price=9900, currency="SEK", vat_rate=2500, stock=10**6)
            )
    for index in range(OTHER_ORDERS + 1):
        place(f"benchmark-{index}", LINES if index == OTHER_ORDERS else 3)
    number = newest()
    for _ in range(SHIPMENTS - 1):
        with editing(number, None, BY) as order:
            splits.split(next(iter(order.lines)), 5, to=None, by=BY)
    return f"/login/{sign_in_links.make(user)}"


def place(reference: str, lines: int) -> None:
    address = Address(name="Åsa Öberg", street="Storgatan 1", postal_code="972 31", city="Luleå", country="SE")
    new_lines = [NewLine(f"P-{index}", f"Ljus {index}", 50, 9900, 2500) for index in range(lines)]
    new = NewOrder(
        external_reference=reference,
        lines=new_lines,
        customer=Customer("Åsa Öberg", email="asa@example.com"),
        billing_address=address,
        currency="SEK",
    )
    with writing():
        placement.place(new, products.by_sku(line.sku for line in new_lines), by=BY, imported=True)


def newest() -> str:
    return db.session.scalars(db.select(Order.number).order_by(Order.id.desc())).first() or ""


def requests_of(app: Flask) -> list[tuple[str, Callable[[FlaskClient, int], TestResponse]]]:
    """The measured requests; a change alternates between two values, so that each request changes something."""
    with app.app_context():
        order = loading.get_order(newest())
        number, line, other = order.number, next(iter(order.lines)).id, order.shipments[1].seq
    page = f"/orders/{number}"

    def get(path: str) -> Callable[[FlaskClient, int], TestResponse]:
        return lambda client, turn: client.get(path, headers=HTMX)

    def post(tab: str, path: str, *turns: dict[str, object]) -> Callable[[FlaskClient, int], TestResponse]:
        def send(client: FlaskClient, turn: int) -> TestResponse:
            fields = hidden_fields(client.get(f"{page}/{tab}").text)
            with timed():
                return client.post(f"{page}{path}", data={**fields, **turns[turn % len(turns)]}, headers=HTMX)

        return send

    return [
        ("a product search that finds nothing", get("/products?q=nothing-of-the-kind")),
        ("list", get("/orders")),
        ("list, searched", get("/orders?q=oberg")),
        ("Sammanfattning", get(page)),
        ("Frakt", get(f"{page}/shipping")),
        ("Kund", get(f"{page}/customer")),
        ("Utskick", get(f"{page}/messages")),
        ("Historik", get(f"{page}/history")),
        ("edit row opened", get(f"{page}/lines/{line}")),
        ("quantity changed", post("shipping", f"/lines/{line}", {"quantity": 40}, {"quantity": 41})),
        ("product added", post("shipping", "/lines", {"q": f"P-{LINES}", "quantity": 1, "shipment": "1"})),
        ("status set", post("shipping", f"/shipments/{other}/status", {"status": "backordered"}, {"status": "ready"})),
        (
            "shipped, taken back",
            post("shipping", f"/shipments/{other}/status", {"status": "shipped", **CONFIRMED}, {"status": "reopened"}),
        ),
        ("comment", post("summary", "/comments", {"text": "Ringde kunden.", "about": "internal"})),
        ("confirmation sent", post("summary", "/confirmation", {"recipient": "asa@example.com", **CONFIRMED})),
    ]


def hidden_fields(html: str) -> dict[str, object]:
    fields = re.findall(r'<input type="hidden" name="(csrf_token|version|request_key)" value="([^"]*)">', html)
    return dict(reversed(fields))


_timings: list[float] = []


@contextmanager
def timed() -> Iterator[None]:
    """Time only this block: for requests that need another request before them."""
    start = perf_counter()
    _statements.clear()
    yield
    _timings.append(perf_counter() - start)


_statements: list[str] = []


def measure(
    app: Flask, client: FlaskClient, name: str, send: Callable[[FlaskClient, int], TestResponse], repeat: int
) -> Figures:
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", count)
        seconds = []
        for turn in range(repeat + 4):
            _statements.clear()
            _timings.clear()
            start = perf_counter()
            answer = send(client, turn)
            seconds.append(_timings[0] if _timings else perf_counter() - start)
            assert answer.status_code == 200, (name, answer.status_code, answer.text[:2000])
        event.remove(db.engine, "before_cursor_execute", count)
    return Figures(name, seconds[4:], len(_statements), len(answer.data), len(gzip.compress(answer.data)))


def count(connection: object, cursor: object, statement: str, *rest: object) -> None:
    if not statement.startswith("BEGIN"):
        _statements.append(statement)


def print_table(rows: list[Figures]) -> None:
    reference = median(rows[0].seconds)
    print("| Request | p50 | p95 | statements | bytes | gzipped |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for row in rows:
        p50, p95 = median(row.seconds) / reference, quantiles(row.seconds, n=20)[-1] / reference
        print(f"| {row.name} | {p50:.1f} | {p95:.1f} | {row.statements} | {row.size} | {row.gzipped} |")
    print(f"\n1.0 is {reference * 1000:.2f} ms on this machine.")


if __name__ == "__main__":
    main()
