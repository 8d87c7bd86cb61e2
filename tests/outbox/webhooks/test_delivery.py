"""Webhooks are delivered signed, in order, at least once, and only to allowed addresses."""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from standardwebhooks.webhooks import WebhookVerificationError

from tests.factories import make_order, make_product
from tests.operations.steps import changing, set_stock
from tests.outbox.listeners import Heard, Listener, listening
from tests.outbox.servers import free_port
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.models import (
    Actor,
    CommentKind,
    DisabledReason,
    MessageState,
    Order,
    Webhook,
    WebhookAttempt,
    WebhookEvent,
    WebhookMessage,
)
from webshop_orders.operations.orders import cancellation, comments, lines, shipments, splits, tracking
from webshop_orders.operations.webhooks import subscriptions as webhooks
from webshop_orders.outbox import retention, worker
from webshop_orders.outbox.webhooks import targets
from webshop_orders.outbox.webhooks.delivery import deliver_batch
from webshop_orders.transactions.unit_of_work import editing, writing

NEVER = threading.Event()
ADMIN = Actor("staff", "Anna")  # type: ignore[arg-type]


@pytest.fixture
def erp(app: Flask) -> Iterator[Listener]:
    """A receiver on loopback, allowed in this test, that subscribes to every event."""
    app.config["WEBHOOKS_TO_PRIVATE"] = True
    with listening(Listener()) as listener:
        add(listener.url)
        yield listener


def add(url: str, *events: WebhookEvent) -> Webhook:
    with writing():
        return webhooks.add(url, events or tuple(WebhookEvent), by=ADMIN)


def webhook() -> Webhook:
    db.session.rollback()
    return db.session.scalars(select(Webhook).execution_options(populate_existing=True)).one()


def stored_messages() -> list[WebhookMessage]:
    db.session.rollback()
    query = select(WebhookMessage).order_by(WebhookMessage.id).execution_options(populate_existing=True)
    return list(db.session.scalars(query))


def deliver_all() -> None:
    """Deliver until nothing is due; an order's next message becomes due once the one before has arrived."""
    while deliver_batch(NEVER):
        db.session.rollback()


def place_two_orders_the_first_of_which_is_refused(erp: Listener) -> None:
    """Let the receiver answer 400 to whatever names the first order, and 200 to the rest."""
    number = make_order(("A", 1)).number.encode()
    make_order(("A", 1))
    erp.answer = lambda heard: 400 if number in heard.body else 200


def test_what_happens_to_an_order_is_told_in_order_and_signed(erp: Listener, anna: Actor) -> None:
    make_product("A", stock=5)
    order = make_order(("A", 2))
    with changing(order, anna) as present:
        tracking.add(present.shipments[0], "ABC-1", "DHL", None, by=anna)
    with changing(order, anna) as present:
        shipments.ship(present.shipments[0], by=anna)
    other = make_order(("A", 1))
    with changing(other, anna) as present:
        cancellation.cancel(present, by=anna)

    deliver_all()

    secret = webhook().secret
    heard = [request.read(secret) for request in erp.heard]
    of_first = [event["type"] for event in heard if event["data"]["order"]["number"] == order.number]
    assert of_first == ["order.placed", "shipment.ready", "shipment.tracking_changed", "shipment.shipped"]
    of_other = [event["type"] for event in heard if event["data"]["order"]["number"] == other.number]
    assert of_other[-1] == "order.cancelled"
    (shipped,) = (event for event in heard if event["type"] == "shipment.shipped")
    assert shipped["data"]["shipment"]["tracking"][0]["code"] == "ABC-1"
    assert shipped["data"]["shipment"]["capture"]["amount"] == shipped["data"]["order"]["totals"]["total"]
    assert shipped["data"]["order"]["status"] == "shipped"
    assert {message.state for message in stored_messages()} == {MessageState.SENT}
    request = erp.heard[0]
    assert request.path == "/hooks?from=ws"
    assert request.headers["content-type"] == "application/json"
    assert len({request.headers["webhook-id"] for request in erp.heard}) == len(erp.heard)
    with pytest.raises(WebhookVerificationError):
        request.read("whsec_" + "A" * 40)


def test_changes_that_make_a_shipment_ready_are_told(erp: Listener, anna: Actor) -> None:
    make_product("A", stock=0)
    order = make_order(("A", 2))
    assert [message.event.value for message in stored_messages()] == ["order.placed"]

    set_stock("A", 5)

    events = [(message.event.value, message.about) for message in stored_messages()[1:]]
    assert events == [
        ("order.changed", order.number),
        ("product.backorders_covered", "A"),
        ("shipment.ready", f"{order.number}-1"),
    ]
    with changing(order, anna) as present:
        splits.split(next(present.lines), 1, to=None, by=anna)
    assert [(message.event.value, message.about) for message in stored_messages()[4:]] == [
        ("order.changed", order.number),
        ("shipment.ready", f"{order.number}-2"),
    ]


