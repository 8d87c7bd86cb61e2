"""Rules 4, 21 and 22 for undo: when many users edit an order at once and take their changes back, nothing is lost."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from flask import Flask

from tests.concurrency.crowd import all_at_once, answer_to, assert_only, assert_stock_is_consistent
from tests.concurrency.test_edits_at_once import remove_the_lock
from tests.factories import make_order, make_product, make_user
from tests.operations.steps import events_of, read
from webshop_orders.db.extensions import db
from webshop_orders.documents.order import NewLine
from webshop_orders.errors import NoChange
from webshop_orders.models import Actor, ActorKind, EventKind, Order, UndoStep
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.orders import lines, loading, shipments, splits
from webshop_orders.operations.undo import undoing
from webshop_orders.transactions import unit_of_work
from webshop_orders.transactions.unit_of_work import editing

pytestmark = pytest.mark.own_app

PEOPLE = 16
ROUNDS = 4  # of an edit, an undo and a redo
REFUSALS = "StaleVersion", "RuleViolation", "NoChange", "NotFound"


def people(count: int) -> list[Actor]:
    users = [make_user(f"person{number}@shop.example", name=f"Person {number}") for number in range(count)]
    return [Actor(ActorKind.STAFF, user.name, user_id=user.id) for user in users]


@pytest.fixture
def order(app: Flask) -> Order:
    for sku, stock in (("CANDLE", 6), ("WICK", 40), ("OIL", 3)):
        make_product(sku, stock=stock, price=1_250)
    make_order(("CANDLE", 2), send_confirmation=False)  # of another customer, who waits for what becomes free
    sold = [NewLine("CANDLE", "Candle", 7, 1_250, 2500, discount=101), NewLine("WICK", "Wick", 9, 1_250, 2500)]
    return make_order(lines=sold, send_confirmation=False)


def edit(order: Order, by: Actor, turn: int) -> None:
    """One of several kinds of change, on lines that others may have moved or removed."""
    present = list(order.lines)
    line = present[turn % len(present)]
    match turn % 6:
        case 0 | 1:
            lines.change(line, quantity=line.quantity + 1, by=by)
        case 2:
            splits.split(line, max(1, line.quantity // 2), to=None, by=by)
        case 3:
            lines.remove(line, by=by)
        case 4:
            lines.change(line, unit_price=line.unit_price + 1, reason="höjt", by=by)
        case 5:
            covered = [shipment for shipment in order.open_shipments if not shipment.backordered]
            if not covered:
                raise NoChange("Nothing can leave without more leaving than there is.")
            shipments.ship(covered[turn % len(covered)], mails=False, by=by)


def take_turns(number: str, actors: list[Actor]) -> Callable[[int], list[str]]:
    """Each person edits, takes that back and carries it out again, half of them from the page that they read last."""

    def carry_out(who: int, turn: int) -> None:
        by = actors[who].with_request_key(f"{who}-{turn}")
        db.session.rollback()
        seen = loading.get_order(number).version if who % 2 else None
        action = turn % 3
        with editing(number, seen, by, is_step=action == 0) as order:
            match action:
                case 0:
                    edit(order, by, turn // 3 + who)
                case 1:
                    undoing.undo(order, by=by)
                case 2:
                    undoing.redo(order, by=by)

    return lambda who: [answer_to(partial(carry_out, who, turn)) for turn in range(3 * ROUNDS)]


def assert_nothing_is_lost(order: Order, carried_out: int) -> None:
    """Each request that was carried out is one event and one version, and the sums are those of the lines."""
    present, events = read(order), events_of(order)
    assert [event.version for event in events if event.kind.bumps_version] == list(range(1, present.version + 1))
    assert present.version == 1 + carried_out
    assert present.event_count == len(events)
    requests = [event.request_key for event in events if event.request_key]
    assert len(requests) == len(set(requests)) == carried_out
    assert present.total == compute_totals(present).total
    assert present.units == sum(line.quantity for line in present.lines)
    assert all(shipment.lines for shipment in present.shipments)
    assert len({shipment.seq for shipment in present.shipments}) == len(present.shipments)
    assert_stock_is_consistent()
    assert_steps_follow_versions(order, present.version)


def assert_steps_follow_versions(order: Order, version: int) -> None:
    """Every version has at most one step that made it, and every step was made or taken back by an event."""
    steps = db.session.scalars(db.select(UndoStep).where(UndoStep.order_id == order.id)).all()
    made = Counter(step.version for step in steps)
    assert set(made.values()) <= {1}
    undone = {version for event in events_of(order) for version in event.facts.get("versions", [])}
    assert all(step.version in undone for step in steps if step.undone_version is not None)
    assert max(made, default=0) <= version


def test_nothing_is_lost_when_16_people_edit_an_order_and_take_it_back_at_once(
    app: Flask, database: str, tmp_path: Path, order: Order
) -> None:
    actors = people(PEOPLE)

    answers = all_at_once(database, tmp_path, PEOPLE, take_turns(order.number, actors))

    assert_only(answers, "done", *REFUSALS, attempts=PEOPLE * 3 * ROUNDS)
    assert answers["done"] >= PEOPLE
    assert_nothing_is_lost(order, answers["done"])


def test_one_user_in_16_windows_takes_each_step_back_once(
    app: Flask, database: str, tmp_path: Path, order: Order
) -> None:
    (anna,) = people(1)
    before = {line.sku: line.quantity for line in read(order).lines}
    for units in range(1, 9):
        with editing(order.number, None, anna) as current:
            line = next(line for line in current.lines if line.sku == "WICK")
            lines.change(line, quantity=9 + units, by=anna)
    number = order.number

    def click(who: int) -> None:
        by = anna.with_request_key(f"click {who}")
        with editing(number, None, by, is_step=False) as current:
            undoing.undo(current, by=by)

    answers = all_at_once(database, tmp_path, PEOPLE, lambda who: [answer_to(lambda: click(who))])

    assert_only(answers, "done", "RuleViolation", attempts=PEOPLE)
    assert answers["done"] == 8
    assert {line.sku: line.quantity for line in read(order).lines} == before
    undone = [event for event in events_of(order) if event.kind is EventKind.CHANGES_UNDONE]
    assert sorted(version for event in undone for version in event.facts["versions"]) == list(range(2, 10))
    assert_nothing_is_lost_of_stock(order)


def assert_nothing_is_lost_of_stock(order: Order) -> None:
    present = read(order)
    assert present.total == compute_totals(present).total
    assert_stock_is_consistent()


def test_negative_control_without_the_lock_a_step_is_taken_back_more_than_once(
    app: Flask, database: str, tmp_path: Path, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    (anna,) = people(1)
    with editing(order.number, None, anna) as current:
        line = next(line for line in current.lines if line.sku == "WICK")
        lines.change(line, quantity=5, by=anna)
    number, version = order.number, read(order).version
    remove_the_lock(monkeypatch, people=4)
    monkeypatch.setattr(unit_of_work, "_check_version", lambda *arguments: None)

    def click(who: int) -> None:
        with editing(number, version, anna, is_step=False) as current:
            undoing.undo(current, by=anna)

    answers = all_at_once(database, tmp_path, 4, lambda who: [answer_to(lambda: click(who))])

    assert answers["done"] > 1
    db.session.rollback()
    undone = [event for event in events_of(order) if event.kind is EventKind.CHANGES_UNDONE]
    assert len(undone) > 1
