"""Statements of withdrawal: rule 33."""

from datetime import UTC, datetime, timedelta
from threading import Event as Stop

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.factories import make_order, make_product, reshape_shop
from tests.operations.steps import changing, events_of, messages_of, read
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import NoChange, NotFound, TooManyAttempts
from webshop_orders.jobs.withdrawals import match_withdrawals
from webshop_orders.models import (
    Actor,
    EventKind,
    MailHoldReason,
    Message,
    MessageKind,
    MessageState,
    Order,
    Withdrawal,
    WithdrawnLine,
)
from webshop_orders.operations.audit import personal_data, withdrawal_data
from webshop_orders.operations.orders import shipments, withdrawals
from webshop_orders.operations.orders.withdrawals import MAX_PER_ADDRESS, MAX_RECEIPTS_PER_EMAIL, Statement
from webshop_orders.outbox import retention
from webshop_orders.transactions.unit_of_work import editing, writing

NAPKINS = (WithdrawnLine("Linneservett", 2), WithdrawnLine("Ljus"))


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("CANDLE")
    return make_order(("CANDLE", 3), shop_number="#2039", send_confirmation=False)


def state(
    number: str,
    *,
    key: str = "one-request",
    address: str = "192.0.2.1",
    email: str = "asa@example.com",
    lines: tuple[WithdrawnLine, ...] = (),
) -> Withdrawal:
    statement = Statement(number=number, name="Åsa Öberg", email=email, language="sv", lines=lines)
    with writing():
        return withdrawals.receive(statement, key, address=address)


def match() -> int:
    return match_withdrawals(Stop())


def stored() -> list[Withdrawal]:
    db.session.rollback()
    return list(db.session.scalars(select(Withdrawal).order_by(Withdrawal.id)))


def receipts() -> list[Message]:
    of_kind = select(Message).where(Message.kind == MessageKind.WITHDRAWAL_RECEIPT)
    return list(db.session.scalars(of_kind.order_by(Message.id)))


def test_rule_33_a_statement_is_kept_whether_or_not_an_order_matches(order: Order) -> None:
    state("WS-999999", lines=NAPKINS)
    match()

    (kept,) = stored()
    assert (kept.order_id, kept.number, kept.name, kept.email) == (None, "WS-999999", "Åsa Öberg", "asa@example.com")
    assert kept.lines == list(NAPKINS)
    assert kept.sought_at is not None
    assert kept.handled_at is None


def test_rule_33_each_statement_has_one_receipt_however_often_it_is_sent(order: Order) -> None:
    first = state(order.number)
    again = state(order.number)

    assert first.id == again.id
    assert len(stored()) == len(receipts()) == 1


def test_rule_33_another_statement_under_the_same_key_is_not_lost(order: Order) -> None:
    state(order.number)
    state(order.number, lines=NAPKINS)

    assert [kept.is_of_whole_order for kept in stored()] == [True, False]
    assert len(receipts()) == 2


@pytest.mark.parametrize("number", ["WS-100001", "WS-999999"])
def test_rule_33_recording_does_not_look_at_any_order(order: Order, number: str) -> None:
    kept = state(number)

    assert (kept.order_id, kept.sought_at) == (None, None)
    assert [event.kind for event in events_of(order)] == [EventKind.ORDER_PLACED]


@time_machine.travel(datetime(2026, 12, 3, 15, 5, tzinfo=UTC), tick=False)
def test_the_receipt_repeats_the_statement_with_day_and_time_and_accepts_nothing(order: Order) -> None:
    state(order.number, lines=NAPKINS)

    (receipt,) = receipts()
    assert (receipt.recipient, receipt.language, receipt.automatic) == ("asa@example.com", "sv", True)
    for words in ("3 dec. 2026 16:05 (Europe/Stockholm)", order.number, "Åsa Öberg", "Linneservett: 2", "Ljus: alla"):
        assert words in receipt.text.replace("\xa0", " ")
        assert words in receipt.html.replace("\xa0", " ")
    for acceptance in ("godkän", "accepter", "beviljad", "återbetal"):
        assert acceptance not in receipt.text.casefold()


def test_the_receipt_waits_for_no_grace(order: Order, app: Flask) -> None:
    app.config["MAIL_SERVER"] = "127.0.0.1"
    with time_machine.travel(now(), tick=False):
        state(order.number)
        (receipt,) = receipts()
        assert (receipt.state, receipt.due_at) == (MessageState.QUEUED, now())


@pytest.mark.parametrize("number", ["{number}", "{lower}", "{digits}", "#2039", "2039", " {number} "])
def test_a_statement_is_matched_by_our_number_or_the_shops(order: Order, number: str) -> None:
    digits = order.number.removeprefix("WS-")
    state(number.format(number=order.number, lower=order.number.lower(), digits=digits))

    assert match() == 1

    (kept,) = stored()
    assert kept.order_id == order.id
    _placed, received = events_of(order)
    assert (received.kind, received.facts["withdrawal"]) == (EventKind.WITHDRAWAL_RECEIVED, kept.id)
    (message,) = messages_of(order)
    assert message.id == kept.receipt_id
    assert read(order).message_count == 1
    assert match() == 0


@pytest.mark.parametrize("email", ["ASA@EXAMPLE.COM", "asa@example.com"])
def test_the_case_of_the_address_does_not_matter(order: Order, email: str) -> None:
    state(order.number, email=email)
    match()

    assert stored()[0].order_id == order.id


