"""What the doctor says of metrics and of the sign of life."""

import socket
from pathlib import Path

import pytest
from flask import Flask

from tests.cli.test_commands import run
from tests.outbox.servers import free_port
from tests.test_config import STRONG
from tests.web.conftest import on_sqlite
from webshop_orders.doctor import monitoring
from webshop_orders.doctor.diagnostic import Diagnostic

pytestmark = on_sqlite

SECRET = "4711-uuid-of-the-check"


def test_a_sign_of_life_that_cannot_leave_this_machine_is_to_be_mended(app: Flask) -> None:
    app.config["PING_URL"] = f"http://127.0.0.1:{free_port()}/{SECRET}"
    done = run(app, "doctor")
    assert "Livstecken: 127.0.0.1 nås inte (Connection refused)." in done.stdout
    assert SECRET not in done.stdout


@pytest.mark.parametrize("url", ["http://nowhere.invalid/ping", "http://127.0.0.1:99999/ping"])
def test_an_address_that_leads_nowhere_is_to_be_mended(app: Flask, url: str) -> None:
    app.config["PING_URL"] = url
    found = monitoring.ping()
    assert found is not None
    assert not found.is_ok


def test_a_folder_of_metrics_that_cannot_be_written_is_to_be_mended(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "metrics").write_text("a file is in its way")
    assert f"✗ Mätvärden: {tmp_path / 'metrics'} kan inte skrivas" in run(app, "doctor").stdout


def test_what_is_not_used_is_not_told(app: Flask) -> None:
    assert monitoring.ping() is monitoring.metrics() is None


def test_a_sign_of_life_that_can_leave_is_well_and_none_is_given(app: Flask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        app.config["PING_URL"] = f"http://127.0.0.1:{listener.getsockname()[1]}/{SECRET}"
        found = monitoring.ping()
        connection, _address = listener.accept()
        with connection:
            assert connection.recv(100) == b""
    sentence = "Livstecken: medan allt är väl anropar arbetaren 127.0.0.1 varje minut."
    assert found == Diagnostic(True, sentence)


def test_a_token_for_the_metrics_is_told_and_not_shown(app: Flask) -> None:
    app.config["METRICS_TOKEN"] = STRONG
    done = run(app, "doctor")
    assert "✓ Mätvärden: den här datorn läser /metrics, och den som har nyckeln." in done.stdout
    assert STRONG not in done.stdout
