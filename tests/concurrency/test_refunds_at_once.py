"""Rule 29 under pressure: 16 people refund, finish, return and pay at once; no krona goes twice, and none is lost."""

from collections import Counter
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from flask import Flask

from tests.concurrency.crowd import all_at_once, answer_to, assert_only, person
from tests.concurrency.test_edits_at_once import remove_the_lock
from tests.factories import make_product
from tests.operations.after_sales.steps import make_shipped
from tests.operations.steps import ERP, events_of, line_of, read
from webshop_orders.models import EventKind, Order, RefundState, ReturnKind, ReturnReason
from webshop_orders.money import crediting
from webshop_orders.operations.after_sales import payments, refunds, returns
from webshop_orders.operations.after_sales.refunds import RequestedRefund
from webshop_orders.operations.after_sales.returns import ReturnedUnits
from webshop_orders.transactions.unit_of_work import editing

pytestmark = pytest.mark.own_app

PEOPLE = 16
UNITS = 10
PRICE = 10_000
DAY = date(2026, 1, 2)
REFUSALS = "RuleViolation", "NoChange", "NotFound"


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("CANDLE", stock=UNITS, price=PRICE)
    return make_shipped(ERP, ("CANDLE", UNITS), paid=UNITS * PRICE, send_confirmation=False)


def act(number: str, line_id: int, who: int, turn: int) -> None:
    """Refund two units, or finish what somebody requested; return one; or register a krona that came in."""
    by = person(who).with_request_key(f"{who}-{turn}")
    with editing(number, None, by) as order:
        if who % 4 == 3:
            payments.register(order, 100, method="swish", paid_on=DAY, by=by)
        elif who % 4 == 2:
            returns.register(order, ReturnKind.RETURN, [ReturnedUnits(line_id, 1, ReturnReason.WITHDRAWN)], by=by)
        elif turn == 0:
            refunds.request(order, RequestedRefund(lines={line_id: 2}), by=by)
        else:
            refunds.finish(order, 1 + who % 5, by=by)


def assert_no_krona_is_made_or_lost(order: Order) -> None:
    present, kinds = read(order), [event.kind for event in events_of(order)]
    taken = UNITS * PRICE + 100 * len(present.registered_payments)
    done = [refund for refund in present.refunds if refund.state is RefundState.DONE]
    assert present.refunded == sum(refund.amount for refund in done)
    assert present.paid == taken - present.refunded
    assert crediting.credited(present).total == present.credited <= present.total
    assert sum(crediting.credited(present).units.values()) <= UNITS
    assert kinds.count(EventKind.REFUND_REQUESTED) == len(present.refunds)
    assert kinds.count(EventKind.REFUND_DONE) == len(done)
    assert kinds.count(EventKind.PAYMENT_REGISTERED) == len(present.registered_payments)
    assert kinds.count(EventKind.RETURN_REGISTERED) == len(present.returns)


def test_rule_29_no_krona_goes_twice_when_16_people_refund_return_and_pay_at_once(
    app: Flask, database: str, tmp_path: Path, order: Order
) -> None:
    number, line_id = order.number, line_of(read(order), "CANDLE").id

    answers = all_at_once(
        database,
        tmp_path,
        PEOPLE,
        lambda who: [answer_to(partial(act, number, line_id, who, turn)) for turn in range(2)],
    )

    assert_only(answers, "done", *REFUSALS, attempts=PEOPLE * 2)
    assert len(read(order).refunds) == UNITS // 2
    assert_no_krona_is_made_or_lost(order)


def refund_the_last(number: str, who: int) -> None:
    with editing(number, None, person(who)) as order:
        refunds.request(order, refunds.everything_left(order), by=person(who))


def refund_all_at_once(database: str, folder: Path, order: Order, people: int) -> Counter[str]:
    return all_at_once(database, folder, people, lambda who: [answer_to(partial(refund_the_last, order.number, who))])


def test_rule_29_the_last_krona_is_refunded_once(app: Flask, database: str, tmp_path: Path, order: Order) -> None:
    answers = refund_all_at_once(database, tmp_path, order, PEOPLE)

    assert_only(answers, "done", "RuleViolation", attempts=PEOPLE)
    assert answers["done"] == 1
    assert [refund.amount for refund in read(order).refunds] == [UNITS * PRICE]
    assert_no_krona_is_made_or_lost(order)


def test_negative_control_without_the_lock_the_last_krona_is_promised_to_several(
    app: Flask, database: str, tmp_path: Path, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = 4
    remove_the_lock(monkeypatch, people=people)

    answers = refund_all_at_once(database, tmp_path, order, people)

    assert answers["done"] > 1, "each was told that everything is refunded"
