"""A PostgreSQL that goes away and comes back, as the application meets it over a connection that can be cut."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest
from flask import Flask
from sqlalchemy.engine import make_url

from tests.api.conftest import new_key
from tests.conftest import closing_engines, new_app
from tests.shared_app import Compiled
from webshop_orders.db import postgresql
from webshop_orders.db.extensions import db

pytestmark = pytest.mark.own_app
on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


class Relay:
    """Passes connections on to a PostgreSQL, until they are cut."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.sockets: list[socket.socket] = []
        self.open()

    def open(self, port: int = 0) -> None:
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def cut(self) -> None:
        for connection in (self.listener, *self.sockets):
            with suppress(OSError):  # it was closed by the other side
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self.sockets.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _address = listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self.target))
            self.sockets += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._copy, args=(source, sink), daemon=True).start()

    def _copy(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return


@pytest.fixture
def relay(database: str) -> Iterator[Relay]:
    relay = Relay(Path(str(make_url(database).query["host"])) / ".s.PGSQL.5432")
    yield relay
    relay.cut()


@pytest.fixture
def app(database: str, relay: Relay, tmp_path: Path, compiled: Compiled) -> Iterator[Flask]:
    url = make_url(database).set(host="127.0.0.1", port=relay.port, query={})
    with closing_engines(new_app(url.render_as_string(hide_password=False), tmp_path, compiled)) as app:
        yield app


@on_postgresql
def test_requests_are_answered_while_the_database_is_away_and_go_on_when_it_is_back(app: Flask, relay: Relay) -> None:
    client = app.test_client()
    with app.app_context():
        headers = {"Authorization": f"Bearer {new_key()}"}
        db.session.remove()
    requests = [("/login", {}, 200), ("/healthz", {}, 200), ("/api/v1/orders", headers, 200)]
    for turn in range(2):
        for path, sent, status in requests:
            assert client.get(path, headers=sent).status_code == status
        relay.cut()
        for path, sent, _status in requests * 2:
            began = monotonic()
            response = client.get(path, headers=sent)
            assert (response.status_code, response.headers["Retry-After"]) == (503, "2"), (turn, path)
            assert monotonic() - began < 5
        relay.open(relay.port)


@on_postgresql
def test_connections_that_the_server_closed_are_replaced_before_anyone_notices(app: Flask) -> None:
    client = app.test_client()
    with app.app_context(), db.engine.connect() as killer:
        with db.engine.connect() as first, db.engine.connect() as second:
            pids = [
                connection.exec_driver_sql("select pg_backend_pid()").scalar_one() for connection in (first, second)
            ]
        for pid in pids:
            assert killer.exec_driver_sql("select pg_terminate_backend(%s::int, 5000)", (pid,)).scalar_one()

    assert [client.get(path).status_code for path in ("/login", "/healthz", "/login")] == [200, 200, 200]


@on_postgresql
def test_only_connections_that_were_idle_for_long_are_pinged(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    pings: list[object] = []
    with app.app_context():
        dialect = db.engine.dialect
    monkeypatch.setattr(dialect, "do_ping", pings.append)
    client = app.test_client()
    for _request in range(3):
        client.get("/login")
    assert pings == []

    monkeypatch.setattr(postgresql, "IDLE_SECONDS", 0)
    client.get("/login")
    assert pings
