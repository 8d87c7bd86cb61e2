"""What is read from the database when Prometheus asks, on both databases."""

from datetime import timedelta

import pytest
from flask import Flask
from prometheus_client import CollectorRegistry
from sqlalchemy import text, update

from tests.factories import make_order, make_product
from tests.outbox import test_crashes
from tests.statements import executed
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.metrics.current import Current
from webshop_orders.models import (
    SYSTEM,
    Backup,
    BatchAction,
    DisabledReason,
    Heartbeat,
    InboxItem,
    InboxKind,
    Message,
    MessageState,
    WebhookEvent,
)
from webshop_orders.operations.batches import running, selection
from webshop_orders.operations.webhooks import subscriptions as webhooks
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.version import VERSION

HOUR = timedelta(hours=1)


def value(name: str, **labels: str) -> float | None:
    """The value of a metric with these labels, as Prometheus would read it."""
    registry = CollectorRegistry()
    registry.register(Current())
    found: float | None = registry.get_sample_value(f"webshop_orders_{name}", labels)
    return found


def queue_mails(count: int, **values: object) -> None:
    """Orders with a confirmation each that waits for the mail server."""
    for _turn in range(count):
        make_order(("A", 1))
    with writing():
        db.session.execute(update(Message).values(held_because=None, **values))


def test_an_empty_shop_has_nothing_waiting(app: Flask) -> None:
    assert value("database_up") == 1
    for queue in ("mails", "account_mails", "webhooks"):
        assert value("outbox_waiting", queue=queue, state="queued") == 0
        assert value("outbox_oldest_seconds", queue=queue) == 0
        assert value("outbox_overdue_seconds", queue=queue) == 0
    assert value("mails_failed") == value("backordered_units") == value("backordered_orders") == 0
    assert value("backup_last_timestamp_seconds") == value("backup_interval_seconds") == 0
    assert value("processes", kind="worker", version=VERSION) == 0
    assert value("processes_last_seen_timestamp_seconds", kind="worker") == 0


def test_mails_that_wait_are_counted_with_their_age(app: Flask) -> None:
    at = now()
    queue_mails(2, state=MessageState.QUEUED, due_at=at - HOUR, tried_from=at - 2 * HOUR)
    assert value("outbox_waiting", queue="mails", state="queued") == 2
    assert value("outbox_waiting", queue="webhooks", state="queued") == 0
    assert value("outbox_overdue_seconds", queue="mails") == pytest.approx(3600, abs=60)
    assert value("outbox_oldest_seconds", queue="mails") == pytest.approx(7200, abs=60)


def test_mails_that_are_tried_again_later_are_old_but_not_overdue(app: Flask) -> None:
    at = now()
    queue_mails(1, state=MessageState.RETRYING, due_at=at + HOUR, tried_from=at - 2 * HOUR)
    assert value("outbox_waiting", queue="mails", state="retrying") == 1
    assert value("outbox_overdue_seconds", queue="mails") == 0
    assert value("outbox_oldest_seconds", queue="mails") == pytest.approx(7200, abs=60)


def test_mails_that_were_given_up_or_are_held_are_counted(app: Flask) -> None:
    make_order(("A", 1))
    assert value("mails_held", reason="no_server") == 1
    assert value("mails_held", reason="not_automatic") == 0
    queue_mails(0, state=MessageState.GIVEN_UP, due_at=None, needs_attention=True)
    assert value("mails_failed") == 1
    assert value("mails_held", reason="no_server") == 0


def test_messages_to_a_webhook_that_is_off_are_not_overdue(app: Flask) -> None:
    with writing():
        webhook = webhooks.add("https://erp.example.com/", [WebhookEvent.ORDER_PLACED], by=SYSTEM)
    make_order(("A", 1))
    assert value("outbox_waiting", queue="webhooks", state="queued") == 1
    assert value("outbox_overdue_seconds", queue="webhooks") > 0  # type: ignore[operator]
    with writing():
        webhooks.lock(webhook.id).paused_until = now() + HOUR
    assert value("outbox_overdue_seconds", queue="webhooks") == 0
    with writing():
        webhooks.lock(webhook.id).paused_until = None
    assert value("outbox_overdue_seconds", queue="webhooks") > 0  # type: ignore[operator]
    with writing():
        webhooks.disable(webhooks.lock(webhook.id), DisabledReason.UNREACHABLE)
    assert value("outbox_overdue_seconds", queue="webhooks") == 0


