"""The worker: runs the background jobs in a loop, and survives errors of the database and of other servers."""

import logging
from collections.abc import Callable
from threading import Event, Thread
from time import monotonic, perf_counter

from flask import Flask, current_app

from webshop_orders import metrics, request_ids, shop_settings
from webshop_orders.backups.scheduled import ScheduledBackups
from webshop_orders.db import failures as database_failures
from webshop_orders.db.extensions import db
from webshop_orders.errors import DomainError
from webshop_orders.jobs.batches import carry_out_batches
from webshop_orders.jobs.inbox import compute_attention, forget_expired, show_due
from webshop_orders.jobs.withdrawals import match_withdrawals
from webshop_orders.logs import privacy
from webshop_orders.operations import heartbeats
from webshop_orders.operations.inbox import counts as inbox_counts
from webshop_orders.operations.inbox import derived as derived_items
from webshop_orders.operations.order_list import counts as order_counts
from webshop_orders.operations.orders import holds, loading, presence
from webshop_orders.operations.packing import sessions as packing_sessions
from webshop_orders.operations.stock import backorders
from webshop_orders.outbox import failing, retention
from webshop_orders.outbox import queue as outbox_queue
from webshop_orders.outbox.mail.delivery import deliver_batch
from webshop_orders.outbox.pings import Ping
from webshop_orders.outbox.webhooks import delivery as webhook_delivery
from webshop_orders.transactions.unit_of_work import writing

IDLE_SECONDS = 2
MAX_BACKOFF_SECONDS = 60
MAINTENANCE_SECONDS = 60
RETENTION_SECONDS = 3600
logger = logging.getLogger(__name__)

# Does what is due until the event is set; returns how many deliveries or orders it handled.
Job = Callable[[Event], int]


def run(app: Flask, stop: Event, *, once: bool = False) -> int:
    """Run until `stop` is set, or with `once` until nothing is due; with `once`, returns how much was handled.

    Each job has its own thread, so that a server that does not answer delays no other job. After an error the job
    is retried with exponential backoff; with `once` the error is raised.
    """
    if once:
        return sum(_run_job(name, job, app, stop, once=True) for name, job in jobs().items())
    threads = [Thread(target=_run_job, args=(name, job, app, stop)) for name, job in jobs().items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 0


def jobs() -> dict[str, Job]:
    """The jobs, by the names that metrics and logs have for them."""
    return {
        "heartbeats": Heartbeats(),
        "maintenance": Maintenance(),
        "holds": end_holds,
        "backorders": cover_backorders,
        "batches": carry_out_batches,
        "withdrawals": match_withdrawals,
        "inbox": keep_inbox,
        "mails": deliver_batch,
        "webhooks": webhook_delivery.deliver_batch,
        "ping": Ping(),
        "backups": ScheduledBackups(),
    }


def end_holds(stop: Event) -> int:
    """Release the holds whose day has come in the shop's time zone, one transaction per order.

    Nothing is remembered between two rounds, and another worker finds the order released once it has its lock.
    """
    ended = 0
    while not stop.is_set():
        order_id = holds.find_ended()
        db.session.rollback()
        if order_id is None:
            break
        with writing():
            for order in loading.lock_orders([order_id]):
                ended += len(holds.release_ended(order))
    return ended


def cover_backorders(stop: Event) -> int:
    """Cover backordered units from available stock, oldest order first, one transaction per order."""
    covered = 0
    while not stop.is_set():
        order_id = backorders.find_next_to_cover()
        db.session.rollback()
        if order_id is None:
            break
        with writing():
            if not backorders.cover_order(order_id):
                break
        covered += 1
    return covered


def keep_inbox(stop: Event) -> int:
    """Compute what needs a person where that is outdated, and show what is due."""
    return compute_attention(stop) + forget_expired(stop) + show_due(stop)


class Heartbeats:
    """Says every BEAT_SECONDS that this worker runs."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, stop: Event) -> int:
        if monotonic() >= self._next:
            self._next = monotonic() + heartbeats.BEAT_SECONDS
            with writing():
                heartbeats.beat(heartbeats.WORKER)
        return 0


class Maintenance:
    """Periodic upkeep: counts, what is forgotten and held mails each minute, retention and the inbox each hour."""

    def __init__(self) -> None:
        self._next_upkeep = self._next_retention = 0.0

    def __call__(self, stop: Event) -> int:
        if monotonic() >= self._next_upkeep:
            self._next_upkeep = monotonic() + MAINTENANCE_SECONDS
            with writing():
                order_counts.compact()
                inbox_counts.compact()
                presence.forget()
                packing_sessions.forget()
                heartbeats.forget()
            if current_app.config["MAIL_SERVER"]:
                outbox_queue.queue_held()
        if monotonic() >= self._next_retention:
            self._next_retention = monotonic() + RETENTION_SECONDS
            retention.delete_expired()
            retention.erase_personal_data(stop)
            with writing():
                derived_items.reconcile()
        return 0


def _run_job(name: str, job: Job, app: Flask, stop: Event, *, once: bool = False) -> int:
    handled, failures = 0, 0
    while not stop.is_set():
        began = perf_counter()
        request_ids.begin()  # of this round; what others requested goes on with their ids
        try:
            with app.app_context():
                shop_settings.current()  # outcomes are recorded in the shop's language
                count = job(stop)
        except Exception as error:
            if once:
                raise
            failures += 1
            failing.note(name, failed=True)
            metrics.record_job(name, perf_counter() - began, 0, failed=True)
            _log_failure(name, error, is_first=failures == 1)
            stop.wait(min(2**failures, MAX_BACKOFF_SECONDS))
            continue
        failing.note(name, failed=False)
        seconds = perf_counter() - began
        metrics.record_job(name, seconds, count)
        if count:
            logger.info("job", extra={"job": name, "handled": count, "ms": round(seconds * 1000)})
        handled, failures = handled + count, 0
        if not count:
            if once:
                break
            stop.wait(IDLE_SECONDS)
    return handled


def _log_failure(name: str, error: Exception, *, is_first: bool) -> None:
    """Log that a job failed: a defect with its traceback, but only at the first of the tries that fail."""
    is_expected = isinstance(error, DomainError) or database_failures.is_passing(error)
    facts = {"job": name, "error": privacy.describe(error)}
    traceback = error if is_first and not is_expected else None
    logger.error("the worker could not go on and will try again", exc_info=traceback, extra=facts)
