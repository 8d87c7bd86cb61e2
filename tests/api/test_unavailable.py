"""A database that is locked or gone, as programs meet it: reads go on, and the rest is a problem that says when."""

import sqlite3
from datetime import UTC, datetime
from time import monotonic

import pytest
import time_machine
from flask import Flask
from sqlalchemy.exc import OperationalError

from tests.api.conftest import Integration, order_document
from tests.web.conftest import on_sqlite
from tests.web.http.test_unavailable import failing, locked
from webshop_orders.api import idempotency
from webshop_orders.db.extensions import db
from webshop_orders.errors import Busy
from webshop_orders.models import ApiKey

READS = ["/orders", "/orders/{number}", "/products", "/orders/{number}/deliveries", "/nothing"]


@on_sqlite
@pytest.mark.parametrize("path", READS)
def test_reads_need_no_lock_of_writers(erp: Integration, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    number = erp.post("/orders", order_document("a-1")).get_json()["number"]
    erp.client.application.extensions["api_request_batches"].clear()
    with locked(monkeypatch, wait=2_000):
        for _request in range(3):
            began = monotonic()
            assert erp.get(path.format(number=number)).status_code in {200, 404, 405}
            assert monotonic() - began < 1
        assert erp.post("/orders", order_document("a-2")).status_code == 503


@on_sqlite
@time_machine.travel(datetime(2026, 11, 29, 12, 0, 10, tzinfo=UTC), tick=False)
def test_reads_during_a_lock_are_limited_and_counted_afterwards(
    app: Flask, erp: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["API_REQUESTS_PER_MINUTE"] = 40
    with locked(monkeypatch):
        assert [erp.get("/orders").status_code for _request in range(41)] == [200] * 40 + [429]
    assert erp.get("/orders").status_code == 429
    with time_machine.travel(datetime(2026, 11, 29, 12, 1, 10, tzinfo=UTC), tick=False):
        with locked(monkeypatch):
            assert [erp.get("/orders").status_code for _request in range(4)] == [200] * 4
        assert erp.get("/orders").status_code == 200
        used = db.session.scalars(db.select(ApiKey.used_in_window)).one()
        assert used == 6  # three batches of two


@on_sqlite
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_database_that_is_away_is_a_problem_with_a_time(erp: Integration, method: str) -> None:
    with failing("unable to open database file"):
        response = erp.ask(method, "/orders", order_document("a-1") if method == "POST" else None)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert response.get_json()["detail"] == "The database does not answer at the moment. Try again in a moment."


@on_sqlite
def test_a_callback_is_to_be_sent_again_where_the_database_is_away(erp: Integration) -> None:
    with failing("disk I/O error"):
        response = erp.client.post("/connect/shopify", data=b"{}", headers={"Content-Type": "application/json"})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")


def test_a_change_is_answered_though_its_response_cannot_be_stored(
    erp: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing:
        def __enter__(self) -> None:
            raise self.error

        def __exit__(self, *_error: object) -> None: ...

    writing = idempotency.writing
    for number, error in enumerate([Busy("later"), OperationalError("", {}, sqlite3.OperationalError("disk"))]):
        Failing.error = error  # type: ignore[attr-defined]
        calls = iter([writing, Failing])
        monkeypatch.setattr(idempotency, "writing", lambda calls=calls: next(calls)())
        response = erp.post("/orders", order_document(f"a-{number}"), Idempotency_Key=f"key-{number}")
        assert response.status_code == 201, response.text


@pytest.mark.parametrize("path", ["/api/v1/orders", "/connect/shopify", "/login"])
def test_a_body_shorter_than_it_says_is_refused_behind_any_server(erp: Integration, path: str) -> None:
    """Some servers hand over what they got, and tell the application that it is all."""
    headers = {"Authorization": f"Bearer {erp.token}", "Content-Type": "application/json"}
    environ = {"wsgi.input_terminated": True, "CONTENT_LENGTH": "20"}
    response = erp.client.post(path, data=b"{}", headers=headers, environ_overrides=environ)
    assert response.status_code == 400
    assert "whole" in response.text or "hel" in response.text