def test_the_number_alone_matches_nothing(order: Order) -> None:
    state(order.number, email="someone.else@example.com")
    match()

    assert stored()[0].order_id is None
    assert messages_of(order) == []


def test_a_statement_bumps_no_version_and_is_no_step_to_take_back(order: Order) -> None:
    version = read(order).version
    state(order.number)
    match()

    assert read(order).version == version


def test_staff_link_a_statement_that_matched_none(order: Order, anna: Actor) -> None:
    kept = state("1", email="other@example.com")
    match()

    with changing(order, anna) as current:
        withdrawals.attach(withdrawals.get(kept.id, for_update=True), current, by=anna)

    assert stored()[0].order_id == order.id
    assert events_of(order)[-1].actor_name == anna.name
    with pytest.raises(NoChange), changing(order, anna) as current:
        withdrawals.attach(withdrawals.get(kept.id, for_update=True), current, by=anna)


def test_handling_is_noted_once_and_can_be_taken_back(order: Order, anna: Actor) -> None:
    kept = state(order.number)
    match()

    with editing(order.number, None, anna) as current:
        withdrawals.settle(withdrawals.get(kept.id, for_update=True), current, by=anna)
    assert (stored()[0].is_handled, stored()[0].handled_by) == (True, anna.name)
    assert events_of(order)[-1].kind is EventKind.WITHDRAWAL_HANDLED
    with pytest.raises(NoChange), editing(order.number, None, anna) as current:
        withdrawals.settle(withdrawals.get(kept.id, for_update=True), current, by=anna)

    with writing():
        withdrawals.reopen(withdrawals.get(kept.id, for_update=True))
    assert not stored()[0].is_handled
    with pytest.raises(NoChange), writing():
        withdrawals.reopen(withdrawals.get(kept.id, for_update=True))


def test_there_is_no_statement_without_its_id(app: Flask) -> None:
    with pytest.raises(NotFound):
        withdrawals.get(1)


def test_too_many_from_one_address_are_refused_and_those_from_others_taken(order: Order) -> None:
    for turn in range(MAX_PER_ADDRESS):
        state(f"WS-{turn}", key=f"request-{turn}")

    with pytest.raises(TooManyAttempts) as refusal:
        state("WS-X", key="another")
    assert 0 < refusal.value.wait_seconds <= 900
    state("WS-0", key="request-0")  # the same statement again is no further one
    state("WS-X", key="another", address="192.0.2.2")
    assert len(stored()) == MAX_PER_ADDRESS + 1


def test_a_quarter_of_an_hour_later_they_are_taken_again(order: Order) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        for turn in range(MAX_PER_ADDRESS):
            state(f"WS-{turn}", key=f"request-{turn}")
        clock.shift(timedelta(minutes=15, seconds=1))
        state("WS-X", key="another")

    assert len(stored()) == MAX_PER_ADDRESS + 1


def test_nobody_can_flood_a_strangers_mailbox_and_no_statement_is_lost(order: Order, app: Flask) -> None:
    app.config["MAIL_SERVER"] = "127.0.0.1"
    for turn in range(MAX_RECEIPTS_PER_EMAIL + 2):
        state(f"WS-{turn}", key=f"request-{turn}", address=f"192.0.2.{turn}")

    held = [message.held_because for message in receipts()]
    assert held == [None] * MAX_RECEIPTS_PER_EMAIL + [MailHoldReason.NOT_AUTOMATIC] * 2
    assert receipts()[-1].remark
    assert len(stored()) == MAX_RECEIPTS_PER_EMAIL + 2


def test_all_receipts_together_have_a_limit(order: Order, monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    app.config["MAIL_SERVER"] = "127.0.0.1"
    monkeypatch.setattr(withdrawals, "MAX_RECEIPTS", 2)
    for turn in range(3):
        state("WS-1", key=f"request-{turn}", address=f"192.0.2.{turn}", email=f"{turn}@example.com")

    assert [message.state for message in receipts()] == [MessageState.QUEUED] * 2 + [MessageState.HELD]


def ship(order: Order, by: Actor) -> None:
    with editing(order.number, None, by) as current:
        shipments.ship(current.shipments[0], by=by)


def test_a_statement_is_erased_with_its_order(order: Order, anna: Actor) -> None:
    state(order.number, lines=NAPKINS)
    match()
    ship(order, anna)

    with writing():
        personal_data.erase("asa@example.com", by=anna)

    (kept,) = stored()
    assert (kept.name, kept.email, kept.email_key, kept.number, kept.lines) == ("–", "–", "", "–", [])
    assert {message.recipient for message in receipts()} == {"–"}


def test_a_statement_that_matches_none_is_found_and_erased_by_its_address(app: Flask, anna: Actor) -> None:
    state("WS-1", email="Nobody@example.com")
    match()
    assert [kept.number for kept in withdrawal_data.find("nobody@EXAMPLE.com")] == ["WS-1"]

    with writing():
        assert personal_data.erase("nobody@example.com", by=anna) == 0

    assert stored()[0].email == "–"
    assert receipts()[0].text == "–"


def test_a_statement_that_matches_none_is_erased_after_the_shops_retention_period(app: Flask) -> None:
    reshape_shop(personal_data_months=6)
    with time_machine.travel(now() - timedelta(days=200)):
        state("WS-1", key="old")
    state("WS-2", key="new")

    retention.erase_personal_data(Stop())

    assert [kept.number for kept in stored()] == ["–", "WS-2"]