def test_comments_and_refused_changes_are_told_to_nobody(erp: Listener, anna: Actor) -> None:
    order = make_order(("A", 1))
    count = len(stored_messages())
    with editing(order.number, None, anna) as present:
        comments.add(present, CommentKind.INTERNAL, "hemligt", by=anna)
    with pytest.raises(RuleViolation), changing(order, anna) as present:
        lines.remove(next(present.lines), by=anna)
    assert len(stored_messages()) == count


def test_a_webhook_hears_only_what_it_chose(app: Flask) -> None:
    app.config["WEBHOOKS_TO_PRIVATE"] = True
    add("http://127.0.0.1:1/", WebhookEvent.ORDER_CANCELLED)
    make_order(("A", 1))
    assert stored_messages() == []


def test_an_orders_messages_wait_for_the_one_before(erp: Listener, anna: Actor) -> None:
    order = make_order(("A", 1))
    erp.answer = lambda heard: 500
    deliver_all()
    assert [message.state.value for message in stored_messages()] == ["retrying", "queued"]

    erp.answer = lambda heard: 204
    make_order(("A", 1))
    later(minutes=2)
    deliver_all()

    secret = webhook().secret
    of_order = [request for request in erp.heard if request.read(secret)["data"]["order"]["number"] == order.number]
    assert [request.read(secret)["type"] for request in of_order] == ["order.placed", "order.placed", "shipment.ready"]
    assert of_order[0].headers["webhook-id"] == of_order[1].headers["webhook-id"]
    assert {message.state for message in stored_messages()} == {MessageState.SENT}


def later(**delta: float) -> None:
    """Let time pass for the queue: shift every time in it back."""
    earlier = timedelta(**delta)
    with writing():
        for message in db.session.scalars(select(WebhookMessage)):
            message.due_at = message.due_at - earlier if message.due_at else None
            message.tried_from -= earlier
        for each in db.session.scalars(select(Webhook)):
            each.paused_until = each.paused_until - earlier if each.paused_until else None


def test_a_system_that_does_not_answer_is_left_alone_for_a_while(erp: Listener) -> None:
    requests = []

    def hang_up(heard: Heard) -> int:
        requests.append(heard)
        raise ConnectionError

    erp.answer = hang_up
    for _ in range(5):
        make_order(("A", 1))

    deliver_all()

    assert len(requests) == 1
    assert [message.attempts for message in stored_messages()].count(1) == 1
    later(minutes=2)
    erp.answer = lambda heard: 200
    deliver_all()
    assert len(erp.heard) == 10


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 429, 500, 503])
def test_whatever_is_no_yes_is_tried_again_and_kept_in_the_log(erp: Listener, status: int) -> None:
    erp.headers, erp.text = {"Location": "http://127.0.0.1:1/elsewhere"}, b"inte nu"
    erp.answer = lambda heard: status
    make_order(("A", 1))

    deliver_batch(NEVER)

    (attempt,) = db.session.scalars(select(WebhookAttempt)).all()
    assert attempt.answer.startswith(f"{status} ")
    assert "inte nu" in attempt.answer
    assert stored_messages()[0].state is MessageState.RETRYING
    assert len(erp.heard) == 1


def test_a_system_that_is_gone_for_good_is_switched_off_at_once(erp: Listener) -> None:
    erp.answer = lambda heard: 410
    make_order(("A", 1))

    deliver_all()

    assert webhook().disabled_because is DisabledReason.GONE
    make_order(("A", 1))
    deliver_all()
    assert len(erp.heard) == 1


def disable_by_hand(webhook_id: int) -> None:
    webhooks.disable(webhooks.lock(webhook_id))


def remove(webhook_id: int) -> None:
    webhooks.remove(webhooks.lock(webhook_id))


@pytest.mark.parametrize("meanwhile", [disable_by_hand, remove])
@pytest.mark.parametrize(("status", "days_tried"), [(410, 0), (500, 3)], ids=["gone", "given up"])
def test_a_webhook_switched_off_during_its_last_attempt_strands_no_other_message(
    erp: Listener, app: Flask, meanwhile: Callable[[int], None], status: int, days_tried: int
) -> None:
    webhook_id = webhook().id
    other = Listener()

    def answer_late(heard: Heard) -> int:
        with app.app_context(), writing():
            meanwhile(webhook_id)
        return status

    erp.answer = answer_late
    with listening(other):
        make_order(("A", 1))
        add(other.url, WebhookEvent.ORDER_PLACED)
        make_order(("A", 1))
        later(days=days_tried, minutes=5)
        deliver_all()

    assert len(erp.heard) == 1
    assert len(other.heard) == 1
    assert MessageState.SENDING not in {message.state for message in stored_messages()}
    reasons = [each.disabled_because for each in webhooks.list_all() if each.id == webhook_id]
    assert reasons == ([] if meanwhile is remove else [DisabledReason.BY_HAND])


