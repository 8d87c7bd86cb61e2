"""A worker that is killed at a step of an order of a batch, and a switch that makes its outcome a commit of its own."""

import os
import signal
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session, configure_mappers

from tests.conftest import settings
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.jobs import batches as job
from webshop_orders.models import BatchOrder, BatchOrderState, Order
from webshop_orders.operations.batches import actions
from webshop_orders.operations.batches.actions import Task
from webshop_orders.outbox import worker
from webshop_orders.transactions.unit_of_work import editing, writing

STEPS = ("leased", "locked", "changed", "recorded", "committing", "committed")
NEVER = 10**9
configure_mappers()  # once in the fork server, so that each worker need not


@dataclass(frozen=True)
class Fate:
    """At which occurrence of which step a worker is killed; `outcome_apart` disables what makes it safe."""

    database: str
    step: str = "leased"
    occurrence: int = NEVER
    lease: float = 1.5
    leased_at_once: int = 10
    outcome_apart: bool = False


class Killer:
    def __init__(self, fate: Fate) -> None:
        self.fate = fate
        self.count = 0

    def at(self, step: str) -> None:
        self.count += step == self.fate.step
        if step == self.fate.step and self.count == self.fate.occurrence:
            os.kill(os.getpid(), signal.SIGKILL)


def work(fate: Fate) -> None:
    """Carry batches out until no order waits, or until the worker is killed."""
    job.LEASE_DURATION, job.MIN_TIME_LEFT = timedelta(seconds=fate.lease), timedelta(seconds=fate.lease / 5)
    job.LEASED_AT_ONCE = fate.leased_at_once
    if fate.outcome_apart:
        record_apart()
    watch_steps(Killer(fate))
    app = create_app(settings(fate.database, INSTANCE=Path(".")))
    stop = Event()
    while not stop.is_set():
        worker.run(app, stop, once=True)
        with app.app_context():
            waiting = db.session.query(BatchOrder).filter(BatchOrder.due_at.is_not(None)).count()
            db.session.remove()
        stop.set() if not waiting else time.sleep(0.1)


def watch_steps(killer: Killer) -> None:
    """Report each step of the real worker to the killer."""
    acquire, carry_out, record, change = job.acquire, actions.carry_out, job._record, job.change
    is_in_change = Event()

    def watched_acquire(batch_id: int) -> list[job.Lease]:
        leases = acquire(batch_id)
        if leases:
            killer.at("leased")
        return leases

    def watched_carry_out(order: Order, task: Task, **how: Any) -> str | None:
        killer.at("locked")
        note = carry_out(order, task, **how)
        killer.at("changed")
        return note

    def watched_record(lease: job.Lease, state: BatchOrderState, **how: Any) -> bool:
        recorded = record(lease, state, **how)
        killer.at("recorded")
        return recorded

    def watched_change(lease: job.Lease) -> None:
        is_in_change.set()
        try:
            change(lease)
        finally:
            is_in_change.clear()
        killer.at("committed")

    job.acquire, job._record, job.change = watched_acquire, watched_record, watched_change
    actions.carry_out = watched_carry_out
    event.listen(Session, "before_commit", lambda session: is_in_change.is_set() and killer.at("committing"))


def record_apart() -> None:
    """What is done to an order is committed first, and its outcome in the batch by itself."""

    def change(lease: job.Lease) -> None:
        with editing(lease.number, None, lease.actor) as order:
            actions.carry_out(order, lease.task, by=lease.actor)
        with writing():
            job._record(lease, BatchOrderState.DONE)

    job.change = change
