"""Lists and searches read from a replica, and never behind what their reader changed."""

from collections.abc import Iterator
from contextlib import closing
from contextvars import Context
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine

from tests.conftest import create_database, database_url, drop_database, settings
from tests.factories import make_order, make_user
from tests.web.conftest import Browser
from webshop_orders import create_app, replica, sign_in_links, sqlite
from webshop_orders.doctor import deployment
from webshop_orders.extensions import db
from webshop_orders.models import Actor, Customer, Role
from webshop_orders.operations import orders
from webshop_orders.unit_of_work import editing


class Databases:
    """A database, and another that has what it had when it was last copied over."""

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
    app = create_app(settings(databases.url, DATABASE_READ_URI=databases.replica_url))
    app.config["WTF_CSRF_SECRET_KEY"] = "only for tests"
    with app.app_context():
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def sign_in(app: Flask, email: str) -> Browser:
    user = make_user(email, Role.STAFF)
    client = app.test_client()
    Context().run(client.get, f"/login/{sign_in_links.make(user)}")
    return Browser(client)


def rows(browser: Browser, address: str = "/orders") -> list[str]:
    links = browser.page(address).links
    return [link.split("/")[2] for link in links if link.startswith("/orders/") and link.count("/") == 2]


def test_the_list_and_its_search_come_from_the_replica(app: Flask, databases: Databases) -> None:
    old = make_order(("LJUS-12", 1)).number
    staff = sign_in(app, "anna@example.com")
    databases.copy_over()
    make_order(("LJUS-12", 1))

    assert rows(staff) == rows(staff, "/orders?q=oberg") == [old]
    assert "Redo 1" in staff.page("/orders").text


def test_whoever_changed_something_sees_it_at_once_and_others_once_it_is_there(
    app: Flask, databases: Databases, anna: Actor
) -> None:
    order = make_order(("LJUS-12", 1), customer=Customer("Per Ek")).number
    anna_s, bo_s = sign_in(app, "anna@example.com"), sign_in(app, "bo@example.com")
    databases.copy_over()

    page = f"/orders/{order}"
    assert anna_s.send(page, f"{page}/cancellation").status_code == 303

    assert rows(anna_s, "/orders?status=cancelled") == [order]
    assert rows(bo_s, "/orders?status=cancelled") == []
    databases.copy_over()
    assert rows(bo_s, "/orders?status=cancelled") == [order]
    with editing(make_order(("LJUS-12", 1)).number, None, anna) as other:  # what others change meanwhile
        orders.cancel(other, by=anna)
    assert rows(anna_s, "/orders?status=cancelled") == [order]


def test_a_replica_that_is_gone_is_done_without(app: Flask, databases: Databases) -> None:
    staff = sign_in(app, "anna@example.com")
    order = make_order(("LJUS-12", 1))
    engine = replica.find()
    assert engine is not None
    engine.dispose()
    db.engines[replica.REPLICA] = _unreachable(engine.dialect.name)

    assert rows(staff) == [order.number]
    found = deployment.read_replica()
    assert found is not None
    assert not found.is_well


def test_what_is_written_never_goes_to_the_replica(app: Flask) -> None:
    user = make_user("anna@example.com", Role.STAFF)
    with replica.reading(user):
        pass
    order = make_order(("LJUS-12", 1))

    assert db.session.get_bind() is db.engine
    assert order.number == "WS-100001"


def _back_up(source: str, target: Path) -> None:
    with closing(sqlite.driver().connect(source)) as one, closing(sqlite.driver().connect(target)) as other:
        one.backup(other)


def _unreachable(dialect: str) -> Engine:
    gone = {"sqlite": "sqlite:////nowhere/at/all.sqlite3", "postgresql": "postgresql+psycopg://127.0.0.1:1/nothing"}
    return create_engine(gone[dialect])
