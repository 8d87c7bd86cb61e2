"""One database of each kind for all these tests, emptied after each: a new one for every test would cost minutes."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import create_database, database_url, drop_database, settings
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.models import Shop


@pytest.fixture(scope="package")
def sqlite_app(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("operations")
    shutil.copy(migrated_sqlite, folder / "test.sqlite3")
    yield from running_app(f"sqlite:///{folder / 'test.sqlite3'}", folder)


@pytest.fixture(scope="package")
def postgresql_app(migrated_postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    create_database(migrated_postgresql, "operations", "migrated")
    yield from running_app(database_url(migrated_postgresql, "operations"), tmp_path_factory.mktemp("operations"))
    drop_database(migrated_postgresql, "operations")


def running_app(url: str, folder: Path) -> Iterator[Flask]:
    app = create_app(settings(url, INSTANCE=folder))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The application on a database without orders or products, with its context entered."""
    app: Flask = request.getfixturevalue(f"{request.param}_app")
    with app.app_context():
        yield app
        db.session.remove()
        empty_the_database()


def empty_the_database() -> None:
    with db.engine.begin() as connection:
        for table in reversed(db.metadata.sorted_tables):
            connection.execute(table.delete())
        connection.execute(db.insert(Shop))
