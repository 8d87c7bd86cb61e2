"""Lists and searches are read from a replica, and a user always sees their own changes (read-your-writes)."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from contextvars import Context
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Connection, Engine, NullPool, create_engine, select, text

from tests.conftest import create_database, database_url, drop_database, settings
from tests.factories import make_order, make_user
from tests.outbox.servers import BlackHole
from tests.web.conftest import Browser
from tests.web.orders.test_budgets import counting
from tests.web.orders.test_export import MANY, PAGE_SIZE, copy_order, exported
from webshop_orders import create_app
from webshop_orders.db import replica, sqlite
from webshop_orders.db.extensions import db
from webshop_orders.doctor import deployment
from webshop_orders.models import Actor, Customer, Role, User
from webshop_orders.operations.order_list import pages
from webshop_orders.operations.order_list.pages import OrderListPage
from webshop_orders.operations.orders import cancellation
from webshop_orders.operations.users import read_your_writes
from webshop_orders.security import sign_in_links
from webshop_orders.transactions.unit_of_work import editing
from webshop_orders.web.orders import export

pytestmark = pytest.mark.own_app

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECONDS_TOO_LONG = 30  # longer than a user should wait for a replica
on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


class Databases:
    """A database, and a replica that has its state of the last `copy_over`."""

    def __init__(self, url: str, replica_url: str, copy: Any) -> None:
        self.url = url
        self.replica_url = replica_url
        self.copy_over = copy


@pytest.fixture
def databases(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    if database.startswith("sqlite"):
        source, target = database.removeprefix("sqlite:///"), tmp_path / "replica.sqlite3"
        _back_up(source, target)
        yield Databases(database, f"sqlite:///{target}", lambda: _back_up(source, target))
        return
    server = request.getfixturevalue("migrated_postgresql")
    name = database.split("?")[0].rsplit("/", 1)[1]

    def copy_over() -> None:
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
        drop_database(server, "replica")
        create_database(server, "replica", name)

    create_database(server, "replica", name)
    yield Databases(database, database_url(server, "replica"), copy_over)
    drop_database(server, "replica")


@pytest.fixture
def app(databases: Databases) -> Iterator[Flask]:
    with reading(databases.url, databases.replica_url) as app:
        yield app


@contextmanager
def reading(url: str, replica_url: str) -> Iterator[Flask]:
    """The application with a replica to read from, with its context entered."""
    app = create_app(settings(url, DATABASE_READ_URI=replica_url))
    app.config["WTF_CSRF_SECRET_KEY"] = "only for tests"
    with app.app_context():
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def sign_in(app: Flask, email: str) -> Browser:
    return open_browser(app, make_user(email, Role.STAFF))


def open_browser(app: Flask, user: User) -> Browser:
    client = app.test_client()
    Context().run(client.get, f"/login/{sign_in_links.make(user)}")
    return Browser(client)


def listed_numbers(browser: Browser, url: str = "/orders") -> list[str]:
    links = browser.page(url).links
    return [link.split("/")[2] for link in links if link.startswith("/orders/") and link.count("/") == 2]


def test_the_list_and_its_search_come_from_the_replica(app: Flask, databases: Databases) -> None:
    old = make_order(("LJUS-12", 1)).number
    staff = sign_in(app, "anna@example.com")
    databases.copy_over()
    make_order(("LJUS-12", 1))

    assert listed_numbers(staff) == listed_numbers(staff, "/orders?q=oberg") == [old]
    assert "Redo 1" in staff.page("/orders").text


def test_a_change_is_visible_at_once_to_its_user_and_later_to_others(
    app: Flask, databases: Databases, anna: Actor
) -> None:
    order = make_order(("LJUS-12", 1), customer=Customer("Per Ek")).number
    anna_browser, bo_browser = sign_in(app, "anna@example.com"), sign_in(app, "bo@example.com")
    databases.copy_over()

    page = f"/orders/{order}"
    assert anna_browser.send(page, f"{page}/cancellation").status_code == 303

    assert listed_numbers(anna_browser, "/orders?status=cancelled") == [order]
    assert listed_numbers(bo_browser, "/orders?status=cancelled") == []
    databases.copy_over()
    assert listed_numbers(bo_browser, "/orders?status=cancelled") == [order]
    with editing(make_order(("LJUS-12", 1)).number, None, anna) as other:  # a change of another user
        cancellation.cancel(other, by=anna)
    assert listed_numbers(anna_browser, "/orders?status=cancelled") == [order]


def test_the_database_is_read_if_the_replica_is_unreachable(app: Flask, databases: Databases) -> None:
    staff = sign_in(app, "anna@example.com")
    order = make_order(("LJUS-12", 1))
    engine = replica.find()
    assert engine is not None
    engine.dispose()
    db.engines[replica.REPLICA] = _unreachable(engine.dialect.name)

    assert listed_numbers(staff) == [order.number]
    diagnostic = deployment.read_replica()
    assert diagnostic is not None
    assert not diagnostic.is_ok


def test_the_database_is_read_if_the_replica_fails(app: Flask, databases: Databases) -> None:
    staff = sign_in(app, "anna@example.com")
    make_order(("LJUS-12", 1))
    databases.copy_over()
    make_order(("LJUS-12", 1))
    lose_shipments(databases)

    assert listed_numbers(staff) == ["WS-100002", "WS-100001"]
    with counting_of_replica() as statements:
        assert listed_numbers(staff) == ["WS-100002", "WS-100001"]
    assert statements == []  # it is not asked for a while


def test_an_export_continues_from_the_database_if_the_replica_fails(
    app: Flask, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PAGE_SIZE", PAGE_SIZE)
    staff = sign_in(app, "anna@example.com")
    copy_order(make_order(("LJUS-12", 1)), MANY)
    databases.copy_over()
    read_page = pages.page
    read: list[object] = []

    def read_and_fail(*arguments: Any, **options: Any) -> OrderListPage:
        if len(read) == 1:
            lose_shipments(databases)
        read.append(arguments)
        return read_page(*arguments, **options)

    monkeypatch.setattr(pages, "page", read_and_fail)
    with counting_of_replica() as statements:
        orders = exported(staff)

    assert statements
    assert len({order["Order"] for order in orders}) == len(orders) == MANY + 1


@on_postgresql
def test_the_database_is_read_if_the_replica_accepts_connections_and_never_answers(databases: Databases) -> None:
    with BlackHole() as hole, released_after_timeout(hole.hang_up) as timed_out:
        silent = f"postgresql+psycopg://postgres@127.0.0.1:{hole.port}/replica"
        with reading(databases.url, silent) as app:
            staff = sign_in(app, "anna@example.com")
            order = make_order(("LJUS-12", 1))

            assert listed_numbers(staff) == [order.number]
            assert hole.connected.is_set()
            assert not timed_out()


@on_postgresql
def test_the_database_is_read_if_a_connected_replica_stops_answering(app: Flask, databases: Databases) -> None:
    staff = sign_in(app, "anna@example.com")
    old = make_order(("LJUS-12", 1))
    databases.copy_over()
    assert listed_numbers(staff) == [old.number]
    new = make_order(("LJUS-12", 1))
    processes = processes_of_replica(databases)
    for process in processes:
        os.kill(process, signal.SIGSTOP)

    with released_after_timeout(lambda: [os.kill(process, signal.SIGCONT) for process in processes]) as timed_out:
        assert listed_numbers(staff) == [new.number, old.number]
        assert not timed_out()


@on_postgresql
def test_a_slow_statement_is_cancelled_on_the_replica_and_read_from_the_database(
    app: Flask, databases: Databases
) -> None:
    staff = sign_in(app, "anna@example.com")
    old = make_order(("LJUS-12", 1))
    databases.copy_over()
    new = make_order(("LJUS-12", 1))

    with connection_to_replica(databases) as other, other.begin():
        other.execute(text(f"set local idle_in_transaction_session_timeout = '{SECONDS_TOO_LONG}s'"))
        other.execute(text("lock table shipments in access exclusive mode"))
        assert listed_numbers(staff) == [new.number, old.number]
        assert other.scalar(text("select count(*) from pg_locks where not granted")) == 0


def test_a_slow_clock_hides_no_change(app: Flask, databases: Databases) -> None:
    user = make_user("anna@example.com", Role.STAFF)
    first, second = make_order(("LJUS-12", 1)).number, make_order(("LJUS-12", 1)).number
    with time_machine.travel(NOON - timedelta(minutes=2), tick=False):
        first_browser, second_browser = open_browser(app, user), open_browser(app, user)
    with time_machine.travel(NOON, tick=False):
        first_browser.send(f"/orders/{first}", f"/orders/{first}/cancellation")
    databases.copy_over()

    with time_machine.travel(NOON - timedelta(minutes=1), tick=False):
        second_browser.send(f"/orders/{second}", f"/orders/{second}/cancellation")
        assert listed_numbers(second_browser, "/orders?status=cancelled") == [second, first]


def test_only_committed_changes_are_counted(app: Flask, databases: Databases) -> None:
    staff = sign_in(app, "anna@example.com")
    order = make_order(("LJUS-12", 1)).number
    databases.copy_over()
    page, action = f"/orders/{order}", f"/orders/{order}/comments"

    assert staff.send(page, action, text="").status_code == 422
    assert change_count() == 0
    assert staff.send(page, action, text="Hej").status_code == 303
    assert change_count() == 1
    staff.get("/orders.csv")
    assert change_count() == 1


def test_a_replica_takes_one_more_statement_for_a_change_and_for_a_list(app: Flask, databases: Databases) -> None:
    staff = sign_in(app, "anna@example.com")
    page = f"/orders/{make_order(('LJUS-12', 1)).number}"
    databases.copy_over()
    values = staff.page(page).form(f"{page}/comments").values()
    listed_numbers(staff)

    with counting_of_replica() as on_replica:
        listed_numbers(staff)
    assert [statement for statement in on_replica if "users.changes" in statement] == on_replica[:1]
    with counting() as statements:
        staff.post(f"{page}/comments", {**values, "text": "Hej"})
    assert len([statement for statement in statements if "SET changes" in statement]) == 1


def test_the_replica_is_never_written_to(app: Flask) -> None:
    user = make_user("anna@example.com", Role.STAFF)
    read_your_writes.read(user, lambda: None)
    order = make_order(("LJUS-12", 1))

    assert db.session.get_bind() is db.engine
    assert order.number == "WS-100001"


def change_count() -> int:
    db.session.rollback()
    return db.session.scalars(select(User.changes)).one()


@contextmanager
def connection_to_replica(databases: Databases) -> Iterator[Connection]:
    with closing(create_engine(databases.replica_url, poolclass=NullPool).connect()) as connection:
        yield connection


def lose_shipments(databases: Databases) -> None:
    """Let the replica fail when it reads orders, but not users."""
    with connection_to_replica(databases) as connection, connection.begin():
        connection.execute(text("alter table shipments rename to lost"))


def processes_of_replica(databases: Databases) -> list[int]:
    """The process ids of the replica's connections."""
    others = "datname = current_database() and pid <> pg_backend_pid()"
    with connection_to_replica(databases) as connection:
        pids = connection.scalars(text(f"select pid from pg_stat_activity where {others}")).all()
    assert pids
    return list(pids)


@contextmanager
def released_after_timeout(release: Any) -> Iterator[Any]:
    """Call `release` after a time, so that a test fails rather than hangs; yields whether that time has passed."""
    timer = Timer(SECONDS_TOO_LONG, release)
    timer.start()
    try:
        yield timer.finished.is_set
    finally:
        timer.cancel()
        release()


@contextmanager
def counting_of_replica() -> Iterator[list[str]]:
    """The statements that are run on the replica."""
    engine = replica.find()
    assert engine is not None
    with counting(engine) as statements:
        yield statements


def _back_up(source: str, target: Path) -> None:
    with closing(sqlite.driver().connect(source)) as one, closing(sqlite.driver().connect(target)) as other:
        one.backup(other)


def _unreachable(dialect: str) -> Engine:
    urls = {"sqlite": "sqlite:////nowhere/at/all.sqlite3", "postgresql": "postgresql+psycopg://127.0.0.1:1/nothing"}
    return create_engine(urls[dialect])
