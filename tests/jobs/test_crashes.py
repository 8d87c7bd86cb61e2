"""Rule 27: each order of a batch is done once although workers are killed at every step.

Each run has a control: where an outcome is a commit of its own, after the change, the run finds what was done twice, or
done and not noted.
"""

import signal
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import crews
from tests.factories import ASA, LULEA, make_product
from tests.jobs.batches import make_staff, start
from tests.jobs.dying_worker import STEPS, Fate, work
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine, NewOrder, Payment, Shipping
from webshop_orders.models import (
    SYSTEM,
    Batch,
    BatchAction,
    BatchOrder,
    BatchState,
    Event,
    EventKind,
    Message,
    Order,
    Product,
)
from webshop_orders.operations.batches import selection
from webshop_orders.operations.order_list.filters import OrderFilter
from webshop_orders.operations.orders import bulk_placement
from webshop_orders.transactions.unit_of_work import writing

pytestmark = pytest.mark.own_app

WORKERS, LEASE, PRODUCTS, UNITS = 4, 1.0, 7, 2
STOCK = 10_000
ANY_MOMENT = "any moment"
OCCURRENCES = (1, 2, 3)  # so few that each is reached
CHANCE = 0.02  # each time that the workers are looked at
EVENT_KINDS = {
    BatchAction.SHIP: EventKind.SHIPMENT_SHIPPED,
    BatchAction.SEND_CONFIRMATION: EventKind.CONFIRMATION_SENT,
}
OPTIONS = {"agreed": ["no-code", "just-sent"]}
TIMEOUT_SECONDS = 120
crews.processes.set_forkserver_preload(["tests.jobs.dying_worker"])


@dataclass
class Run:
    """The result of a run with dying workers: how many orders have so many events, and so many mails."""

    orders: int
    kills: Counter[str] = field(default_factory=Counter)
    events: Counter[int] = field(default_factory=Counter)
    mails: Counter[int] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    units_left: int = 0
    is_finished: bool = False

    @property
    def is_right(self) -> bool:
        """Whether each order was done and mailed once, and is noted as done."""
        once = Counter({1: self.orders})
        return self.events == self.mails == once and self.states == {"done": self.orders} and self.is_finished

    def __str__(self) -> str:
        ends = ", ".join(f"{step} {count}" for step, count in sorted(self.kills.items()))
        return (
            f"{self.orders} orders, {self.kills.total()} kills ({ends}): events {dict(self.events)}, "
            f"mails {dict(self.mails)}, states {dict(self.states)}, finished {self.is_finished}"
        )


def place(orders: int) -> None:
    """Orders of one line each, of some products."""
    for number in range(PRODUCTS):
        make_product(f"P-{number}", stock=STOCK)
    news = [
        NewOrder(
            external_reference=f"crash-{place}",
            placed_at=datetime(2026, 11, 23, tzinfo=UTC),
            currency="SEK",
            customer=ASA,
            billing_address=LULEA,
            shipping_address=LULEA,
            payment=Payment("invoice"),
            shipping=Shipping(method=None, price=0, vat_rate=0),
            lines=[
                NewLine(sku=f"P-{place % PRODUCTS}", name="Ljus", quantity=UNITS, unit_price=10_000, vat_rate=2_500)
            ],
        )
        for place in range(orders)
    ]
    with writing():
        assert len(bulk_placement.place_imported(news, by=SYSTEM).placed) == orders


