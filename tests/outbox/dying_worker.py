"""A worker that is killed, or stopped for a while, at a step of our choice; and its guards, each with a switch."""

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
from sqlalchemy.orm import Session

from tests.conftest import settings
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.models import Message, MessageState
from webshop_orders.outbox import outcomes, worker
from webshop_orders.outbox import queue as outbox_queue
from webshop_orders.outbox.mail import delivery as mail_delivery
from webshop_orders.outbox.mail.smtp import Connection, mail
from webshop_orders.outbox.queue import Lease
from webshop_orders.transactions.unit_of_work import writing

STEPS = ("claimed", "connected", "mail", "rcpt", "data", "taken", "committing", "recorded")
NEVER = 10**9


@dataclass(frozen=True)
class Fate:
    """At which step a worker meets its end, the how-manieth time; by SIGKILL, or by SIGSTOP to be woken later.

    `without` names the guard that is switched off: `lease`, `order` (noting before sending) or `fence`.
    """

    database: str
    port: int
    step: str = "claimed"
    times: int = NEVER
    signal: int = signal.SIGKILL
    lease: float = 1.5
    batch: int = 5
    without: str | None = None


class Reaper:
    def __init__(self, fate: Fate) -> None:
        self.fate = fate
        self.met = 0
        self.woken = Event()

    def comes_at(self, step: str) -> bool:
        """Count a step; whether this is the one."""
        self.met += step == self.fate.step
        return step == self.fate.step and self.met == self.fate.times

    def strike(self) -> None:
        self.woken.set()  # whoever is only stopped ends after the mail at hand
        os.kill(os.getpid(), self.fate.signal)

    def at(self, step: str) -> None:
        if self.comes_at(step):
            self.strike()


def work(fate: Fate) -> None:
    """Deliver until nothing is left to deliver, or until the end that is due."""
    reaper = Reaper(fate)
    outbox_queue.LEASE_DURATION, outbox_queue.MIN_TIME_LEFT = (
        timedelta(seconds=fate.lease),
        timedelta(seconds=fate.lease / 5),
    )
    outbox_queue.BATCH = fate.batch
    worker.IDLE_SECONDS = 0.1  # type: ignore[assignment]
    watch_steps(reaper)
    if fate.without:
        SWITCHES[fate.without]()
    app = create_app(settings(fate.database, INSTANCE=Path("."), MAIL_SERVER="127.0.0.1", MAIL_PORT=fate.port))
    with app.app_context():
        mail.init_app(app)
    stop = reaper.woken
    while not stop.is_set():
        worker.run(app, stop, once=True)
        with app.app_context():
            left = db.session.query(Message).filter(Message.due_at.is_not(None)).count()
            db.session.remove()
        stop.set() if not left else time.sleep(0.1)


def watch_steps(reaper: Reaper) -> None:
    """Have the reaper look at each step of the real worker."""
    in_record = Event()
    after(outbox_queue, "acquire", lambda taken: taken and reaper.at("claimed"))
    after(Connection, "configure_host", lambda host: reaper.at("connected"))
    after(smtplib.SMTP, "mail", lambda answer: reaper.at("mail"))
    after(smtplib.SMTP, "rcpt", lambda answer: reaper.at("rcpt"))

    data, record = smtplib.SMTP.data, outbox_queue.record_outcome

    def half_of(self: smtplib.SMTP, message: Any) -> tuple[int, bytes]:
        if reaper.comes_at("data"):
            self.putcmd("data")
            self.getreply()
            self.send(message[: len(message) // 2])
            reaper.strike()
        answer = data(self, message)
        reaper.at("taken")
        return answer

    def watched(claim: Lease, outcome: outcomes.Outcome) -> MessageState:
        in_record.set()
        state = record(claim, outcome)
        in_record.clear()
        reaper.at("recorded")
        return state

    smtplib.SMTP.data = half_of  # type: ignore[method-assign, assignment]
    outbox_queue.record_outcome = watched
    event.listen(Session, "before_commit", lambda session: in_record.is_set() and reaper.at("committing"))


def after(owner: Any, name: str, look: Callable[[Any], object]) -> None:
    original = getattr(owner, name)

    def watched(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        look(result)
        return result

    setattr(owner, name, watched)


def without_lease() -> None:
    """A claim leaves the message due, so that anyone else may take it too."""
    outbox_queue.LEASE_DURATION, outbox_queue.MIN_TIME_LEFT = timedelta(0), -timedelta(hours=1)


def without_order() -> None:
    """A mail is noted as sent before it is."""
    send, record = mail_delivery._send, outbox_queue.record_outcome

    def noted_first(claim: Lease, connection: Connection) -> outcomes.Outcome:
        record(claim, outcomes.sent("250 surely"))
        return send(claim, connection)

    mail_delivery._send = noted_first


def without_fence() -> None:
    """What becomes of a mail is noted, whoever has it by now."""

    def unfenced(claim: Lease, values: dict[str, Any], attempt: object = None) -> None:
        with writing():
            db.session.execute(update(Message).where(Message.id == claim.message.id).values(values))

    outbox_queue._change = unfenced


SWITCHES = {"lease": without_lease, "order": without_order, "fence": without_fence}
