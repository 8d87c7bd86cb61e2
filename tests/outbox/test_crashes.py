"""Rule 18: every mail arrives although workers are killed at every step and one sleeps past its lease.

A mail can arrive twice only if a worker was killed between the server's 250 and our commit, and then it is identical.
Each run has a negative control: with a safeguard disabled it finds a lost or a duplicated mail.
"""

import os
import signal
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from multiprocessing.context import ForkServerProcess
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from tests import crews
from tests.outbox.dying_worker import NEVER, STEPS, Fate, work
from tests.outbox.servers import Post, mail_server
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import ActorKind, Message, MessageKind, MessageState

pytestmark = pytest.mark.own_app

WORKERS = 4
LEASE = 1.5
TIMEOUT_SECONDS = 120
crews.processes.set_forkserver_preload(["tests.outbox.dying_worker"])


@dataclass
class Run:
    """The result of a run with dying workers."""

    mails: int
    kills: Counter[str] = field(default_factory=Counter)
    stops: int = 0
    arrived: Counter[str] = field(default_factory=Counter)
    differing: int = 0
    unsent: int = 0

    @property
    def lost(self) -> int:
        return self.mails - len(self.arrived)

    @property
    def duplicates(self) -> int:
        return self.arrived.total() - len(self.arrived)

    def __str__(self) -> str:
        ends = ", ".join(f"{step} {count}" for step, count in sorted(self.kills.items()))
        return (
            f"{self.mails} mails, {self.kills.total()} kills ({ends}), {self.stops} stops: "
            f"{self.lost} lost, {self.duplicates} duplicates, {self.differing} of other content, {self.unsent} unsent"
        )


def queue(count: int) -> None:
    """Put mails with different contents into the outbox."""
    at = now()
    rows = [
        {
            "kind": MessageKind.ORDER_CONFIRMATION,
            "language": "sv",
            "message_id": f"<{index}@example.com>",
            "sender": "butiken@example.com",
            "recipient": f"kund-{index}@example.com",
            "subject": f"Order {index}",
            "text": f"Hej {index}",
            "html": f"<p>Hej {index}</p>",
            "caused_by": "test shop",
            "caused_by_kind": ActorKind.INTEGRATION,
            "automatic": True,
            "search_text": "",
            "due_at": at,
        }
        for index in range(count)
    ]
    db.session.execute(insert(Message), rows)
    db.session.commit()


def run(
    app: Flask,
    mails: int,
    kills: int,
    *,
    seed: int,
    stops: int = 1,
    sleeps_at: str = "rcpt",
    occurrences: tuple[int, ...] = (1, 1, 2, 3),
    timeout: int = TIMEOUT_SECONDS,
    **fate_options: object,
) -> Run:
    """Deliver with four workers at a time, and kill one after the other until `kills` are used up."""
    queue(mails)
    rng, outcome, post = Random(seed), Run(mails), Post()
    url = db.engine.url.render_as_string(hide_password=False)
    with mail_server(post) as port, crews.killed_at_exit({}) as crew:
        healthy = Fate(url, port, lease=LEASE, **fate_options)  # type: ignore[arg-type]
        ends = [
            replace(healthy, step=STEPS[turn % len(STEPS)], occurrence=rng.choice(occurrences)) for turn in range(kills)
        ]
        sleepers = [replace(healthy, step=sleeps_at, occurrence=1, signal=signal.SIGSTOP)] * stops
        deadline = time.monotonic() + timeout + 2 * kills
        waiting = sleepers + ends
        rng.shuffle(waiting)
        if not ends:  # a sleeper that is started last would find nothing left to deliver
            start_sleepers(crew, sleepers, deadline)
            waiting = [healthy] * (WORKERS - stops)
        while True:
            for process, fate in list(crew.items()):
                if not process.is_alive():
                    del crew[process]
                    outcome.kills[fate.step] += process.exitcode == -signal.SIGKILL
            while waiting and len(crew) < WORKERS:
                crews.start(crew, work, waiting.pop(0))
            if not waiting and not crew:
                if not count_pending():
                    break
                for _ in range(WORKERS):
                    crews.start(crew, work, healthy)
            outcome.stops += wake(crew)
            assert time.monotonic() < deadline, f"{outcome}, {count_pending()} pending"
            time.sleep(0.02)
        contents: dict[str, set[bytes]] = {}
        for mail, raw in zip(post.mails, post.raw, strict=True):
            outcome.arrived[mail["Message-ID"]] += 1
            contents.setdefault(mail["Message-ID"], set()).add(raw)
        outcome.differing = sum(len(raws) > 1 for raws in contents.values())
        db.session.rollback()
        unsent = select(func.count()).where(Message.state != MessageState.SENT)
        outcome.unsent = db.session.scalar(unsent) or 0
    print(outcome)
    return outcome


Crew = dict[ForkServerProcess, Fate]


def start_sleepers(crew: Crew, sleepers: list[Fate], deadline: float) -> None:
    """Start workers, and wait until each is suspended."""
    for fate in sleepers:
        crews.start(crew, work, fate)
    while not all(map(is_stopped, crew)):
        assert time.monotonic() < deadline, "a worker was never suspended"
        time.sleep(0.02)


def wake(crew: Crew) -> int:
    """Wake the suspended workers after their lease has expired."""
    woken = 0
    for process, fate in crew.items():
        if fate.signal == signal.SIGSTOP and fate.occurrence != NEVER and is_stopped(process):
            time.sleep(LEASE * 2)
            os.kill(process.pid or 0, signal.SIGCONT)
            crew[process] = replace(fate, occurrence=NEVER)
            woken += 1
    return woken


def is_stopped(process: ForkServerProcess) -> bool:
    with open(f"/proc/{process.pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "T"


def count_pending() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Message.due_at.is_not(None))) or 0


def check(outcome: Run, kills: int) -> None:
    assert outcome.kills.total() >= kills * 0.8, "too few workers died for the run to be conclusive"
    assert outcome.stops
    assert outcome.lost == 0, outcome
    assert outcome.unsent == 0, outcome
    assert outcome.differing == 0, outcome
    assert outcome.duplicates <= outcome.kills["taken"] + outcome.kills["committing"] + outcome.stops, outcome


@pytest.mark.parametrize(("sleeps_at", "occurrence"), [("leased", 1), ("rcpt", 2)])
def test_killed_at_every_step_no_mail_is_lost(app: Flask, sleeps_at: str, occurrence: int) -> None:
    """At the first mail of a batch, or at a later one."""
    check(run(app, 40, len(STEPS), seed=1, sleeps_at=sleeps_at, occurrences=(occurrence,)), len(STEPS))


@pytest.mark.soak
def test_killed_two_hundred_times_no_mail_is_lost(app: Flask) -> None:
    check(run(app, 2_000, 200, seed=2, stops=4), 200)


def test_the_run_finds_the_loss_if_a_mail_is_recorded_before_it_is_sent(app: Flask) -> None:
    assert run(app, 60, 8, seed=3, stops=0, without="order").lost > 0


def test_the_run_finds_the_duplicate_without_the_lease(app: Flask) -> None:
    mails = 300  # so many that the first worker is not done before the others have started
    assert run(app, mails, 0, seed=4, stops=0, without="lease").duplicates > 0


def test_the_run_finds_the_duplicate_without_the_fence(app: Flask) -> None:
    outcome = run(app, 30, 0, seed=5, sleeps_at="leased", without="fence")
    assert outcome.duplicates > outcome.stops
