"""What is in the database now: what waits, since when, and what failed. It is read when someone asks.

Prometheus recommends times instead of ages, except where the age of something changes with what is the oldest:
https://prometheus.io/docs/practices/instrumentation/#timestamps-not-time-since
"""

import platform
from collections.abc import Iterator
from datetime import datetime

from flask import current_app
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Select, distinct, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import (
    AccountMail,
    Backup,
    BatchOrder,
    Heartbeat,
    InboxCount,
    InboxKind,
    Line,
    MailHoldReason,
    Message,
    MessageState,
    Product,
    Webhook,
    WebhookMessage,
)
from webshop_orders.models.backup import IS_GOOD
from webshop_orders.models.queued_delivery import PENDING_STATES
from webshop_orders.models.waiting import IS_PLACED, IS_WAITING
from webshop_orders.operations import heartbeats
from webshop_orders.version import VERSION

Queued = type[Message] | type[AccountMail] | type[WebhookMessage]
QUEUES: dict[str, Queued] = {
    "mails": Message,
    "account_mails": AccountMail,
    "webhooks": WebhookMessage,
}


class Current(Collector):
    """Everything that is read from the database; without it where the database does not answer."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield _build()
        try:
            found = [*_outbox(), *_mails(), *_stock(), *_work(), *_backups(), *_processes()]
        except SQLAlchemyError:
            db.session.rollback()
            yield _gauge("database_up", "Whether the database answers.", 0)
            return
        yield _gauge("database_up", "Whether the database answers.", 1)
        yield from found


def _outbox() -> Iterator[GaugeMetricFamily]:
    """What is to be delivered automatically. A webhook that is switched off or paused has nothing overdue."""
    waiting = _family("outbox_waiting", "Messages that wait to be delivered.", "queue", "state")
    oldest = _family("outbox_oldest_seconds", "Time since the oldest message that waits was queued.", "queue")
    overdue = _family("outbox_overdue_seconds", "Time since the first message that waits was due.", "queue")
    at = now()
    for name, table in QUEUES.items():
        counts = select(table.state, func.count(), func.min(table.tried_from)).where(table.state.in_(PENDING_STATES))
        rows = {state: (count, since) for state, count, since in db.session.execute(counts.group_by(table.state))}
        for state in PENDING_STATES:
            waiting.add_metric([name, state], rows[state][0] if state in rows else 0)
        oldest.add_metric([name], _age(min((since for _count, since in rows.values()), default=None), at))
        overdue.add_metric([name], _age(db.session.scalar(_first_due(table, at)), at))
    yield from (waiting, oldest, overdue)


def _first_due(table: Queued, at: datetime) -> Select[datetime | None]:
    first: Select[datetime | None] = select(func.min(table.due_at)).where(table.due_at <= at)
    if table is not WebhookMessage:
        return first
    is_delivered = (Webhook.disabled_at.is_(None), or_(Webhook.paused_until.is_(None), Webhook.paused_until <= at))
    return first.join(Webhook, Webhook.id == WebhookMessage.webhook_id).where(*is_delivered)


def _mails() -> Iterator[GaugeMetricFamily]:
    failed = select(func.count()).select_from(Message).where(Message.needs_attention)
    yield _gauge("mails_failed", "Mails that were given up and that nobody has dealt with.", _count(failed))
    held = _family("mails_held", "Mails that wait for a person, or for a mail server.", "reason")
    is_held = Message.state == MessageState.HELD
    counts = select(Message.held_because, func.count()).where(is_held).group_by(Message.held_because)
    rows = dict(db.session.execute(counts).all())
    for reason in MailHoldReason:
        held.add_metric([reason], rows.get(reason, 0))
    yield held


def _stock() -> Iterator[GaugeMetricFamily]:
    units = select(func.coalesce(func.sum(Product.backordered), 0)).where(Product.backordered > 0)
    orders = select(func.count(distinct(Line.order_id))).where(IS_WAITING, IS_PLACED)
    yield _gauge("backordered_units", "Units of products that orders wait for.", _count(units))
    yield _gauge("backordered_orders", "Orders that wait for products.", _count(orders))


def _work() -> Iterator[GaugeMetricFamily]:
    of_batches = select(func.count()).select_from(BatchOrder).where(BatchOrder.due_at.is_not(None))
    yield _gauge("batch_orders_waiting", "Orders of batches that wait for a worker.", _count(of_batches))
    inbox = _family("inbox_items", "What is in the inbox and needs a person.", "kind")
    counts = select(InboxCount.kind, func.sum(InboxCount.count)).group_by(InboxCount.kind)
    rows = dict(db.session.execute(counts).all())
    for kind in InboxKind:
        inbox.add_metric([kind], rows.get(kind, 0))
    yield inbox


def _backups() -> Iterator[GaugeMetricFamily]:
    """Zero where there is none, so that a rule about its age tells that too."""
    every = current_app.config["BACKUP_EVERY"]
    seconds = every.total_seconds() if every else 0
    last = db.session.execute(
        select(Backup.started_at, Backup.size).where(*IS_GOOD).order_by(Backup.id.desc()).limit(1)
    ).first()
    yield _gauge("backup_interval_seconds", "How often backups are made; 0: never.", seconds)
    yield _gauge("backup_last_timestamp_seconds", "When the last good backup began; 0: never.", _time(last and last[0]))
    yield _gauge("backup_last_bytes", "Size of the last good backup.", (last and last[1]) or 0)


def _processes() -> Iterator[GaugeMetricFamily]:
    running = _family("processes", "Processes that were seen within two minutes.", "kind", "version")
    seen = _family("processes_last_seen_timestamp_seconds", "When a process of this kind was seen last.", "kind")
    rows = db.session.execute(select(Heartbeat.kind, Heartbeat.version, Heartbeat.seen_at)).all()
    since = now() - heartbeats.SILENT_AFTER
    last_seen: dict[str, datetime] = {}
    counts = {(heartbeats.WORKER, VERSION): 0}
    for kind, of_version, at in rows:
        last_seen[kind] = max(at, last_seen.get(kind, at))
        counts[kind, of_version] = counts.get((kind, of_version), 0) + (at > since)
    for labels, count in counts.items():
        running.add_metric(labels, count)
    for kind in {heartbeats.WORKER, *last_seen}:
        seen.add_metric([kind], _time(last_seen.get(kind)))
    yield from (running, seen)


def _build() -> GaugeMetricFamily:
    build = _family("build_info", "What runs here.", "version", "python", "database")
    build.add_metric([VERSION, platform.python_version(), db.engine.dialect.name], 1)
    return build


def _count(statement: Select[int]) -> int:
    return db.session.scalar(statement) or 0


def _age(since: datetime | None, at: datetime) -> float:
    return max((at - since).total_seconds(), 0) if since else 0


def _time(at: datetime | None) -> float:
    return at.timestamp() if at else 0


def _family(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"webshop_orders_{name}", text, labels=labels)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"webshop_orders_{name}", text, value=value)