def run(
    app: Flask,
    orders: int,
    kills: int,
    *,
    seed: int,
    ways: Sequence[str] = (*STEPS, ANY_MOMENT),
    action: BatchAction = BatchAction.SHIP,
    outcome_apart: bool = False,
    timeout: int = TIMEOUT_SECONDS,
) -> Run:
    """Carry a batch out with four workers at a time, of which `kills` die: at a step, or at any moment."""
    place(orders)
    with writing():
        batch = selection.create(OrderFilter(), by=make_staff("Anna"))
    start(batch, action, OPTIONS)
    rng, outcome = Random(seed), Run(orders)
    url = db.engine.url.render_as_string(hide_password=False)
    healthy = Fate(url, lease=LEASE, outcome_apart=outcome_apart)
    dying = [replace(healthy, step=ways[turn % len(ways)], occurrence=rng.choice(OCCURRENCES)) for turn in range(kills)]
    rng.shuffle(dying)
    deadline = time.monotonic() + timeout + 2 * kills
    with crews.killed_at_exit({}) as crew:
        while dying or crew or count_waiting():
            for process, fate in list(crew.items()):
                if fate.step == ANY_MOMENT and fate != healthy and rng.random() < CHANCE:
                    process.kill()
                if not process.is_alive():
                    del crew[process]
                    outcome.kills[fate.step] += process.exitcode == -signal.SIGKILL
            while len(crew) < WORKERS and (dying or count_waiting()):
                crews.start(crew, work, dying.pop() if dying else healthy)
            assert time.monotonic() < deadline, f"{outcome}, {count_waiting()} waiting"
            time.sleep(0.02)
    look(outcome, batch, action)
    print(outcome)
    return outcome


def look(outcome: Run, batch: Batch, action: BatchAction) -> None:
    """Count what became of the orders."""
    db.session.rollback()
    db.session.expire_all()
    of_batch = (Event.batch_id == batch.id, Event.kind == EVENT_KINDS[action])
    outcome.events = counts(
        select(func.count(Event.id))
        .select_from(Order)
        .outerjoin(Event, (Event.order_id == Order.id) & of_batch[0] & of_batch[1])
    )
    outcome.mails = counts(
        select(func.count(Message.id)).select_from(Order).outerjoin(Message, Message.order_id == Order.id)
    )
    states = select(BatchOrder.state, func.count()).group_by(BatchOrder.state)
    outcome.states = Counter({state.value: count for state, count in db.session.execute(states)})
    outcome.units_left = db.session.scalar(select(func.sum(Product.stock))) or 0
    outcome.is_finished = selection.get(batch.id).state is BatchState.FINISHED


def counts(per_order: object) -> Counter[int]:
    return Counter(db.session.scalars(per_order.group_by(Order.id)))  # type: ignore[attr-defined]


def count_waiting() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(BatchOrder.due_at.is_not(None))) or 0


def check(outcome: Run, kills: int, action: BatchAction = BatchAction.SHIP) -> None:
    assert outcome.kills.total() >= kills * 0.8, "too few workers died for the run to be conclusive"
    assert outcome.is_right, outcome
    taken = UNITS * outcome.orders if action is BatchAction.SHIP else 0
    assert outcome.units_left == PRODUCTS * STOCK - taken


def test_killed_at_every_step_each_order_is_shipped_once(app: Flask) -> None:
    kills = len(STEPS) + 1
    check(run(app, 80, kills, seed=1), kills)


@pytest.mark.soak
@pytest.mark.parametrize("action", [BatchAction.SHIP, BatchAction.SEND_CONFIRMATION])
def test_two_thousand_orders_are_done_once_although_workers_are_killed(app: Flask, action: BatchAction) -> None:
    check(run(app, 2_000, 70, seed=2, action=action, timeout=900), 70, action)


def test_the_run_finds_what_was_shipped_and_is_not_noted_if_the_outcome_is_recorded_apart(app: Flask) -> None:
    outcome = run(app, 30, WORKERS, seed=3, ways=["recorded"], outcome_apart=True)
    assert not outcome.is_right
    assert outcome.states["refused"]  # since it was shipped already


def test_the_run_finds_a_mail_that_was_written_twice_if_the_outcome_is_recorded_apart(app: Flask) -> None:
    outcome = run(app, 30, WORKERS, seed=4, ways=["recorded"], action=BatchAction.SEND_CONFIRMATION, outcome_apart=True)
    assert not outcome.is_right
    assert outcome.mails[2]
