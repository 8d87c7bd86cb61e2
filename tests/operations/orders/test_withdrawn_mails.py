"""Mails that wait, and are withdrawn with the change that caused them."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from tests.factories import make_order, make_product, reshape_shop
from tests.operations.steps import changing, last_event, messages_of, read
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import LockOutsideTransaction
from webshop_orders.models import Actor, CommentKind, MailHoldReason, Message, MessageKind, MessageState, Order
from webshop_orders.operations.orders import comments, confirmations, messages, shipments, splits, withdrawn_mails
from webshop_orders.transactions.unit_of_work import editing, writing

MAIL_KINDS = (MessageKind.ORDER_CONFIRMATION, MessageKind.DELIVERY_CONFIRMATION)


@pytest.fixture
def order(app: Flask) -> Order:
    app.config["MAIL_SERVER"] = "127.0.0.1"
    make_product("CANDLE", stock=5)
    return make_order(("CANDLE", 3))


def ship(order: Order, by: Actor) -> None:
    with changing(order, by) as current:
        shipments.ship(current.shipments[0], by=by)


def reopen(order: Order, by: Actor) -> None:
    with changing(order, by) as current:
        shipments.reopen(current.shipments[0], by=by)


def mails(order: Order) -> dict[MessageKind, Message]:
    """The last mail of each kind, as it is stored."""
    db.session.rollback()
    db.session.expire_all()
    return {message.kind: message for message in messages_of(order)}


def confirmation(order: Order) -> Message:
    return mails(order)[MessageKind.DELIVERY_CONFIRMATION]


def set_to(message: Message, **values: object) -> None:
    with writing():
        db.session.execute(update(Message).where(Message.id == message.id).values(values))


def lock(order: Order) -> list[Message]:
    return withdrawn_mails.lock_confirmations(order, [shipment.reference for shipment in order.shipments])


def withdraw_all(order: Order, by: Actor) -> list[int]:
    """Withdraw the confirmations of an order's shipments; the ids of those that were withdrawn."""
    with editing(order.number, None, by) as current:
        return [message.id for message in withdrawn_mails.withdraw(lock(current), by=by)]


@pytest.mark.parametrize("seconds", [0, 30, 300])
def test_confirmations_that_go_automatically_wait_as_long_as_the_shop_says(
    app: Flask, anna: Actor, seconds: int
) -> None:
    app.config["MAIL_SERVER"] = "127.0.0.1"
    reshape_shop(mail_grace_seconds=seconds, notification_email="butiken@example.com")
    with time_machine.travel(now(), tick=False):
        order = make_order(("CANDLE", 3))
        ship(order, anna)
        due = {kind: message.due_at - now() for kind, message in mails(order).items() if message.due_at}

    wait = timedelta(seconds=seconds)
    assert due == {**dict.fromkeys(MAIL_KINDS, wait), MessageKind.SHOP_NOTIFICATION: timedelta(0)}


def test_a_new_shop_waits_half_a_minute(order: Order) -> None:
    (message,) = messages_of(order)

    assert message.due_at is not None
    assert timedelta(seconds=20) < message.due_at - now() <= timedelta(seconds=30)


def test_what_staff_send_by_hand_does_not_wait(order: Order, anna: Actor) -> None:
    ship(order, anna)
    with changing(order, anna) as current:
        confirmations.send_order_confirmation(current, "asa@example.com", by=anna)
        confirmations.send_delivery_confirmation(current.shipments[0], "asa@example.com", by=anna)
        comments.add(current, CommentKind.CUSTOMER, "Hej", mail=True, by=anna)

    by_hand = [message for message in messages_of(order) if not message.automatic]
    assert len(by_hand) == 3
    assert all(message.due_at is not None and message.due_at <= now() for message in by_hand)
    assert {message.order_version for message in by_hand} == {None}


def test_a_mail_knows_the_version_that_its_change_made(order: Order, anna: Actor) -> None:
    ship(order, anna)

    versions = {kind: message.order_version for kind, message in mails(order).items()}
    assert versions == {MessageKind.ORDER_CONFIRMATION: 1, MessageKind.DELIVERY_CONFIRMATION: 2}


