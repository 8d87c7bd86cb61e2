"""One mail can be followed by its request's id: from the click to the mail server's answer."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from tests.api.conftest import Integration, new_key, order_document
from tests.factories import make_order, make_user, reshape_shop
from tests.jobs.batches import make_batch
from tests.logs.captured import Log
from tests.outbox.conftest import post, use_mail_server  # noqa: F401
from tests.outbox.listeners import Listener, listening
from tests.outbox.servers import Post, free_port
from tests.web.conftest import Browser, SignIn
from webshop_orders import request_ids
from webshop_orders.db.extensions import db
from webshop_orders.models import AccountMail, Batch, Event, Message, Order, Role, WebhookEvent, WebhookMessage
from webshop_orders.operations.webhooks import subscriptions
from webshop_orders.outbox import worker
from webshop_orders.transactions.unit_of_work import writing

ANSWER = "550 5.1.1 <asa@example.com>: Åsa is unknown here"


@pytest.fixture(autouse=True)
def _no_request(app: Flask) -> Iterator[None]:
    reshape_shop(mail_grace_seconds=0)
    request_ids.resume(None)
    yield
    request_ids.resume(None)


def work(app: Flask) -> None:
    db.session.rollback()
    worker.run(app, threading.Event(), once=True)
    db.session.rollback()
    db.session.expire_all()


def ids_of_events(order: Order) -> list[str | None]:
    db.session.rollback()
    return list(db.session.scalars(select(Event.request_id).where(Event.order_id == order.id).order_by(Event.id)))


def mails_of(log: Log) -> list[dict[str, object]]:
    return [line for line in log.lines if line["event"] == "mail"]


def comment(browser: Browser, order: Order) -> str:
    """Mail a comment to the customer; returns the id of the request."""
    page = f"/orders/{order.number}"
    answer = browser.send(page, f"{page}/comments", text="Hej", about="customer", mail="1")
    assert answer.status_code == 303, answer.text
    return answer.headers["X-Request-Id"]


def test_a_mail_is_followed_from_the_click_to_the_answer(
    app: Flask,
    post: Post,  # noqa: F811
    staff: Browser,
    order: Order,
    log: Log,
) -> None:
    post.to_recipient["asa@example.com"] = ANSWER
    request_id = comment(staff, order)
    work(app)

    mail = db.session.scalars(select(Message).where(Message.order_id == order.id)).all()[-1]
    assert ids_of_events(order)[-1] == mail.request_id == request_id
    line = mails_of(log)[-1]
    expected = {"kind": "comment", "state": "given_up", "mail": mail.id, "order": order.number, "attempt": 1}
    assert expected.items() <= line.items()
    assert line["request_id"] == request_id
    assert line["answer"] == "550 5.1.1 <…>: Åsa is unknown here"
    assert line["level"] == "warning"
    history = staff.get(f"/orders/{order.number}/history").text
    shown = staff.get(f"/orders/{order.number}/messages/{mail.id}").text
    assert f">{request_id}</code>" in history
    assert f">{request_id}</code>" in shown


def test_the_outbox_names_the_request_of_a_mail(
    app: Flask, sign_in: SignIn, staff: Browser, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "MAIL_SERVER", "mail.example.com")
    request_id = comment(staff, order)
    mail = db.session.scalars(select(Message).where(Message.order_id == order.id)).all()[-1]
    assert f">{request_id}</code>" in sign_in(Role.ADMIN).get(f"/settings/messages/{mail.id}").text


def test_a_mail_that_no_server_takes_keeps_its_id_over_the_tries(
    app: Flask, staff: Browser, order: Order, log: Log
) -> None:
    use_mail_server(app, free_port())
    request_id = comment(staff, order)
    work(app)
    (line,) = mails_of(log)
    assert (line["state"], line["request_id"]) == ("retrying", request_id)


def test_a_batch_goes_on_with_the_id_of_the_click_that_started_it(
    app: Flask,
    post: Post,  # noqa: F811
    sign_in: SignIn,
    log: Log,
) -> None:
    admin = sign_in(Role.ADMIN)
    orders = [make_order(("LJUS-12", 1), send_confirmation=False) for _ in range(2)]
    batch = make_batch(orders, make_user("bo@example.com").actor)
    page = f"/batches/{batch.id}"
    answer = admin.send(f"{page}?do=ship", f"{page}/start", agreed="no_code")
    assert answer.status_code == 303
    request_id = answer.headers["X-Request-Id"]
    work(app)

    assert db.session.get_one(Batch, batch.id).request_id == request_id
    for shipped in orders:
        assert ids_of_events(shipped)[-1] == request_id
    confirmations = [line for line in mails_of(log) if line["kind"] == "delivery_confirmation"]
    assert [line["request_id"] for line in confirmations] == [request_id] * 2
    (job,) = [line for line in log.lines if line.get("job") == "batches"]
    assert job["handled"] == 2
    assert job["request_id"] != request_id


def test_a_webhook_is_followed_without_its_address_and_answer(app: Flask, log: Log) -> None:
    app.config["WEBHOOKS_TO_PRIVATE"] = True
    with listening(Listener()) as listener:
        listener.text = b"thank you, asa@example.com"
        bo = make_user("bo@example.com").actor
        with writing():
            subscriptions.add(f"{listener.url}/secret-token", tuple(WebhookEvent), by=bo)
        answer = Integration(app.test_client(), new_key()).post("/orders", order_document())
        work(app)
    request_id = answer.headers["X-Request-Id"]
    assert set(db.session.scalars(select(WebhookMessage.request_id))) == {request_id}
    lines = [line for line in log.lines if line["event"] == "webhook"]
    assert {line["request_id"] for line in lines} == {request_id}
    assert [line["delivery"] for line in lines] == [heard.headers["webhook-id"] for heard in listener.heard]
    assert {(line["state"], line["status"], line["host"]) for line in lines} == {("sent", 204, "127.0.0.1")}
    assert not any("x-request-id" in heard.headers for heard in listener.heard)
    assert "secret-token" not in log.text
    assert "thank you" not in log.text


def test_a_mail_to_a_user_names_them_by_their_number(
    app: Flask,
    post: Post,  # noqa: F811
    nobody: Browser,
    log: Log,
) -> None:
    app.config["BASE_URL"] = "http://localhost"
    user = make_user("asa@shop.example", name="Åsa Öberg")
    answer = nobody.fill_in("/forgotten", email="asa@shop.example")
    assert answer.status_code in {200, 303}
    work(app)
    assert db.session.scalars(select(AccountMail.request_id)).one() == answer.headers["X-Request-Id"]
    (line,) = mails_of(log)
    assert (line["user"], line["state"]) == (user.id, "sent")
    assert line["request_id"] == answer.headers["X-Request-Id"]


def test_what_a_worker_does_by_itself_has_an_id_of_its_own(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []

    def note(stop: threading.Event) -> int:
        seen.append(request_ids.current())
        return len(seen) % 2

    monkeypatch.setattr(worker, "jobs", lambda: {"test": note})
    worker.run(app, threading.Event(), once=True)
    assert len(set(seen)) == 2
    assert None not in seen


def test_what_is_resumed_ends_with_it() -> None:
    with request_ids.resumed("a-former-request"):
        assert request_ids.current() == "a-former-request"
    assert request_ids.current() is None
    request_ids.resume("the-job")
    with request_ids.resumed(None):
        assert request_ids.current() == "the-job"