def test_three_days_without_an_answer_switch_it_off_and_what_waits_is_kept(erp: Listener) -> None:
    erp.answer = lambda heard: 500
    make_order(("A", 1))
    deliver_all()
    later(days=3, minutes=5)
    deliver_all()

    assert webhook().disabled_because is DisabledReason.UNREACHABLE
    assert [message.state.value for message in stored_messages()] == ["given_up", "queued"]
    webhook_id, message_id = webhook().id, stored_messages()[0].id
    with writing():
        webhooks.enable(webhooks.lock(webhook_id))
        webhooks.queue_again(webhooks.get_message(webhook_id, message_id))
    erp.answer = lambda heard: 200
    deliver_all()
    assert [message.state.value for message in stored_messages()] == ["sent", "sent"]


def test_one_that_cannot_be_told_does_not_switch_off_a_system_that_hears_the_rest(erp: Listener) -> None:
    place_two_orders_the_first_of_which_is_refused(erp)
    deliver_all()
    later(days=3, minutes=5)
    deliver_all()

    assert webhook().is_active
    assert stored_messages()[0].state is MessageState.GIVEN_UP


def test_both_secrets_sign_while_one_takes_over_from_the_other(erp: Listener) -> None:
    old = webhook().secret
    webhook_id = webhook().id
    with writing():
        webhooks.rotate_secret(webhooks.lock(webhook_id))
    make_order(("A", 1))
    deliver_batch(NEVER)
    new = webhook().secret

    assert old != new
    assert erp.heard[0].read(old) == erp.heard[0].read(new)
    with time_machine.travel(now() + timedelta(days=2)):
        assert webhook().active_secrets() == [new]


def test_what_was_told_can_be_told_again_under_the_same_id(erp: Listener) -> None:
    make_order(("A", 1))
    deliver_all()
    webhook_id, message_id = webhook().id, stored_messages()[0].id
    with writing():
        webhooks.queue_again(webhooks.get_message(webhook_id, message_id))
    deliver_all()

    first, _second, again = erp.heard
    assert (first.body, first.headers["webhook-id"]) == (again.body, again.headers["webhook-id"])
    assert len(webhooks.attempts_of(stored_messages()[0])) == 2


def test_a_worker_that_died_amid_a_delivery_lets_another_tell_it(erp: Listener) -> None:
    make_order(("A", 1))
    with writing():
        first = select(WebhookMessage.id).order_by(WebhookMessage.id).limit(1).scalar_subquery()
        dead = {"state": MessageState.SENDING, "attempts": 1, "due_at": now() - timedelta(seconds=1)}
        db.session.execute(update(WebhookMessage).where(WebhookMessage.id == first).values(dead))
    deliver_all()
    assert {message.state for message in stored_messages()} == {MessageState.SENT}
    sent, interrupted = webhooks.attempts_of(stored_messages()[0])
    assert (sent.state.value, interrupted.state.value) == ("sent", "retrying")
    assert interrupted.answer == "Försöket avbröts innan utgången var känd; mottagaren kan ha fått anropet."


def test_the_worker_tells_webhooks_along_with_all_else(app: Flask, erp: Listener) -> None:
    make_order(("A", 1))
    assert worker.run(app, NEVER, once=True) == 2
    assert len(erp.heard) == 2


