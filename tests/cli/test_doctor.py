"""The doctor: one line for each thing, and what to mend."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from flask import Flask
from flask_migrate import downgrade

from tests.cli.test_commands import run
from webshop_orders.extensions import db, mail

LONG = "0123456789abcdef"


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mail_server(port: int) -> Iterator[int]:
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    yield port
    controller.stop()


@pytest.fixture
def healthy(app: Flask, mail_server: int) -> Flask:
    configure(app, MAIL_SERVER="127.0.0.1", MAIL_PORT=mail_server, SECRET_KEY=LONG)
    return app


def configure(app: Flask, **settings: object) -> None:
    app.config.update(settings)
    mail.init_app(app)  # Flask-Mail reads its settings once


def marks(output: str) -> str:
    return "".join(line[0] for line in output.splitlines())


def test_all_is_well(healthy: Flask) -> None:
    done = run(healthy, "doctor")
    assert done.exit_code == 0, done.output
    assert marks(done.stdout).startswith("✓✓✓✓✓")


def test_no_mail_server_is_to_be_mended(healthy: Flask) -> None:
    configure(healthy, MAIL_SERVER=None)
    done = run(healthy, "doctor")
    assert done.exit_code == 1
    assert marks(done.stdout) == "✓✓✓✗✓"
    assert "WEBSHOP_ORDERS_MAIL_SERVER" in done.stdout


def test_a_mail_server_that_does_not_answer_is_to_be_mended(healthy: Flask) -> None:
    configure(healthy, MAIL_PORT=1)
    done = run(healthy, "doctor")
    assert done.exit_code == 1
    assert marks(done.stdout) == "✓✓✓✗✓"


def test_a_mail_server_without_the_encryption_that_is_asked_for_is_to_be_mended(healthy: Flask) -> None:
    configure(healthy, MAIL_USE_TLS=True)
    assert marks(run(healthy, "doctor").stdout) == "✓✓✓✗✓"


def test_no_sender_is_to_be_mended(healthy: Flask) -> None:
    healthy.config["MAIL_DEFAULT_SENDER"] = None
    assert marks(run(healthy, "doctor").stdout) == "✓✓✓✓✗"


def test_a_short_secret_is_to_be_mended(healthy: Flask) -> None:
    healthy.config["SECRET_KEY"] = "short"
    assert marks(run(healthy, "doctor").stdout) == "✓✓✗✓✓"


def test_a_secret_that_others_can_read_is_to_be_mended(healthy: Flask, tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text(LONG)
    (tmp_path / "secret_key").chmod(0o644)
    assert marks(run(healthy, "doctor").stdout) == "✓✓✗✓✓"


def test_migrations_that_are_lacking_are_to_be_carried_out(healthy: Flask) -> None:
    downgrade(revision="base")
    db.session.remove()
    done = run(healthy, "doctor")
    assert done.exit_code == 1
    assert marks(done.stdout) == "✓✗✓✓✓"
    assert "webshop-orders serve" in done.stdout
