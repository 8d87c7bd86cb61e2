"""The worker: does what is due, again and again, whatever happens to the database or to the servers of others."""

import logging
from collections.abc import Callable
from threading import Event, Thread
from time import monotonic

from flask import Flask, current_app

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.operations.order_list import counts as order_counts
from webshop_orders.operations.stock import backorders
from webshop_orders.outbox import queue as outbox_queue
from webshop_orders.outbox import retention
from webshop_orders.outbox.mail.delivery import deliver_batch
from webshop_orders.outbox.webhooks import delivery as webhook_delivery
from webshop_orders.transactions.unit_of_work import writing

IDLE_SECONDS = 2
LONGEST_BACK_OFF = 60
SWEEP_SECONDS = 60
FORGETTING_SECONDS = 3600
logger = logging.getLogger(__name__)

# Does what is due of its kind, until told to stop, and gives how much was tried.
Job = Callable[[Event], int]


def run(app: Flask, stop: Event, *, once: bool = False) -> int:
    """Work until told to stop, or with `once` until nothing is due; gives how many deliveries were tried.

    Each job has a thread of its own, so that a server that does not answer holds up no other job. Errors are logged
    and waited out; with `once` they are raised.
    """
    if once:
        return sum(_keep_doing(job, app, stop, once=True) for job in jobs())
    threads = [Thread(target=_keep_doing, args=(job, app, stop)) for job in jobs()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 0


def jobs() -> tuple[Job, ...]:
    return Sweep(), cover_backorders, deliver_batch, webhook_delivery.deliver_batch


def cover_backorders(stop: Event) -> int:
    """Cover what waits for products that have units free, oldest order first and each in a transaction of its own."""
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


class Sweep:
    """Mends once in a while what no change and no delivery does by itself."""

    def __init__(self) -> None:
        self._next_look = self._next_forgetting = 0.0

    def __call__(self, stop: Event) -> int:
        if monotonic() >= self._next_look:
            self._next_look = monotonic() + SWEEP_SECONDS
            with writing():
                order_counts.compact()
            if current_app.config["MAIL_SERVER"]:
                outbox_queue.queue_held()
        if monotonic() >= self._next_forgetting:
            self._next_forgetting = monotonic() + FORGETTING_SECONDS
            retention.delete_expired()
            retention.erase_personal_data(stop)
        return 0


def _keep_doing(job: Job, app: Flask, stop: Event, *, once: bool = False) -> int:
    tried, failures = 0, 0
    while not stop.is_set():
        try:
            with app.app_context():
                shop_settings.current()  # answers are noted in the shop's language
                count = job(stop)
        except Exception as error:
            if once:
                raise
            failures += 1
            logger.error("the worker could not go on and will try again: %s", error)
            stop.wait(min(2**failures, LONGEST_BACK_OFF))
            continue
        tried, failures = tried + count, 0
        if not count:
            if once:
                break
            stop.wait(IDLE_SECONDS)
    return tried