def test_orders_that_wait_for_products_are_counted_once(app: Flask) -> None:
    make_product("LAMPA", stock=1)
    make_product("VAS", stock=0)
    make_order(("LAMPA", 4), ("VAS", 2))
    make_order(("LAMPA", 1))
    assert value("backordered_units") == 6
    assert value("backordered_orders") == 2


def test_orders_of_a_batch_that_no_worker_has_taken_are_counted(app: Flask) -> None:
    order = make_order(("A", 1))
    with writing():
        running.start(selection.create([order.number], by=SYSTEM), BatchAction.CANCEL, by=SYSTEM)
    assert value("batch_orders_waiting") == 1


def test_what_is_in_the_inbox_is_counted_by_kind(app: Flask) -> None:
    with writing():
        db.session.add(InboxItem(kind=InboxKind.INCOMING_CALL, subject="1", since=now(), facts={}))
    for kind in InboxKind:
        assert value("inbox_items", kind=kind.value) == (1 if kind is InboxKind.INCOMING_CALL else 0)


def test_the_last_good_backup_counts_and_no_failed_or_unfinished_one(app: Flask) -> None:
    app.config["BACKUP_EVERY"] = timedelta(hours=6)
    began = now() - HOUR
    with writing():
        db.session.add(Backup(started_at=began - HOUR, finished_at=began, path="a", size=1))
        db.session.add(Backup(started_at=began, finished_at=now(), path="b", size=4_711))
    with writing():
        db.session.add(Backup(finished_at=now(), path="c", failure="Disken är full."))
        db.session.add(Backup(path="d"))
    assert value("backup_last_timestamp_seconds") == pytest.approx(began.timestamp(), abs=1)
    assert value("backup_last_bytes") == 4_711
    assert value("backup_interval_seconds") == 6 * 3600


def test_processes_that_were_seen_lately_run(app: Flask) -> None:
    at = now()
    with writing():
        db.session.add(Heartbeat(process="a:1", kind="worker", version="1.0.0", seen_at=at))
        db.session.add(Heartbeat(process="b:1", kind="worker", version="1.0.0", seen_at=at - HOUR))
        db.session.add(Heartbeat(process="c:1", kind="worker", version="0.9.0", seen_at=at - HOUR))
    assert value("processes", kind="worker", version="1.0.0") == 1
    assert value("processes", kind="worker", version="0.9.0") == 0
    assert value("processes_last_seen_timestamp_seconds", kind="worker") == pytest.approx(at.timestamp(), abs=1)


def test_mails_that_left_long_ago_are_not_read(app: Flask) -> None:
    """There are more of them with each year, and metrics are read every few seconds."""
    test_crashes.queue(3_000)
    with writing():
        db.session.execute(update(Message).values(state=MessageState.SENT, due_at=None, sent_at=now()))
    with db.engine.connect() as connection:
        connection.execute(text("analyze"))
    with executed() as statements:
        value("database_up")
    of_mails = [each for each in statements if "FROM messages" in each.sql]
    assert len(of_mails) == 4
    is_sqlite = db.engine.dialect.name == "sqlite"
    for sql, parameters in of_mails:
        with db.engine.connect() as connection:
            rows = connection.exec_driver_sql(f"{'explain query plan' if is_sqlite else 'explain'} {sql}", parameters)
            plan = "\n".join(" ".join(map(str, row)) for row in rows)
        assert (
            ("SEARCH messages" in plan or "ix_messages_needs_attention" in plan) if is_sqlite else "Seq" not in plan
        ), plan


def test_reading_takes_as_many_statements_from_a_full_shop_as_from_an_empty_one(app: Flask) -> None:
    with executed() as of_empty:
        value("database_up")
    queue_mails(5, state=MessageState.QUEUED, due_at=now())
    with executed() as of_full:
        value("database_up")
    assert len(of_full) == len(of_empty) <= 16
