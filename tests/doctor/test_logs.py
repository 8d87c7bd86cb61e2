"""What the doctor says of where errors are sent."""

import socket

import pytest
from flask import Flask

from tests.cli.test_commands import run
from tests.outbox.servers import free_port
from tests.web.conftest import on_sqlite
from webshop_orders.doctor import logs
from webshop_orders.doctor.diagnostic import Diagnostic

pytestmark = on_sqlite

SECRET = "4711-public-key"


def test_a_server_of_errors_that_cannot_be_reached_is_to_be_mended(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SENTRY_DSN", f"http://{SECRET}@127.0.0.1:{free_port()}/1")
    done = run(app, "doctor")
    assert "✗ Fel: 127.0.0.1 nås inte (Connection refused)." in done.stdout
    assert SECRET not in done.stdout


def test_a_server_of_errors_that_answers_is_well_and_is_sent_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setitem(app.config, "SENTRY_DSN", f"http://{SECRET}@127.0.0.1:{listener.getsockname()[1]}/1")
        found = logs.error_reports()
        connection, _address = listener.accept()
        with connection:
            assert connection.recv(100) == b""
    assert found == Diagnostic(True, "Fel: oväntade fel skickas också till 127.0.0.1.")


def test_without_an_address_nothing_is_told(app: Flask) -> None:
    assert logs.error_reports() is None
