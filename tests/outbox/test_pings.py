"""The sign of life: given while all is well, withheld with a reason that the log gets once."""

import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3
from flask import Flask
from sqlalchemy import update

from tests.factories import make_order
from tests.outbox.servers import BlackHole, free_port
from tests.web.conftest import on_sqlite
from tests.web.http.test_unavailable import failing as failing_database
from webshop_orders.clock import now
from webshop_orders.db import write_check
from webshop_orders.db.extensions import db
from webshop_orders.models import SYSTEM, Backup, Message, MessageState, WebhookEvent, WebhookMessage
from webshop_orders.operations.webhooks import subscriptions as webhooks
from webshop_orders.outbox import failing, pings, worker
from webshop_orders.outbox.mail.smtp import mail
from webshop_orders.outbox.pings import FAILING_FOR, OVERDUE_AFTER, Ping
from webshop_orders.transactions.unit_of_work import writing

NEVER = threading.Event()
PATH = "/ping/4711-uuid-of-the-check"


class Service:
    """A service that expects signs of life; `status` is what it answers."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []
        self.status = 200
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.requests.append((self.path, self.headers["User-Agent"]))
                self.send_response(service.status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"OK")

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}{PATH}"

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def service(app: Flask) -> Iterator[Service]:
    service = Service()
    app.config["PING_URL"] = service.url
    yield service
    service.stop()


@pytest.fixture(autouse=True)
def _nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failing, "_failed_since", {})
    monkeypatch.setattr(write_check, "_succeeded_at", {})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that intervals are measured with; a test sets its only item."""
    time = [1000.0]
    for module in (pings, failing):
        monkeypatch.setattr(module, "monotonic", lambda: time[0])
    return time


def queue_mail(*, due_for: timedelta) -> None:
    make_order(("A", 1))
    values = {"state": MessageState.QUEUED, "held_because": None, "due_at": now() - due_for}
    with writing():
        db.session.execute(update(Message).values(values))


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


# Refused


@on_sqlite
@pytest.mark.parametrize("only", [(), ("UPDATE",)])
def test_none_is_given_while_the_database_cannot_be_read_or_written(
    app: Flask, service: Service, caplog: pytest.LogCaptureFixture, only: tuple[str, ...]
) -> None:
    with failing_database("database or disk is full", only=only or ("",)):
        Ping()(NEVER)
    assert service.requests == []
    assert errors(caplog) == ["PING_URL got no sign of life: the database cannot be read or written"]


