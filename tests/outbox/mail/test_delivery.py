"""Rule 18: the outcome of each mail, whatever the mail server answers."""

import re
import threading
from dataclasses import replace
from datetime import timedelta
from unittest.mock import ANY

import pytest
import time_machine
from flask import Flask, current_app
from sqlalchemy import select, update
from sqlalchemy.pool import QueuePool

from tests.factories import ASA, make_order, make_product, reshape_shop
from tests.outbox.conftest import use_mail_server
from tests.outbox.servers import Post, free_port
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import Actor, MailHoldReason, Message, MessageAttempt, MessageState
from webshop_orders.operations.orders import messages
from webshop_orders.outbox import outcomes, worker
from webshop_orders.outbox import queue as outbox_queue
from webshop_orders.outbox.mail.delivery import deliver_batch
from webshop_orders.transactions.unit_of_work import writing

NEVER = threading.Event()


def queue_mail(**customer: str) -> Message:
    """The order confirmation of a new order, queued even if no mail server is configured yet."""
    server = current_app.config["MAIL_SERVER"]
    current_app.config["MAIL_SERVER"] = server or "127.0.0.1"
    order = make_order(("A", 1), customer=replace(ASA, **customer))
    current_app.config["MAIL_SERVER"] = server
    return db.session.scalars(select(Message).where(Message.order_id == order.id)).one()


def attempts_at(message: Message) -> list[tuple[int, MessageState, str]]:
    """Each attempt to deliver a mail: its number, the state it left, and the answer."""
    attempts = select(MessageAttempt).where(MessageAttempt.message_id == message.id).order_by(MessageAttempt.number)
    return [(attempt.number, attempt.state, attempt.answer) for attempt in db.session.scalars(attempts)]


def read(message: Message) -> Message:
    db.session.rollback()
    return db.session.get_one(Message, message.id, populate_existing=True)


def make_due(message: Message) -> None:
    change(message, due_at=now())


def change(message: Message, **values: object) -> None:
    with writing():
        db.session.execute(update(Message).where(Message.id == message.id).values(values))


def test_a_mail_that_the_server_takes_is_sent_with_its_answer(post: Post) -> None:
    message = queue_mail()

    assert deliver_batch(NEVER) == 1

    sent = read(message)
    assert (sent.state, sent.attempts, sent.due_at) == (MessageState.SENT, 1, None)
    assert attempts_at(message) == [(1, MessageState.SENT, "250 2.0.0 Taken as 4711")]
    assert sent.last_answer == "250 2.0.0 Taken as 4711"
    assert sent.sent_at is not None
    assert deliver_batch(NEVER) == 0
    assert len(post.mails) == 1


