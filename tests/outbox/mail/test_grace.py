"""Confirmations wait, and those that are withdrawn never leave, whatever the worker does meanwhile."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.factories import make_order, make_product, reshape_shop
from tests.outbox.servers import Post
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, Message, MessageKind, MessageState, Order
from webshop_orders.operations.orders import shipments, withdrawn_mails
from webshop_orders.outbox import queue as outbox_queue
from webshop_orders.outbox import worker
from webshop_orders.outbox.mail.delivery import deliver_batch
from webshop_orders.transactions.unit_of_work import editing, writing

NEVER = threading.Event()
SECONDS = 30
ORDERS = 40


@pytest.fixture
def order(app: Flask, anna: Actor) -> Order:
    """A shipped order whose order confirmation has gone."""
    make_product("CANDLE", stock=5)
    order = make_order(("CANDLE", 1))
    deliver_batch(NEVER)
    reshape_shop(mail_grace_seconds=SECONDS)
    with editing(order.number, None, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    return order


def reopen(order: Order, by: Actor) -> Message | None:
    with editing(order.number, None, by) as current:
        return shipments.reopen(current.shipments[0], by=by)


def lock(order: Order) -> list[Message]:
    return withdrawn_mails.lock_confirmations(order, [f"{order.number}-1"])


def shipped_order(by: Actor) -> Order:
    """A shipped order with no mail but its delivery confirmation."""
    order = make_order(("CANDLE", 1), send_confirmation=False)
    with editing(order.number, None, by) as current:
        shipments.ship(current.shipments[0], by=by)
    return order


def after(seconds: float) -> time_machine.travel:
    return time_machine.travel(now() + timedelta(seconds=seconds), tick=False)


def test_nothing_arrives_within_the_grace_and_one_mail_after_it(app: Flask, post: Post, order: Order) -> None:
    post.mails.clear()
    assert worker.run(app, NEVER, once=True) == 0
    with after(SECONDS - 2):
        assert deliver_batch(NEVER) == 0
    assert post.mails == []

    with after(SECONDS + 1):
        assert deliver_batch(NEVER) == 1
        assert deliver_batch(NEVER) == 0
    assert len(post.mails) == 1


def test_a_worker_that_runs_sends_a_mail_as_soon_as_its_grace_is_over(app: Flask, post: Post) -> None:
    reshape_shop(mail_grace_seconds=1)
    make_order(("CANDLE", 1))
    stop = threading.Event()
    arrived = threading.Event()
    post.seen = arrived.set
    running = threading.Thread(target=worker.run, args=(app, stop))
    running.start()
    try:
        assert not arrived.wait(0.5)
        assert arrived.wait(worker.IDLE_SECONDS + 5)
    finally:
        stop.set()
        running.join(30)


def test_a_withdrawn_mail_never_arrives(app: Flask, post: Post, order: Order, anna: Actor) -> None:
    post.mails.clear()
    withdrawn = reopen(order, anna)
    assert withdrawn is not None
    assert withdrawn.state is MessageState.WITHDRAWN

    for seconds in (SECONDS + 1, 3600, 5 * 24 * 3600):
        with after(seconds):
            worker.run(app, NEVER, once=True)

    assert post.mails == []


def test_what_is_queued_again_arrives_once(app: Flask, post: Post, order: Order, anna: Actor) -> None:
    post.mails.clear()
    reopen(order, anna)
    with editing(order.number, None, anna) as current:
        (again,) = withdrawn_mails.queue_again(lock(current))
    message_id = again.message_id

    assert deliver_batch(NEVER) == 0
    for seconds in (SECONDS + 1, 3600):
        with after(seconds):
            deliver_batch(NEVER)

    assert [mail["Message-ID"] for mail in post.mails] == [message_id]


def test_reopening_after_the_grace_withdraws_nothing(post: Post, order: Order, anna: Actor) -> None:
    with after(SECONDS + 1):
        deliver_batch(NEVER)
        sent = reopen(order, anna)

    assert sent is not None
    assert sent.state is MessageState.SENT
    assert len(post.mails) == 2


def test_a_mail_that_a_worker_is_sending_is_not_withdrawn(post: Post, order: Order, anna: Actor) -> None:
    with after(SECONDS + 1):
        (lease,) = outbox_queue.acquire(outbox_queue.MAILS)
        sending = reopen(order, anna)

    assert sending is not None
    assert (sending.state, sending.id) == (MessageState.SENDING, lease.message.id)


def test_a_mail_is_never_both_withdrawn_and_sent(
    app: Flask, post: Post, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers take mails that are due from one end while someone withdraws them from the other."""
    monkeypatch.setattr(outbox_queue, "BATCH_SIZE", 2)
    numbers = [shipped_order(anna).number for _ in range(ORDERS)]
    first_arrived, stop = threading.Event(), threading.Event()
    post.seen = first_arrived.set

    def deliver() -> None:
        with app.app_context():
            while not stop.is_set():
                deliver_batch(stop)
                stop.wait(0.02)  # SQLite lets one write at a time, and gives nobody a turn
            db.session.remove()

    def withdraw() -> None:
        with app.app_context():
            first_arrived.wait(30)
            for number in reversed(numbers):
                with editing(number, None, anna) as current:
                    withdrawn_mails.withdraw(lock(current), by=anna)
                stop.wait(0.005)
            db.session.remove()

    threads = [threading.Thread(target=task) for task in (deliver, deliver, withdraw)]
    for thread in threads:
        thread.start()
    threads[-1].join(60)
    for _ in range(600):
        if not pending():
            break
        stop.wait(0.05)
    stop.set()
    for thread in threads:
        thread.join(60)

    arrived = Counter(mail["Message-ID"] for mail in post.mails)
    stored = {message.message_id: message for message in all_messages()}
    states = Counter(message.state for message in stored.values())
    assert set(states) == {MessageState.WITHDRAWN, MessageState.SENT}, states
    for message_id, message in stored.items():
        assert arrived[message_id] == (message.state is MessageState.SENT), message.state
        assert (message.attempts > 0) == (message.state is MessageState.SENT)


def pending() -> bool:
    return any(message.due_at for message in all_messages())


def all_messages() -> list[Message]:
    db.session.rollback()
    query = select(Message).where(Message.kind == MessageKind.DELIVERY_CONFIRMATION)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def test_a_withdrawal_waits_for_the_worker_that_is_taking_the_mail(app: Flask, post: Post, anna: Actor) -> None:
    """The worker has locked the row and not yet committed: whoever withdraws sees what it did."""
    order = shipped_order(anna)
    order_id = order.id
    locked, answered = threading.Event(), threading.Event()

    def take() -> None:
        with app.app_context():
            with writing():
                (message,) = lock(db.session.get_one(Order, order_id))
                locked.set()
                answered.wait(0.5)
                message.state, message.attempts = MessageState.SENDING, 1
            db.session.remove()

    taker = threading.Thread(target=take)
    taker.start()
    assert locked.wait(30)
    with editing(order.number, None, anna) as current:
        withdrawn = withdrawn_mails.withdraw(lock(current), by=anna)
        answered.set()
    taker.join(30)

    assert withdrawn == []
    assert [message.state for message in all_messages()] == [MessageState.SENDING]
