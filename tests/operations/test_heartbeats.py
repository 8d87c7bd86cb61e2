"""Processes say that they run, and are told apart from those that stopped."""

import os
from datetime import timedelta
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import update

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import Heartbeat
from webshop_orders.operations import heartbeats
from webshop_orders.operations.heartbeats import KEPT, SILENT_AFTER, WORKER
from webshop_orders.outbox import worker
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.version import VERSION

MOMENT = timedelta(seconds=1)


def beat() -> None:
    with writing():
        heartbeats.beat(WORKER)


def last_seen_ago(silent: timedelta) -> None:
    with writing():
        db.session.execute(update(Heartbeat).values(seen_at=now() - silent))


def test_none_is_seen_where_none_ran(app: Flask) -> None:
    assert not heartbeats.seen(WORKER)
    assert heartbeats.last_seen(WORKER) is None
    assert heartbeats.running(WORKER) == []


def test_one_that_fell_silent_is_not_seen(app: Flask) -> None:
    beat()
    last_seen_ago(SILENT_AFTER + MOMENT)
    assert not heartbeats.seen(WORKER)
    assert heartbeats.seen(WORKER, within=SILENT_AFTER + timedelta(minutes=1))
    assert heartbeats.running(WORKER) == []


def test_another_kind_of_process_is_no_worker(app: Flask) -> None:
    with writing():
        heartbeats.beat("something else")
    assert not heartbeats.seen(WORKER)


def test_a_process_that_says_again_that_it_runs_is_one(app: Flask) -> None:
    beat()
    last_seen_ago(SILENT_AFTER + MOMENT)
    beat()
    (running,) = heartbeats.running(WORKER)
    assert running.process.endswith(f":{os.getpid()}")
    assert running.version == VERSION
    assert running.started_at <= running.seen_at
    assert heartbeats.seen(WORKER)


@pytest.mark.parametrize(("silent", "kept"), [(KEPT + MOMENT, 0), (KEPT - timedelta(minutes=1), 1)])
def test_those_not_seen_for_a_day_are_forgotten(app: Flask, silent: timedelta, kept: int) -> None:
    beat()
    last_seen_ago(silent)
    with writing():
        heartbeats.forget()
    assert db.session.query(Heartbeat).count() == kept


def test_a_worker_says_that_it_runs_once_in_a_while(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    beats = worker.Heartbeats()
    beats(Event())
    assert heartbeats.seen(WORKER)
    last_seen_ago(SILENT_AFTER + MOMENT)
    beats(Event())
    assert not heartbeats.seen(WORKER)
    monkeypatch.setattr(worker, "monotonic", lambda: float("inf"))
    beats(Event())
    assert heartbeats.seen(WORKER)