def test_a_mail_travels_as_every_mail_server_takes_it(post: Post) -> None:
    reshape_shop(sender_name="Ljusstöperiet, Åmål", sender_email="hej@bücher.example", name="Å" * 300)
    message = queue_mail(email="asa@räksmörgås.example")
    number = f"WS-{100_001}"

    deliver_batch(NEVER)

    (mail,) = post.mails
    (sender,), (recipient,) = mail["From"].addresses, mail["To"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Ljusstöperiet, Åmål", "hej@xn--bcher-kva.example")
    assert recipient.addr_spec == "asa@xn--rksmrgs-5wao1o.example"
    assert mail["Message-ID"] == message.message_id
    assert mail["Subject"] == message.subject
    assert mail["Date"].datetime == message.queued_at.replace(microsecond=0)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["References"] == mail["In-Reply-To"] == f"<order-{number}@xn--bcher-kva.example>"
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == message.text
    assert mail.get_body(("html",)).get_content().replace("\r\n", "\n").strip() == message.html.strip()
    (raw,) = post.raw
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_an_id_longer_than_a_line_stays_in_one_piece(post: Post) -> None:
    domain = f"{'a' * 60}.{'b' * 60}.example"
    reshape_shop(sender_email=f"hej@{domain}")
    queue_mail()

    deliver_batch(NEVER)

    for header in ("References", "In-Reply-To", "Message-ID"):
        assert re.search(rf"^{header}:\s+<[^=?>]+@{re.escape(domain)}>\r$", post.raw[0].decode(), re.MULTILINE)


def test_a_batch_goes_over_one_connection(post: Post) -> None:
    for _ in range(3):
        queue_mail()

    assert deliver_batch(NEVER) == 3

    assert (len(post.mails), post.connections) == (3, 1)


def test_rule_18_a_retry_keeps_its_message_id_and_date(post: Post) -> None:
    message = queue_mail()
    post.to_mail = "451 4.7.1 Greylisted, try later"

    deliver_batch(NEVER)

    retrying = read(message)
    assert (retrying.state, retrying.attempts) == (MessageState.RETRYING, 1)
    assert retrying.last_answer == "451 4.7.1 Greylisted, try later"
    assert timedelta(seconds=40) < retrying.due_at - now() < timedelta(seconds=75)
    assert deliver_batch(NEVER) == 0

    post.to_mail = "250 OK"
    make_due(message)
    deliver_batch(NEVER)

    assert read(message).state is MessageState.SENT
    (mail,) = post.mails
    assert mail["Message-ID"] == message.message_id
    assert mail["Date"].datetime == message.queued_at.replace(microsecond=0)


@pytest.mark.parametrize("refusal", ["recipient", "mail"])
def test_a_mail_that_is_refused_for_good_is_given_up_with_the_servers_words(post: Post, refusal: str) -> None:
    refused, taken = queue_mail(email="nobody@example.com"), None
    if refusal == "recipient":
        post.to_recipient["nobody@example.com"] = "550 5.1.1 No such user"
        taken = queue_mail()
    else:
        post.to_mail = "550 5.1.1 No such user"

    deliver_batch(NEVER)

    given_up = read(refused)
    assert (given_up.state, given_up.last_answer) == (MessageState.GIVEN_UP, "550 5.1.1 No such user")
    assert taken is None or read(taken).state is MessageState.SENT
    assert post.connections == 1


def test_a_refused_sender_is_the_shops_to_mend_so_its_mail_waits(post: Post) -> None:
    message = queue_mail()
    post.to_sender = "550 5.7.1 Sender not allowed"

    deliver_batch(NEVER)

    assert (read(message).state, read(message).last_answer) == (MessageState.RETRYING, "550 5.7.1 Sender not allowed")


def test_encryption_that_was_asked_for_and_is_not_offered_keeps_mail_at_home(app: Flask, post: Post) -> None:
    message = queue_mail()
    use_mail_server(app, app.config["MAIL_PORT"], MAIL_USE_TLS=True)

    deliver_batch(NEVER)

    assert read(message).state is MessageState.RETRYING
    assert post.mails == []


@pytest.mark.parametrize("email", ["no-address", "åsa@example.com", "asa@", "a b@example.com", f"asa@{'å' * 80}.se"])
def test_an_address_that_is_none_is_given_up_with_the_reason(post: Post, email: str) -> None:
    hopeless, fine = queue_mail(email=email), queue_mail()

    deliver_batch(NEVER)

    assert read(hopeless).state is MessageState.GIVEN_UP
    assert "Adressen går inte att använda" in (read(hopeless).last_answer or "")
    assert read(fine).state is MessageState.SENT


@pytest.mark.parametrize("column", ["subject", "sender", "recipient", "message_id"])
def test_a_header_with_a_control_character_never_leaves(post: Post, column: str) -> None:
    message = queue_mail()
    with writing():
        injected = {column: getattr(message, column) + "\r\nBcc: x@example.com"}
        db.session.execute(update(Message).where(Message.id == message.id).values(**injected))

    deliver_batch(NEVER)

    assert post.mails == []
    assert read(message).state is MessageState.GIVEN_UP
    assert "styrtecken" in (read(message).last_answer or "")


def test_without_a_mail_server_nothing_is_tried(app: Flask) -> None:
    message = queue_mail()

    assert worker.run(app, NEVER, once=True) == 0

    assert (read(message).state, read(message).attempts) == (MessageState.QUEUED, 0)


@pytest.mark.parametrize(
    ("because", "days", "state"),
    [
        (MailHoldReason.NO_SERVER, 0, MessageState.SENT),
        (MailHoldReason.NO_SERVER, 2, MessageState.SENT),
        (MailHoldReason.NO_SERVER, 4, MessageState.HELD),
        (MailHoldReason.NOT_AUTOMATIC, 0, MessageState.HELD),
    ],
)
def test_a_mail_held_for_want_of_a_server_leaves_once_there_is_one_unless_nobody_expects_it_any_more(
    app: Flask, post: Post, because: MailHoldReason, days: int, state: MessageState
) -> None:
    message = queue_mail()
    change(message, state=MessageState.HELD, held_because=because, due_at=None, queued_at=now() - timedelta(days=days))

    worker.run(app, NEVER, once=True)

    assert read(message).state is state
    assert len(post.mails) == (state is MessageState.SENT)


def test_a_mail_written_while_there_is_no_server_is_held(app: Flask) -> None:
    order = make_order(("A", 1), customer=ASA)

    message = db.session.scalars(select(Message).where(Message.order_id == order.id)).one()
    assert (message.state, message.held_because) == (MessageState.HELD, MailHoldReason.NO_SERVER)


def test_a_mail_is_given_up_when_it_was_tried_for_three_days(app: Flask) -> None:
    message = queue_mail()
    use_mail_server(app, free_port())

    with time_machine.travel(message.queued_at + timedelta(days=2, hours=23)):
        deliver_batch(NEVER)
        assert read(message).state is MessageState.RETRYING
    with time_machine.travel(message.queued_at + timedelta(days=3, hours=5)):
        deliver_batch(NEVER)

    assert read(message).state is MessageState.GIVEN_UP
    assert "tar inte emot anslutningar" in (read(message).last_answer or "")
    assert read(message).needs_attention


def test_a_mail_tried_again_by_hand_has_three_new_days_and_keeps_its_message_id(post: Post, anna: Actor) -> None:
    message = queue_mail()
    long_ago = now() - timedelta(days=9)
    change(message, state=MessageState.GIVEN_UP, due_at=None, tried_from=long_ago, queued_at=long_ago, attempts=40)
    with writing():
        messages.queue_again(messages.get(message.id, for_update=True), by=anna)
    post.to_mail = "451 4.7.1 Greylisted, try later"

    deliver_batch(NEVER)

    assert read(message).state is MessageState.RETRYING
    post.to_mail = "250 OK"
    make_due(message)
    deliver_batch(NEVER)
    assert [mail["Message-ID"] for mail in post.mails] == [message.message_id]


def test_retry_delays_grow_from_a_minute_to_four_hours() -> None:
    delays = [outbox_queue.retry_delay(attempts) for attempts in (1, 2, 3, 20, 2000)]

    assert timedelta(seconds=48) <= delays[0] <= timedelta(seconds=72)
    assert timedelta(seconds=96) <= delays[1] <= timedelta(seconds=144)
    assert timedelta(seconds=192) <= delays[2] <= timedelta(seconds=288)
    assert all(timedelta(hours=3.2) <= delay <= timedelta(hours=4.8) for delay in delays[3:])


def test_rule_18_a_mail_whose_worker_died_is_delivered_once_its_lease_ends(post: Post) -> None:
    message = queue_mail()
    (lease,) = outbox_queue.acquire(outbox_queue.MAILS)
    assert deliver_batch(NEVER) == 0
    assert read(message).state is MessageState.SENDING

    with time_machine.travel(now() + outbox_queue.LEASE_DURATION + timedelta(seconds=1)):
        assert deliver_batch(NEVER) == 1
        outbox_queue.record_outcome(lease, outcomes.failed(OSError("the dead worker wakes up")))

    assert len(post.mails) == 1
    assert (read(message).state, read(message).attempts) == (MessageState.SENT, 2)
    (first, state, answer), second = attempts_at(message)
    assert (first, state) == (1, MessageState.RETRYING)
    assert "avbröts" in answer
    assert second[:2] == (2, MessageState.SENT)


def test_no_two_workers_hold_the_same_mail(app: Flask) -> None:
    queued = {queue_mail().id for _ in range(6)}
    leased: list[int] = []

    def work() -> None:
        with app.app_context():
            leased.extend(lease.message.id for lease in outbox_queue.acquire(outbox_queue.MAILS))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()

    assert sorted(leased) == sorted(queued)


def test_rule_18_no_transaction_is_open_while_the_mail_server_is_spoken_to(app: Flask, post: Post) -> None:
    messages = [queue_mail(), queue_mail()]
    in_use: list[int] = []
    engine = db.engine
    assert isinstance(engine.pool, QueuePool)
    post.seen = lambda: in_use.append(engine.pool.checkedout())

    deliver_batch(NEVER)

    assert [read(message).state for message in messages] == [MessageState.SENT, MessageState.SENT]
    assert in_use == [0, 0]


def test_a_worker_told_to_stop_gives_back_what_it_has_not_sent(post: Post) -> None:
    messages = [queue_mail() for _ in range(3)]
    stop = threading.Event()
    post.seen = stop.set

    assert deliver_batch(stop) == 1

    assert [(one.state, one.attempts) for one in map(read, messages)] == [
        (MessageState.SENT, 1),
        (MessageState.QUEUED, 0),
        (MessageState.QUEUED, 0),
    ]
    assert worker.run(current_app._get_current_object(), NEVER, once=True) == 2  # type: ignore[attr-defined]


def test_the_worker_goes_on_until_nothing_is_due(app: Flask, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_queue, "BATCH_SIZE", 2)
    for _ in range(5):
        queue_mail()

    assert worker.run(app, NEVER, once=True) == 5

    assert len(post.mails) == 5


def test_the_worker_survives_an_error_and_says_so(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    waits: list[float] = []

    def fail(_stop: threading.Event) -> int:
        if len(waits) == 3:
            stop.set()
            return 0
        raise RuntimeError("the database is away")

    monkeypatch.setattr(worker, "jobs", lambda: {"fail": fail})
    monkeypatch.setattr(stop, "wait", waits.append)

    assert worker.run(app, stop) == 0

    assert waits == [2, 4, 8, ANY]
    assert caplog.text.count("the worker could not go on and will try again") == 3
    assert caplog.text.count("Traceback") == caplog.text.count("RuntimeError: the database is away") == 1


def test_the_worker_stops_at_once_when_told_to(app: Flask) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(app, stop))
    thread.start()
    stop.set()
    thread.join(timeout=1)

    assert not thread.is_alive()


def test_rule_08_the_worker_covers_backorders_that_a_cut_off_change_left(app: Flask) -> None:
    product = make_product("A", stock=1)
    order = make_order(("A", 3))
    with writing():
        db.session.execute(update(type(product)).where(type(product).sku == "A").values(stock=10))

    worker.run(app, NEVER, once=True)

    db.session.rollback()
    assert db.session.get_one(type(product), product.id, populate_existing=True).backordered == 0
    assert db.session.get_one(type(order), order.id, populate_existing=True).status == "ready"
