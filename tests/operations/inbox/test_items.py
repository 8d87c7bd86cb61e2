"""What is in the inbox beside orders: mails, webhooks, incoming calls and withdrawals; folded and counted."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories import make_order
from tests.operations.inbox.rows import put
from tests.operations.inbox.test_attention import check_counts, inbox, kinds, one, one_id
from tests.operations.steps import messages_of
from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import (
    Actor,
    CallOutcome,
    DisabledReason,
    InboxItem,
    InboxKind,
    IncomingCall,
    Message,
    MessageState,
    Order,
    WebhookEvent,
    WithdrawalSource,
)
from webshop_orders.models.withdrawal import Withdrawal
from webshop_orders.operations.audit import incoming_calls, personal_data
from webshop_orders.operations.audit.incoming_calls import CallResult
from webshop_orders.operations.inbox import derived, items, snoozing
from webshop_orders.operations.orders import messages, withdrawals
from webshop_orders.operations.webhooks import subscriptions
from webshop_orders.transactions.unit_of_work import writing

ERP_KIND = InboxKind.DELIVERY_REFUSED


def put_aside(kind: InboxKind, by: Actor) -> None:
    with writing():
        snoozing.put_aside(one_id(kind), shop_settings.today() + timedelta(days=7), by=by)


def test_what_is_taken_is_gone_and_taking_it_again_does_nothing(app: Flask) -> None:
    with writing():
        put(ERP_KIND, "X-1", since=now(), facts={"reason": "too many"})
    for _ in range(2):
        with writing():
            items.take(ERP_KIND, "X-1")
        assert inbox() == []
    check_counts()


def fail(order: Order) -> Message:
    """Give up a mail about an order, as the outbox does."""
    with writing():
        (message, *_more) = messages_of(order)
        values = {"state": MessageState.GIVEN_UP, "held_because": None, "due_at": None, "needs_attention": True}
        db.session.execute(update(Message).where(Message.id == message.id).values(values))
        derived.failed_mail(order.id, message.recipient)
    return message


@pytest.fixture
def order(app: Flask) -> Order:
    return make_order(("LJUS-12", 1))


def test_a_mail_that_was_given_up_needs_a_person_until_it_is_settled(order: Order, anna: Actor) -> None:
    message = fail(order)
    item = one(InboxKind.FAILED_MAIL)
    assert item.facts == {"message": message.id, "kind": "order_confirmation", "answer": None, "times": 1}
    assert item.order_id == order.id

    with writing():
        messages.dismiss(messages.get(message.id, for_update=True), by=anna)
    assert InboxKind.FAILED_MAIL not in kinds()
    check_counts()


@pytest.mark.parametrize("way", ["again", "copy"])
def test_a_mail_that_is_sent_again_needs_nobody(order: Order, anna: Actor, way: str) -> None:
    message = fail(order)
    with writing():
        locked = messages.get(message.id, for_update=True)
        if way == "again":
            messages.queue_again(locked, by=anna)
        else:
            messages.send_copy(locked, "annan@example.com", by=anna)
    assert InboxKind.FAILED_MAIL not in kinds()
    assert not db.session.get_one(Message, message.id).needs_attention


def call(reason: str | None, reference: str = "1001", outcome: CallOutcome = CallOutcome.NOT_TAKEN) -> int:
    with writing():
        incoming_calls.record("nshift", None, "{}", CallResult(outcome, reference, reason=reason))
    return db.session.scalars(select(IncomingCall.id).order_by(IncomingCall.id.desc()).limit(1)).one()


def test_calls_that_were_not_taken_fold_by_their_reason(app: Flask, anna: Actor) -> None:
    first, second, other = call("no stock"), call("no stock", "1002"), call("no such order")
    assert call("fine", outcome=CallOutcome.PLACED)
    assert sorted(item.facts["times"] for item in inbox()) == [1, 2]
    assert {item.facts["call"] for item in inbox()} == {second, other}

    for call_id in (first, second):
        with writing():
            incoming_calls.dismiss(call_id)
    assert [item.facts["reason"] for item in inbox()] == ["no such order"]
    with writing():
        incoming_calls.record_retry(other, CallResult(CallOutcome.UPDATED, "1001"))
    assert inbox() == []
    check_counts()


def test_rule_36_what_repeats_is_one_row_that_counts(app: Flask) -> None:
    call("no stock")
    since = one(InboxKind.INCOMING_CALL).since
    call("no stock")
    latest = call("no stock", "1002")

    facts = {"call": latest, "source": "nshift", "reason": "no stock", "reference": "1002", "times": 3}
    assert one(InboxKind.INCOMING_CALL).facts == facts
    assert one(InboxKind.INCOMING_CALL).since == since
    check_counts()


def test_rule_36_what_repeats_stays_aside_and_comes_back_with_other_facts(app: Flask, anna: Actor) -> None:
    call("no stock")
    put_aside(InboxKind.INCOMING_CALL, anna)
    call("no stock")
    assert not one(InboxKind.INCOMING_CALL).is_shown
    call("no stock", "1002")
    assert one(InboxKind.INCOMING_CALL).is_shown
    check_counts()


def test_a_retry_that_is_refused_for_another_reason_moves_the_call(app: Flask) -> None:
    call_id = call("no stock")
    with writing():
        incoming_calls.record_retry(call_id, CallResult(CallOutcome.NOT_TAKEN, "1001", reason="paused"))
    assert [item.facts["reason"] for item in inbox()] == ["paused"]


def test_a_webhook_that_was_switched_off_by_itself_needs_a_person(app: Flask, anna: Actor) -> None:
    with writing():
        webhook = subscriptions.add("https://erp.example.com/hooks", [WebhookEvent.ORDER_PLACED], by=anna)
    with writing():
        subscriptions.disable(subscriptions.lock(webhook.id), DisabledReason.GONE)
    assert one(InboxKind.WEBHOOK_OFF).facts == {
        "webhook": webhook.id,
        "url": "https://erp.example.com/hooks",
        "because": "gone",
    }
    with writing():
        subscriptions.enable(subscriptions.lock(webhook.id))
    assert inbox() == []
    with writing():
        subscriptions.disable(subscriptions.lock(webhook.id))
    assert inbox() == []
    with writing():
        subscriptions.enable(subscriptions.lock(webhook.id))
        subscriptions.disable(subscriptions.lock(webhook.id), DisabledReason.UNREACHABLE)
    with writing():
        subscriptions.remove(subscriptions.lock(webhook.id))
    assert inbox() == []
    check_counts()


def state_withdrawal() -> Withdrawal:
    statement = withdrawals.Statement("WS-1", "Åsa Öberg", "asa@example.com", "sv")
    with writing():
        return withdrawals._record(statement, WithdrawalSource.FORM, request_key=None, by=Actor("customer", "Åsa"))


def test_a_withdrawal_needs_a_person_until_it_is_handled(app: Flask, anna: Actor) -> None:
    withdrawal = state_withdrawal()
    assert one(InboxKind.WITHDRAWAL).facts == {"withdrawal": withdrawal.id, "number": "WS-1"}
    with writing():
        withdrawals.settle(withdrawals.get(withdrawal.id, for_update=True), None, by=anna)
    assert inbox() == []
    with writing():
        withdrawals.reopen(withdrawals.get(withdrawal.id, for_update=True))
    assert kinds() == [InboxKind.WITHDRAWAL]
    check_counts()


def test_what_is_erased_leaves_no_personal_data_in_the_inbox(app: Flask, anna: Actor) -> None:
    order = make_order(("LJUS-12", 1), shipped_at=now() - timedelta(days=1))
    withdrawal = state_withdrawal()
    with writing():
        personal_data.erase("asa@example.com", by=anna)
    assert [item.facts for item in inbox()] == [{"withdrawal": withdrawal.id, "number": "–"}]
    assert order.personal_data_erased_at is None or order.attention == []


def test_reconciling_puts_what_an_older_release_left_and_takes_what_is_gone(order: Order, anna: Actor) -> None:
    fail(order)
    call("no stock")
    state_withdrawal()
    before = [(item.kind, item.subject, item.facts, item.order_id) for item in inbox()]
    with writing():
        for item in db.session.scalars(select(InboxItem).where(InboxItem.kind.in_(derived.WANTED))):
            db.session.delete(item)
    with writing():
        put(InboxKind.WEBHOOK_OFF, "77", since=now(), facts={"webhook": 77})
    with writing():
        derived.reconcile()

    assert [(item.kind, item.subject, item.facts, item.order_id) for item in inbox()] == before
    check_counts()
    put_aside(InboxKind.WITHDRAWAL, anna)
    with writing():
        derived.reconcile()
    assert not one(InboxKind.WITHDRAWAL).is_shown