def test_none_is_given_while_mails_are_overdue(
    app: Flask, service: Service, clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    queue_mail(due_for=OVERDUE_AFTER + timedelta(seconds=5))
    ping = Ping()
    for _minute in range(3):
        ping(NEVER)
        clock[0] += 60
    assert service.requests == []
    assert errors(caplog) == ["PING_URL got no sign of life: not sent for 15 minutes: mails"]
    with writing():
        db.session.execute(update(Message).values(state=MessageState.SENT, due_at=None))
    ping(NEVER)
    assert len(service.requests) == 1


def test_none_is_given_while_messages_to_webhooks_are_overdue(app: Flask, service: Service) -> None:
    with writing():
        webhook = webhooks.add("https://erp.example.com/", [WebhookEvent.ORDER_PLACED], by=SYSTEM)
    make_order(("A", 1))
    with writing():
        db.session.execute(update(WebhookMessage).values(due_at=now() - 2 * OVERDUE_AFTER))
    assert pings.problem() == "not sent for 15 minutes: webhooks"
    with writing():
        webhooks.lock(webhook.id).paused_until = now() + timedelta(hours=1)
    assert pings.problem() is None


def test_none_is_given_while_the_last_good_backup_is_too_old(app: Flask, service: Service) -> None:
    app.config["BACKUP_EVERY"] = timedelta(hours=1)
    assert pings.problem() is None  # the first one has yet to be tried
    began = now() - timedelta(hours=2, minutes=1)
    with writing():
        db.session.add(Backup(path="a", started_at=began, finished_at=began, failure="Disken är full."))
    assert pings.problem() == "the last good backup is twice as old as BACKUP_EVERY"
    with writing():
        db.session.add(Backup(path="b", started_at=now(), finished_at=now(), size=1))
    assert pings.problem() is None


@on_sqlite
def test_none_is_given_while_a_job_fails_again_and_again(
    app: Flask, service: Service, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = iter([True, True, False])
    stop = threading.Event()

    def job(_stop: threading.Event) -> int:
        if next(rounds):
            raise RuntimeError("a defect")
        stop.set()
        return 0

    said = []

    def wait(_seconds: float) -> bool:
        with app.app_context():
            said.append(pings.problem())
        clock[0] += FAILING_FOR.total_seconds() + 1
        return False

    monkeypatch.setattr(worker, "jobs", lambda: {"holds": job})
    monkeypatch.setattr(stop, "wait", wait)
    worker.run(app, stop)
    assert said == [None, "for 5 minutes it has failed at: holds", None]


@on_sqlite
def test_none_is_given_while_the_mail_server_cannot_be_reached(
    app: Flask, service: Service, clock: list[float]
) -> None:
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=free_port())
    mail.init_app(app)
    queue_mail(due_for=timedelta(0))
    assert worker.run(app, NEVER, once=True) == 1
    assert [name for name, _agent in service.requests] == [PATH]  # of the job itself: it has only begun to fail
    clock[0] += FAILING_FOR.total_seconds() + 1
    assert pings.problem() == "for 5 minutes it has failed at: the mail server"


@on_sqlite
@pytest.mark.parametrize("status", [301, 404, 500])
def test_a_service_that_does_not_take_it_is_told_once_without_its_secret(
    app: Flask, service: Service, clock: list[float], caplog: pytest.LogCaptureFixture, status: int
) -> None:
    service.status = status
    ping = Ping()
    for _minute in range(2):
        ping(NEVER)
        clock[0] += 60
    assert len(service.requests) == 2
    assert errors(caplog) == [f"PING_URL got no sign of life: 127.0.0.1 answers {status}"]


@on_sqlite
def test_a_service_that_is_away_is_told_without_its_secret(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    app.config["PING_URL"] = f"http://127.0.0.1:{free_port()}{PATH}"
    Ping()(NEVER)
    assert errors(caplog) == ["PING_URL got no sign of life: 127.0.0.1 cannot be reached (NewConnectionError)"]
    assert PATH not in caplog.text


@on_sqlite
def test_a_service_that_never_answers_is_left(
    app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pings, "TIMEOUT", urllib3.Timeout(connect=1, read=0.1))
    with BlackHole() as hole:
        app.config["PING_URL"] = f"http://127.0.0.1:{hole.port}{PATH}"
        Ping()(NEVER)
    assert errors(caplog) == ["PING_URL got no sign of life: 127.0.0.1 cannot be reached (ReadTimeoutError)"]


# Given


def test_it_is_given_each_minute_while_all_is_well(app: Flask, service: Service, clock: list[float]) -> None:
    queue_mail(due_for=timedelta(minutes=1))
    ping = Ping()
    for seconds in (0, 30, 29, 1, 30, 30):
        clock[0] += seconds
        assert ping(NEVER) == 0
    assert [path for path, _agent in service.requests] == [PATH] * 3
    assert service.requests[0][1].startswith("webshop-orders/")


@on_sqlite
def test_that_all_is_well_again_is_told(
    app: Flask, service: Service, clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, pings.__name__)
    service.status = 500
    ping = Ping()
    ping(NEVER)
    service.status = 204
    clock[0] += 60
    ping(NEVER)
    clock[0] += 60
    ping(NEVER)
    assert [record.levelname for record in caplog.records if record.name == pings.__name__] == ["ERROR", "INFO"]


@on_sqlite
def test_without_an_address_nothing_is_checked(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with failing_database("disk I/O error"):
        assert Ping()(NEVER) == 0
    assert errors(caplog) == []


@on_sqlite
def test_the_worker_gives_it(app: Flask, service: Service) -> None:
    worker.run(app, NEVER, once=True)
    assert len(service.requests) == 1
