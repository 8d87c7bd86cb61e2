"""A worker that is killed or suspended at a given step, and switches that disable one of its safeguards each."""

import os
import signal
import smtplib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import event, update
from sqlalchemy.orm import Session, configure_mappers

from tests.conftest import settings
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.models import Message, MessageState
from webshop_orders.outbox import outcomes, worker
from webshop_orders.outbox import queue as outbox_queue
from webshop_orders.outbox.mail import delivery as mail_delivery
from webshop_orders.outbox.mail.smtp import SmtpConnection, mail
from webshop_orders.outbox.queue import Lease
from webshop_orders.transactions.unit_of_work import writing

STEPS = ("leased", "connected", "mail", "rcpt", "data", "taken", "committing", "recorded")
NEVER = 10**9
configure_mappers()  # once in the fork server, so that each worker need not


@dataclass(frozen=True)
class Fate:
    """At which occurrence of which step a worker is killed (SIGKILL) or suspended (SIGSTOP, woken later).

    `without` names the safeguard that is disabled: `lease`, `order` (record after sending) or `fence`.
    """

    database: str
    port: int
    step: str = "leased"
    occurrence: int = NEVER
    signal: int = signal.SIGKILL
    lease: float = 1.5
    batch: int = 5
    without: str | None = None


class Saboteur:
    def __init__(self, fate: Fate) -> None:
        self.fate = fate
        self.count = 0
        self.stop = Event()

    def is_due_at(self, step: str) -> bool:
        """Count a step; whether this is the occurrence to strike at."""
        self.count += step == self.fate.step
        return step == self.fate.step and self.count == self.fate.occurrence

    def strike(self) -> None:
        self.stop.set()  # a worker that is only suspended ends after its current mail
        os.kill(os.getpid(), self.fate.signal)

    def at(self, step: str) -> None:
        if self.is_due_at(step):
            self.strike()


def work(fate: Fate) -> None:
    """Deliver until nothing is left, or until the worker is killed."""
    saboteur = Saboteur(fate)
    outbox_queue.LEASE_DURATION, outbox_queue.MIN_TIME_LEFT = (
        timedelta(seconds=fate.lease),
        timedelta(seconds=fate.lease / 5),
    )
    outbox_queue.BATCH_SIZE = fate.batch
    worker.IDLE_SECONDS = 0.1  # type: ignore[assignment]
    watch_steps(saboteur)
    if fate.without:
        SWITCHES[fate.without]()
    app = create_app(settings(fate.database, INSTANCE=Path("."), MAIL_SERVER="127.0.0.1", MAIL_PORT=fate.port))
    with app.app_context():
        mail.init_app(app)
    stop = saboteur.stop
    while not stop.is_set():
        worker.run(app, stop, once=True)
        with app.app_context():
            pending = db.session.query(Message).filter(Message.due_at.is_not(None)).count()
            db.session.remove()
        stop.set() if not pending else time.sleep(0.2)


def watch_steps(saboteur: Saboteur) -> None:
    """Report each step of the real worker to the saboteur."""
    in_record = Event()
    after(outbox_queue, "acquire", lambda taken: taken and saboteur.at("leased"))
    after(SmtpConnection, "configure_host", lambda host: saboteur.at("connected"))
    after(smtplib.SMTP, "mail", lambda answer: saboteur.at("mail"))
    after(smtplib.SMTP, "rcpt", lambda answer: saboteur.at("rcpt"))

    data, record = smtplib.SMTP.data, outbox_queue.record_outcome

    def send_half(self: smtplib.SMTP, message: Any) -> tuple[int, bytes]:
        if saboteur.is_due_at("data"):
            self.putcmd("data")
            self.getreply()
            self.send(message[: len(message) // 2])
            saboteur.strike()
        answer = data(self, message)
        saboteur.at("taken")
        return answer

    def watched_record(lease: Lease, outcome: outcomes.Outcome) -> MessageState:
        in_record.set()
        state = record(lease, outcome)
        in_record.clear()
        saboteur.at("recorded")
        return state

    smtplib.SMTP.data = send_half  # type: ignore[method-assign, assignment]
    outbox_queue.record_outcome = watched_record
    event.listen(Session, "before_commit", lambda session: in_record.is_set() and saboteur.at("committing"))


def after(owner: Any, name: str, report: Callable[[Any], object]) -> None:
    original = getattr(owner, name)

    def watched(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        report(result)
        return result

    setattr(owner, name, watched)


def without_lease() -> None:
    """A leased message stays due, so that another worker may lease it too."""
    outbox_queue.LEASE_DURATION, outbox_queue.MIN_TIME_LEFT = timedelta(0), -timedelta(hours=1)


def without_order() -> None:
    """A mail is recorded as sent before it is sent."""
    send, record = mail_delivery._send, outbox_queue.record_outcome

    def record_first(lease: Lease, connection: SmtpConnection) -> outcomes.Outcome:
        record(lease, outcomes.sent("250 surely"))
        return send(lease, connection)

    mail_delivery._send = record_first


def without_fence() -> None:
    """An outcome is recorded even if another worker has the lease by then."""

    def unfenced(lease: Lease, values: dict[str, Any], attempt: object = None) -> None:
        with writing():
            db.session.execute(update(Message).where(Message.id == lease.message.id).values(values))

    outbox_queue._update_if_leased = unfenced


SWITCHES = {"lease": without_lease, "order": without_order, "fence": without_fence}
