"""Databases without tables, for processes that migrate them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import create_database, database_url, drop_database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'desk.sqlite3'}"
        return
    server = request.getfixturevalue("postgresql")
    create_database(server, "upgrading", "template1")
    yield database_url(server, "upgrading")
    drop_database(server, "upgrading")