INSIDE = [
    "127.0.0.1",
    "127.8.9.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
    "ff02::1",
]


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_not_told(app: Flask, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    places = [(socket.AF_INET, 1, 6, "", ("93.184.215.14", 443)), (family, 1, 6, "", (address, 443))]
    monkeypatch.setattr(targets.socket, "getaddrinfo", lambda *_ignored, **_named: places)

    with pytest.raises(targets.ForbiddenTargetError):
        targets.resolve("https://erp.example.com/")


def test_an_address_of_ipv6_is_connected_to(app: Flask) -> None:
    app.config["WEBHOOKS_TO_PRIVATE"] = True
    with listening(Listener(), "::1") as listener:
        add(listener.url)
        make_order(("A", 1))
        deliver_batch(NEVER)
    assert [heard.headers["host"] for heard in listener.heard] == [listener.url.split("/")[2]]


def test_a_name_that_leads_out_is_connected_to_by_the_address_that_was_looked_up(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = (socket.AF_INET, 1, 6, "", ("93.184.215.14", 8443))
    monkeypatch.setattr(targets.socket, "getaddrinfo", lambda *_ignored, **_named: [place])
    target = targets.resolve("https://erp.example.com:8443/a?b=c")
    assert (target.address, target.authority, target.path) == ("93.184.215.14", "erp.example.com:8443", "/a?b=c")


def test_an_address_inside_is_noted_as_refused_and_nobody_is_asked(app: Flask) -> None:
    with listening(Listener()) as listener:
        with writing():
            db.session.add(Webhook(url=listener.url, events=["order.placed"], made_by="Anna"))
            db.session.flush()
            webhooks._update_settings()
        make_order(("A", 1))
        deliver_batch(NEVER)
        assert listener.heard == []
    assert "127.0.0.1" in (stored_messages()[0].last_answer or "")


def test_a_server_that_is_not_there_is_tried_again(app: Flask) -> None:
    app.config["WEBHOOKS_TO_PRIVATE"] = True
    add(f"http://127.0.0.1:{free_port()}/")
    make_order(("A", 1))
    deliver_batch(NEVER)
    assert stored_messages()[0].state is MessageState.RETRYING
    assert stored_messages()[0].last_answer


@pytest.mark.parametrize(
    "url",
    [
        "",
        "erp.example.com",
        "ftp://erp.example.com",
        "https://",
        "https://a b/",
        "https://u:p@erp.example.com/",
        "https://erp.example.com:99999/",
        "https://erp.example.com/\nx",
        "http://erp.example.com/",
        "javascript:1",
    ],
)
def test_what_is_no_address_that_may_be_told_is_refused(app: Flask, url: str) -> None:
    with pytest.raises(RuleViolation), writing():
        webhooks.add(url, [WebhookEvent.ORDER_PLACED], by=ADMIN)


def test_what_was_told_is_kept_for_a_month_and_what_was_not_for_good(erp: Listener) -> None:
    place_two_orders_the_first_of_which_is_refused(erp)
    deliver_all()
    with time_machine.travel(now() + timedelta(days=31)):
        retention.delete_expired()
    assert [message.state.value for message in stored_messages()] == ["retrying", "queued"]


def test_a_message_that_was_given_up_is_deleted_a_month_after_its_last_attempt(erp: Listener) -> None:
    place_two_orders_the_first_of_which_is_refused(erp)
    deliver_all()
    later(days=3, minutes=5)
    with writing():
        db.session.execute(update(WebhookMessage).values(queued_at=now() - timedelta(days=4)))
    deliver_all()
    assert [message.state.value for message in stored_messages()] == ["given_up", "given_up", "sent", "sent"]

    assert states_after(days=29) == ["given_up", "given_up", "sent", "sent"]
    assert states_after(days=31) == []
    assert db.session.scalars(select(WebhookAttempt)).all() == []


def test_messages_of_a_disabled_webhook_are_deleted_a_month_after_nothing_more_happened_to_them(erp: Listener) -> None:
    erp.answer = lambda heard: 410
    make_order(("A", 1))
    make_order(("A", 1))
    deliver_all()
    assert [message.state.value for message in stored_messages()] == ["given_up", "queued", "queued", "queued"]
    webhook_id, message_id = webhook().id, stored_messages()[0].id

    with time_machine.travel(now() + timedelta(days=20)), writing():
        webhooks.queue_again(webhooks.get_message(webhook_id, message_id))

    assert states_after(days=29) == ["queued"] * 4
    assert states_after(days=31) == ["queued"]
    assert states_after(days=51) == []
    assert webhook().disabled_because is DisabledReason.GONE


def test_messages_of_an_active_webhook_that_wait_are_never_deleted(erp: Listener) -> None:
    erp.answer = lambda heard: 500
    make_order(("A", 1))
    deliver_all()
    assert states_after(days=400) == ["retrying", "queued"]


def states_after(*, days: int) -> list[str]:
    """The states of the messages that are left once retention has been applied that many days from now."""
    with time_machine.travel(now() + timedelta(days=days)):
        retention.delete_expired()
    return [message.state.value for message in stored_messages()]


def test_a_removed_webhook_takes_what_it_was_told_along(erp: Listener) -> None:
    order: Order = make_order(("A", 1))
    deliver_all()
    webhook_id = webhook().id
    with writing():
        webhooks.remove(webhooks.lock(webhook_id))
    assert stored_messages() == []
    assert order.number
    make_order(("A", 1))
    assert stored_messages() == []
