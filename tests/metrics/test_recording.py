"""What is counted where: requests around the application, jobs and deliveries in the worker, waits in changes."""

import threading
import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text, update
from werkzeug.test import Client

from tests.factories import make_order
from tests.outbox.servers import Post, mail_server
from tests.web.conftest import on_sqlite
from tests.web.http.test_unavailable import locked
from webshop_orders.clock import now
from webshop_orders.db.extensions import WRITES, db
from webshop_orders.errors import Busy
from webshop_orders.metrics import definitions
from webshop_orders.metrics.requests import measuring
from webshop_orders.models import Actor, Message
from webshop_orders.outbox import worker
from webshop_orders.outbox.mail.smtp import mail
from webshop_orders.transactions.unit_of_work import editing, writing

NEVER = threading.Event()


def counted(name: str, **labels: str) -> float:
    return definitions.REGISTRY.get_sample_value(f"webshop_orders_{name}", labels) or 0


def request(app: Flask, path: str, method: str = "GET") -> None:
    """A request as the server hands it over."""
    Client(measuring(app.wsgi_app)).open(path, method=method)


@on_sqlite
@pytest.mark.parametrize(
    ("path", "method", "route", "status", "counted_as"),
    [
        ("/orders/WS-100001", "GET", "/orders/<number:number>", "303", "GET"),
        ("/healthz", "GET", "/healthz", "200", "GET"),
        ("/healthz", "BREW", "none", "405", "other"),
        ("/wp-login.php", "POST", "none", "404", "POST"),
        ("/%ff%fe", "GET", "none", "404", "GET"),
    ],
)
def test_a_request_is_counted_under_its_route(
    app: Flask, path: str, method: str, route: str, status: str, counted_as: str
) -> None:
    labels = {"route": route, "method": counted_as}
    before = counted("requests_total", **labels, status=status), counted("request_seconds_count", **labels)
    request(app, path, method)
    assert counted("requests_total", **labels, status=status) == before[0] + 1
    assert counted("request_seconds_count", **labels) == before[1] + 1


def test_a_request_that_ends_in_a_defect_is_counted_and_the_defect_goes_on() -> None:
    def application(environ: Any, start_response: Any) -> Any:
        raise RuntimeError("a defect")

    labels = {"route": "none", "method": "GET", "status": "500"}
    before = counted("requests_total", **labels)
    with pytest.raises(RuntimeError, match="a defect"):
        measuring(application)({"REQUEST_METHOD": "GET"}, lambda *_arguments: None)
    assert counted("requests_total", **labels) == before + 1


@on_sqlite
def test_a_change_that_gets_no_lock_is_counted(app: Flask, anna: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    order = make_order(("A", 1))
    before = counted("database_busy_total")
    with locked(monkeypatch), pytest.raises(Busy), editing(order.number, None, anna):
        pass
    assert counted("database_busy_total") == before + 1


@on_sqlite
def test_what_gives_up_by_itself_is_not_counted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    before = counted("database_busy_total")
    with locked(monkeypatch), pytest.raises(Busy), writing(lock_wait=10):
        pass
    assert counted("database_busy_total") == before


def test_a_change_that_waits_for_another_one_is_counted_with_its_wait(app: Flask, anna: Actor) -> None:
    """On SQLite it waits to begin, on PostgreSQL for its order."""
    order = make_order(("A", 1))
    wait = "begin" if db.engine.dialect.name == "sqlite" else "order"
    name, labels = "database_wait_seconds", {"wait": wait}
    before, short = counted(f"{name}_sum", **labels), counted(f"{name}_bucket", **labels, le="0.1")
    count = counted(f"{name}_count", **labels)
    with hold_lock(order.number), editing(order.number, None, anna):
        pass
    assert counted(f"{name}_sum", **labels) >= before + 0.2
    assert counted(f"{name}_count", **labels) - counted(f"{name}_bucket", **labels, le="0.1") == count - short + 1


class hold_lock:  # noqa: N801
    """Another connection changes the order for 0.3 seconds."""

    def __init__(self, number: str) -> None:
        self._number, self._engine = number, db.engine
        self._has_lock = threading.Event()
        self._thread = threading.Thread(target=self._hold)

    def __enter__(self) -> None:
        db.session.rollback()
        self._thread.start()
        self._has_lock.wait(10)

    def __exit__(self, *_error: object) -> None:
        self._thread.join()

    def _hold(self) -> None:
        statement = text("update orders set version = version where number = :number")
        with self._engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            connection.execute(statement, {"number": self._number})
            self._has_lock.set()
            time.sleep(0.3)


@on_sqlite
@pytest.mark.parametrize(("answer", "outcome"), [("250 OK", "sent"), ("451 Later", "retrying"), ("550 No", "given_up")])
def test_an_attempt_to_deliver_is_counted_by_its_outcome(app: Flask, answer: str, outcome: str) -> None:
    post = Post()
    post.to_mail = answer
    with mail_server(post) as port:
        app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port)
        mail.init_app(app)
        make_order(("A", 1))
        with writing():
            db.session.execute(update(Message).values(due_at=now()))
        before = counted("deliveries_total", queue="mails", outcome=outcome)
        handled = counted("job_handled_total", job_name="mails")
        worker.run(app, NEVER, once=True)
    assert counted("deliveries_total", queue="mails", outcome=outcome) == before + 1
    assert counted("job_handled_total", job_name="mails") == handled + 1


@on_sqlite
def test_a_round_of_a_job_that_fails_is_counted_as_failed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()

    def job(_stop: threading.Event) -> int:
        raise RuntimeError("a defect")

    def wait(_seconds: float) -> bool:
        stop.set()
        return True

    monkeypatch.setattr(worker, "jobs", lambda: {"failing": job})
    monkeypatch.setattr(stop, "wait", wait)
    worker.run(app, stop)
    assert counted("job_runs_total", job_name="failing", outcome="failed") == 1
    assert counted("job_runs_total", job_name="failing", outcome="done") == 0
    assert counted("job_seconds_count", job_name="failing") == 1
