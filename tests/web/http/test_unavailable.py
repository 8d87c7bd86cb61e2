"""A database that is locked, gone or full: an answer in words, with what was typed and when to come again."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from tests.web.conftest import HTMX, Browser, on_sqlite
from tests.web.pages import Page
from webshop_orders.db import sqlite, write_check
from webshop_orders.db.extensions import db
from webshop_orders.models import Order

GONE = "Databasen svarar inte just nu."
COMMENT = "Kunden ringde: <b>två</b> i stället för tre"


@contextmanager
def failing(message: str, *, only: tuple[str, ...] = ("",)) -> Iterator[None]:
    """Let statements that begin with one of these words fail, as a database does that is gone or full."""

    def fail(connection: object, cursor: object, statement: str, *_more: object) -> None:
        if statement.upper().startswith(only):
            raise OperationalError(statement, {}, sqlite3.OperationalError(message))

    engine = db.engine
    event.listen(engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", fail)


@contextmanager
def locked(monkeypatch: pytest.MonkeyPatch, *, wait: int = 50) -> Iterator[None]:
    """Let another process write to the database for longer than anybody waits."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", wait)
    db.session.rollback()
    db.engine.dispose()
    other = sqlite.driver().connect(db.engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()
        db.engine.dispose()


def raw(browser: Browser, method: str, path: str, **more: Any) -> TestResponse:
    headers = {"Accept-Language": "sv", **more.pop("headers", {})}
    return Context().run(browser.client.open, path, method=method, headers=headers, **more)


def comment_on(browser: Browser, order: Order) -> tuple[str, dict[str, object]]:
    page = browser.page(f"/orders/{order.number}")
    return f"/orders/{order.number}/comments", {
        **page.form(f"/orders/{order.number}/comments").values(),
        "text": COMMENT,
    }


@on_sqlite
@pytest.mark.parametrize("path", ["/orders", "/login", "/orders/{number}/shipping", "/settings/users", "/orders.csv"])
def test_a_page_says_that_the_database_is_away(admin: Browser, order: Order, path: str) -> None:
    with failing("unable to open database file"):
        response = raw(admin, "GET", path.format(number=order.number))
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert GONE in Page(response.text).text


@on_sqlite
def test_signing_in_says_that_the_database_is_away(nobody: Browser) -> None:
    values = {**nobody.page("/login").forms[0].values(), "email": "asa@example.com", "password": "a pass phrase"}
    for words in (("",), ("INSERT", "UPDATE", "DELETE"), ("BEGIN IMMEDIATE",)):
        with failing("disk I/O error", only=words):
            response = raw(nobody, "POST", "/login", data=values)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
        assert GONE in Page(response.text).text
        assert "a pass phrase" not in response.text


@on_sqlite
def test_what_was_typed_is_shown_and_can_be_sent_again_where_the_database_is_away(staff: Browser, order: Order) -> None:
    path, values = comment_on(staff, order)
    with failing("unable to open database file"):
        response = raw(staff, "POST", path, data=values)
    assert response.status_code == 503
    page = Page(response.text)
    assert COMMENT in page.text
    again = page.form(f"/orders/{order.number}/comments").values()
    assert again == values
    assert staff.post(path, again).status_code == 303
    assert COMMENT in staff.page(f"/orders/{order.number}").text


@on_sqlite
def test_a_full_disk_is_told_apart_from_a_defect(staff: Browser, order: Order, app: Flask) -> None:
    path, values = comment_on(staff, order)
    with failing("database or disk is full", only=("INSERT", "UPDATE")):
        assert raw(staff, "POST", path, data=values).status_code == 503
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with failing('near "SELCT": syntax error'):
        assert raw(staff, "GET", "/orders").status_code == 500


@on_sqlite
def test_a_locked_order_keeps_what_was_typed(staff: Browser, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    path, values = comment_on(staff, order)
    with locked(monkeypatch):
        response = raw(staff, "POST", path, data=values)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    page = Page(response.text)
    assert page.form(f"/orders/{order.number}/comments").values()["text"] == COMMENT
    assert "Någon annan ändrar samma sak" in page.text


@on_sqlite
def test_a_locked_order_is_a_toast_beside_what_was_typed(
    staff: Browser, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, values = comment_on(staff, order)
    with locked(monkeypatch):
        response = raw(staff, "POST", path, data=values, headers=HTMX)
    assert (response.status_code, response.headers["HX-Reswap"]) == (503, "none")
    assert "Någon annan ändrar samma sak" in response.text


@on_sqlite
def test_pages_are_read_while_the_database_is_locked(
    admin: Browser, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = ["/orders", "/settings/shop", "/settings/users", "/account", "/healthz", "/login"]
    paths += [f"/orders/{order.number}/{tab}" for tab in ("", "shipping", "customer", "messages", "history")]
    with locked(monkeypatch):
        for path in paths:
            response = raw(admin, "GET", path.rstrip("/"))
            assert response.status_code in {200, 302}, path


def test_the_health_check_writes(app: Flask, nobody: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_check, "SECONDS_TO_TRUST", 0)
    assert nobody.client.get("/healthz").status_code == 200
    with failing("attempt to write a readonly database", only=("UPDATE",)):
        response = nobody.client.get("/healthz")
    assert (response.status_code, response.text) == (503, "the database cannot be written\n")
    assert response.headers["Retry-After"] == "2"
    assert nobody.client.get("/healthz").status_code == 200


@pytest.mark.own_app
def test_the_health_check_says_no_to_a_database_that_is_read_only(
    app: Flask, nobody: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_check, "SECONDS_TO_TRUST", 0)
    is_sqlite = db.engine.dialect.name == "sqlite"

    def make_read_only(connection: object, record: object) -> None:
        statement = "PRAGMA query_only = ON" if is_sqlite else "SET default_transaction_read_only = on"
        connection.execute(statement)  # type: ignore[attr-defined]
        if not is_sqlite:
            connection.commit()  # type: ignore[attr-defined]

    db.session.remove()
    db.engine.dispose()
    event.listen(db.engine, "connect", make_read_only)
    response = nobody.client.get("/healthz")
    assert (response.status_code, response.text) == (503, "the database cannot be written\n")


@on_sqlite
def test_a_lock_of_someone_who_writes_is_no_failure_of_the_database(
    nobody: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_check, "SECONDS_TO_TRUST", 0)
    with locked(monkeypatch):
        assert nobody.client.get("/healthz").status_code == 200


def test_the_health_check_writes_once_a_second_at_most(app: Flask, nobody: Browser) -> None:
    nobody.client.get("/healthz")
    with failing("disk I/O error", only=("UPDATE",)):
        assert nobody.client.get("/healthz").status_code == 200
