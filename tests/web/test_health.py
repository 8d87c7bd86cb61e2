"""What monitors and proxies are told: whether requests are answered, and whether the work behind them is done too."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text, update

from tests.web.conftest import Browser
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import Heartbeat
from webshop_orders.operations import heartbeats
from webshop_orders.transactions.unit_of_work import writing


def ask(browser: Browser, path: str) -> tuple[int, str]:
    response = browser.client.get(path)
    assert response.mimetype == "text/plain"
    return response.status_code, response.text


def beat(*, ago: timedelta = timedelta()) -> None:
    with writing():
        heartbeats.beat(heartbeats.WORKER)
        db.session.execute(update(Heartbeat).values(seen_at=now() - ago))


def set_migration(revision: str) -> None:
    with writing():
        db.session.execute(text("update alembic_version set version_num = :revision"), {"revision": revision})
    db.session.remove()


def test_without_a_worker_it_is_healthy_and_not_ready(nobody: Browser) -> None:
    assert ask(nobody, "/healthz") == (200, "ok\n")
    assert ask(nobody, "/readyz") == (503, "no worker has been seen\n")


def test_a_worker_that_fell_silent_is_said_with_how_long(nobody: Browser) -> None:
    beat(ago=timedelta(minutes=7))
    assert ask(nobody, "/readyz") == (503, "no worker has been seen for 7 minutes\n")
    assert ask(nobody, "/healthz") == (200, "ok\n")


def test_with_a_worker_it_is_ready(nobody: Browser) -> None:
    beat(ago=timedelta(minutes=1))
    assert ask(nobody, "/readyz") == (200, "ok\n")


@pytest.mark.own_app
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_database_that_lacks_migrations_is_neither(nobody: Browser, path: str) -> None:
    beat()
    for revision in ("0029", "0ld1", "e3b0c44298fc"):
        set_migration(revision)
        assert ask(nobody, path) == (503, "the database lacks migrations\n")


@pytest.mark.own_app
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_the_version_before_serves_on_after_a_newer_one_has_migrated(nobody: Browser, path: str) -> None:
    beat()
    set_migration("9999")
    assert ask(nobody, path) == (200, "ok\n")


@pytest.mark.own_app
def test_a_database_without_tables_is_not_ready(app: Flask, nobody: Browser) -> None:
    with writing():
        db.session.execute(text("drop table alembic_version"))
    assert ask(nobody, "/readyz")[0] == 503


def test_a_database_whose_workers_cannot_be_read_is_not_ready(nobody: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(kind: str) -> None:
        db.session.execute(text("select * from nothing"))

    monkeypatch.setattr(heartbeats, "last_seen", fail)
    assert ask(nobody, "/readyz") == (503, "the database does not answer\n")
