"""Rule 33: many copies of one statement at once are one statement with one receipt, and none of many is lost."""

from pathlib import Path
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.concurrency.crowd import all_at_once, answer_to
from tests.factories import make_order, make_product
from tests.operations.steps import events_of
from webshop_orders.db.extensions import db
from webshop_orders.jobs.withdrawals import match_withdrawals
from webshop_orders.models import EventKind, Message, MessageKind, Withdrawal
from webshop_orders.operations.orders import withdrawals
from webshop_orders.operations.orders.withdrawals import MAX_PER_ADDRESS, Statement
from webshop_orders.operations.users import throttle
from webshop_orders.transactions.unit_of_work import writing

pytestmark = pytest.mark.own_app

CROWD = 16


def state(number: str, key: str, address: str) -> None:
    statement = Statement(number=number, name="Åsa Öberg", email="asa@example.com", language="sv")
    with writing():
        withdrawals.receive(statement, key, address=address)


def counted() -> tuple[int, int]:
    """The statements that are kept, and their receipts."""
    db.session.rollback()
    receipts = select(func.count()).select_from(Message).where(Message.kind == MessageKind.WITHDRAWAL_RECEIPT)
    return db.session.scalar(select(func.count()).select_from(Withdrawal)) or 0, db.session.scalar(receipts) or 0


def test_rule_33_one_statement_16_times_at_once_is_one_with_one_receipt(
    app: Flask, database: str, tmp_path: Path
) -> None:
    answers = all_at_once(
        database, tmp_path, CROWD, lambda _who: [answer_to(lambda: state("WS-1", "the same form", "192.0.2.1"))]
    )

    assert answers == {"done": CROWD}
    assert counted() == (1, 1)


def test_rule_33_of_16_statements_at_once_none_is_lost(app: Flask, database: str, tmp_path: Path) -> None:
    answers = all_at_once(
        database,
        tmp_path,
        CROWD,
        lambda who: [answer_to(lambda: state(f"WS-{who}", f"form of {who}", f"192.0.2.{who}"))],
    )

    assert answers == {"done": CROWD}
    assert counted() == (CROWD, CROWD)


def test_no_more_than_the_limit_come_from_one_address_at_once(app: Flask, database: str, tmp_path: Path) -> None:
    answers = all_at_once(
        database,
        tmp_path,
        CROWD,
        lambda who: [answer_to(lambda: state(f"WS-{who}", f"form of {who}", "192.0.2.1"))],
    )

    assert answers == {"done": MAX_PER_ADDRESS, "TooManyAttempts": CROWD - MAX_PER_ADDRESS}


def test_rule_33_two_workers_put_a_statement_on_its_order_once(app: Flask, database: str, tmp_path: Path) -> None:
    make_product("CANDLE")
    order = make_order(("CANDLE", 1), send_confirmation=False)
    state(order.number, "one", "192.0.2.1")

    all_at_once(database, tmp_path, 4, lambda _who: [answer_to(lambda: match_withdrawals(Event()))])

    kinds = [event.kind for event in events_of(order)]
    assert kinds == [EventKind.ORDER_PLACED, EventKind.WITHDRAWAL_RECEIVED]


def test_negative_control_without_its_lock_one_statement_is_not_one_answer(
    app: Flask, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unique key still keeps it one; but copies fail then, instead of being answered like the first one."""
    if "postgresql" not in database:
        pytest.skip("SQLite lets one writer in at a time, whatever is locked.")
    monkeypatch.setattr(throttle, "lock_tables", lambda statement: None)

    with pytest.raises(Exception, match="request_key"):
        all_at_once(database, tmp_path, CROWD, lambda _who: [answer_to(lambda: state("WS-1", "same", "192.0.2.1"))])
