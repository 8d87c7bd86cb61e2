"""Rule 29 under pressure: 16 people return the same units and reopen their shipment; no unit comes back twice."""

from functools import partial
from pathlib import Path

import pytest
from flask import Flask

from tests.concurrency.crowd import all_at_once, answer_to, assert_only, assert_stock_is_consistent, person
from tests.concurrency.test_edits_at_once import remove_the_lock
from tests.factories import make_order, make_product
from tests.operations.after_sales.steps import make_shipped
from tests.operations.steps import ERP, events_of, line_of, read, stock_of
from webshop_orders.models import EventKind, Order, ReturnKind, ReturnReason
from webshop_orders.operations.after_sales import returns
from webshop_orders.operations.after_sales.returns import ReceivedUnits, ReturnedUnits
from webshop_orders.operations.orders import shipments
from webshop_orders.transactions.unit_of_work import editing

pytestmark = pytest.mark.own_app

PEOPLE = 16
LEFT = 10
REFUSALS = "RuleViolation", "NoChange", "NotFound"


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("CANDLE", stock=LEFT)
    return make_shipped(ERP, ("CANDLE", LEFT), send_confirmation=False)


def send_back(number: str, line_id: int, who: int, turn: int) -> None:
    """Register two units, or receive what one's own turn is to, or open the shipment again."""
    by = person(who).with_request_key(f"{who}-{turn}")
    with editing(number, None, by) as order:
        if who % 4 == 3:
            shipments.reopen(order.shipments[0], by=by)
        elif turn == 0:
            units = [ReturnedUnits(line_id, 2, ReturnReason.WITHDRAWN)]
            returns.register(order, ReturnKind.RETURN, units, by=by)
        else:
            returns.receive(order, 1 + who % 5, [ReceivedUnits(line_id, 2)], by=by)


def assert_no_more_came_back_than_left(order: Order) -> None:
    present, events = read(order), events_of(order)
    back = [line for a_return in present.returns for line in a_return.lines]
    assert sum(line.units for line in back) <= LEFT
    registered = [event for event in events if event.kind is EventKind.RETURN_REGISTERED]
    received = [event for event in events if event.kind is EventKind.RETURN_RECEIVED]
    assert len(registered) == len(present.returns)
    assert len(received) == sum(line.received is not None for line in back)
    is_shipped = present.shipments[0].is_shipped
    assert is_shipped or not back
    gone = (LEFT if is_shipped else 0) - sum(line.restocked for line in back)
    assert stock_of("CANDLE")[0] == LEFT - gone
    assert_stock_is_consistent()


def test_rule_29_no_unit_comes_back_twice_when_16_people_return_and_reopen_at_once(
    app: Flask, database: str, tmp_path: Path, order: Order
) -> None:
    number, line_id = order.number, line_of(read(order), "CANDLE").id

    answers = all_at_once(
        database,
        tmp_path,
        PEOPLE,
        lambda who: [answer_to(partial(send_back, number, line_id, who, turn)) for turn in range(2)],
    )

    assert_only(answers, "done", *REFUSALS, attempts=PEOPLE * 2)
    assert answers["done"] >= 1
    assert_no_more_came_back_than_left(order)


def test_rule_29_the_last_units_come_back_once(app: Flask, database: str, tmp_path: Path, order: Order) -> None:
    number, line_id = order.number, line_of(read(order), "CANDLE").id
    waiting = make_order(("CANDLE", 1), send_confirmation=False)

    def return_all(who: int) -> list[str]:
        def register() -> None:
            with editing(number, None, person(who)) as current:
                units = [ReturnedUnits(line_id, LEFT, ReturnReason.WITHDRAWN)]
                a_return = returns.register(current, ReturnKind.RETURN, units, by=person(who))
                returns.receive(current, a_return.id, [ReceivedUnits(line_id, LEFT)], by=person(who))

        return [answer_to(register)]

    answers = all_at_once(database, tmp_path, PEOPLE, return_all)

    assert_only(answers, "done", "RuleViolation", attempts=PEOPLE)
    assert answers["done"] == 1
    assert_no_more_came_back_than_left(order)
    assert next(read(waiting).lines).reserved == 1


def test_negative_control_without_the_lock_units_come_back_twice(
    app: Flask, database: str, tmp_path: Path, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = 4
    number, line_id = order.number, line_of(read(order), "CANDLE").id
    remove_the_lock(monkeypatch, people=people)

    def return_all(who: int) -> list[str]:
        def register() -> None:
            with editing(number, None, person(who)) as current:
                units = [ReturnedUnits(line_id, LEFT, ReturnReason.WITHDRAWN)]
                returns.register(current, ReturnKind.RETURN, units, by=person(who))

        return [answer_to(register)]

    answers = all_at_once(database, tmp_path, people, return_all)

    assert answers["done"] > 1, "each was told that all units come back"