def test_the_confirmations_of_some_shipments_are_theirs_withdrawn_or_not(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        splits.split(next(current.lines), 1, to=None, by=anna)
    ship(order, anna)
    reopen(order, anna)
    ship(order, anna)
    with changing(order, anna) as current:
        shipments.ship(current.shipments[1], by=anna)
    first, second = (f"{order.number}-{seq}" for seq in (1, 2))

    def found(*references: str) -> list[tuple[str | None, MessageState]]:
        with writing():
            mails = withdrawn_mails.lock_confirmations(order, references)
            return [(message.shipment_reference, message.state) for message in mails]

    of_first = [(first, MessageState.WITHDRAWN), (first, MessageState.QUEUED)]
    assert found(first) == of_first
    assert found(second, first) == [*of_first, (second, MessageState.QUEUED)]
    assert found() == []
    assert found(f"{order.number}-3") == []


def test_mails_are_locked_within_a_transaction_only(order: Order) -> None:
    with pytest.raises(LockOutsideTransaction):
        lock(order)


def test_a_mail_that_waits_is_withdrawn_and_keeps_by_whom(order: Order, anna: Actor) -> None:
    ship(order, anna)

    assert len(withdraw_all(order, anna)) == 1

    message = confirmation(order)
    assert (message.state, message.due_at, message.withdrawn_by) == (MessageState.WITHDRAWN, None, anna.name)
    assert message.withdrawn_at is not None
    assert not message.needs_attention
    assert not message.has_left
    assert mails(order)[MessageKind.ORDER_CONFIRMATION].state is MessageState.QUEUED


@pytest.mark.parametrize("reason", MailHoldReason)
def test_a_held_mail_is_withdrawn_too_and_held_once_more(
    app: Flask, order: Order, anna: Actor, reason: MailHoldReason
) -> None:
    ship(order, anna)
    message = confirmation(order)
    set_to(message, state=MessageState.HELD, due_at=None, held_because=reason)

    assert withdraw_all(order, anna) == [message.id]
    assert confirmation(order).held_because is None

    reshape_shop(mails_delivery_confirmations=reason is not MailHoldReason.NOT_AUTOMATIC)
    app.config["MAIL_SERVER"] = None if reason is MailHoldReason.NO_SERVER else "127.0.0.1"
    queue_again(order, anna)
    again = confirmation(order)
    assert (again.state, again.held_because, again.due_at) == (MessageState.HELD, reason, None)


@pytest.mark.parametrize(
    ("state", "attempts"),
    [
        (MessageState.SENDING, 1),
        (MessageState.SENT, 1),
        (MessageState.RETRYING, 1),
        (MessageState.GIVEN_UP, 4),
        (MessageState.QUEUED, 1),
    ],
)
def test_a_mail_that_a_worker_took_is_not_withdrawn(
    order: Order, anna: Actor, state: MessageState, attempts: int
) -> None:
    ship(order, anna)
    message = confirmation(order)
    is_due = state in {MessageState.QUEUED, MessageState.SENDING, MessageState.RETRYING}
    set_to(message, state=state, attempts=attempts, due_at=now() if is_due else None)

    assert withdraw_all(order, anna) == []

    kept = confirmation(order)
    assert (kept.state, kept.withdrawn_by, kept.has_left) == (state, None, True)


def queue_again(order: Order, by: Actor) -> None:
    with editing(order.number, None, by) as current:
        withdrawn_mails.queue_again(lock(current))


def test_a_withdrawn_mail_that_is_queued_again_waits_again(order: Order, anna: Actor) -> None:
    ship(order, anna)
    before = confirmation(order)
    identity = (before.id, before.message_id, before.text, before.order_version)
    withdraw_all(order, anna)

    with time_machine.travel(now() + timedelta(hours=1), tick=False):
        queue_again(order, anna)
        again = confirmation(order)
        assert again.due_at == now() + timedelta(seconds=30)
    assert (again.id, again.message_id, again.text, again.order_version) == identity
    assert (again.state, again.withdrawn_at, again.withdrawn_by) == (MessageState.QUEUED, None, None)
    assert len(messages_of(order)) == 2


def test_a_mail_that_is_queued_again_can_belong_to_a_later_change(order: Order, anna: Actor) -> None:
    ship(order, anna)
    withdraw_all(order, anna)
    with editing(order.number, None, anna) as current:
        withdrawn_mails.queue_again(lock(current), order_version=7)

    assert confirmation(order).order_version == 7


def test_only_what_was_withdrawn_is_queued_again(order: Order, anna: Actor) -> None:
    ship(order, anna)
    set_to(confirmation(order), state=MessageState.SENT, attempts=1, due_at=None)

    queue_again(order, anna)

    assert confirmation(order).state is MessageState.SENT


def test_staff_send_a_withdrawn_mail_by_hand(order: Order, anna: Actor) -> None:
    ship(order, anna)
    withdraw_all(order, anna)
    message = confirmation(order)

    with editing(order.number, None, anna):
        messages.queue_again(messages.get(message.id, for_update=True), by=anna)

    again = confirmation(order)
    assert (again.state, again.withdrawn_at, again.withdrawn_by) == (MessageState.QUEUED, None, None)
    assert again.due_at is not None
    assert again.due_at <= now()


def test_rule_07_reopening_withdraws_the_confirmation_of_that_shipment_alone(order: Order, anna: Actor) -> None:
    ship(order, anna)

    reopen(order, anna)

    found = mails(order)
    assert found[MessageKind.DELIVERY_CONFIRMATION].state is MessageState.WITHDRAWN
    assert found[MessageKind.ORDER_CONFIRMATION].state is MessageState.QUEUED
    assert last_event(order).facts["mail_withdrawn"] is True


@pytest.mark.parametrize("state", [MessageState.SENT, MessageState.RETRYING])
def test_rule_07_reopening_leaves_a_confirmation_that_has_left_and_says_so(
    order: Order, anna: Actor, state: MessageState
) -> None:
    ship(order, anna)
    due_at = now() if state is MessageState.RETRYING else None
    set_to(confirmation(order), state=state, attempts=1, due_at=due_at)

    reopen(order, anna)

    assert confirmation(order).state is state
    facts = last_event(order).facts
    assert (facts["mailed_to"], "mail_withdrawn" in facts) == ("asa@example.com", False)


def test_rule_07_reopening_a_shipment_that_was_shipped_twice_withdraws_the_last_confirmation(
    order: Order, anna: Actor
) -> None:
    ship(order, anna)
    set_to(confirmation(order), state=MessageState.SENT, attempts=1, due_at=None)
    reopen(order, anna)
    ship(order, anna)

    reopen(order, anna)

    states = [message.state for message in messages_of(order) if message.kind is MessageKind.DELIVERY_CONFIRMATION]
    assert states == [MessageState.SENT, MessageState.WITHDRAWN]


def test_rule_07_reopening_what_mailed_nobody_says_nothing_of_a_mail(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna, mails=False)

    reopen(order, anna)

    assert not {"mailed_to", "mail_withdrawn"} & set(last_event(order).facts)
    assert read(order).message_count == 1
