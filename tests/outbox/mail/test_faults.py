"""Rule 18: whatever fault a mail server has, every mail arrives once the fault is gone, and none arrives twice."""

import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from tests.outbox.conftest import use_mail_server
from tests.outbox.mail.test_delivery import NEVER, queue_mail, read
from tests.outbox.servers import GREETING, Post, broken_server, free_port, mail_server
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import Message, MessageState
from webshop_orders.outbox.mail.delivery import deliver_batch
from webshop_orders.transactions.unit_of_work import writing

HELLO, OK, GO_ON = b"250 test\r\n", b"250 OK\r\n", b"354 go on\r\n"
# The server's answers: its greeting, then to EHLO, MAIL, RCPT, DATA and the mail. b"" is silence; after the last answer
# it hangs up.
FAULTS: dict[str, list[bytes]] = {
    "silent from the first": [b""],
    "silent after its greeting": [GREETING, b""],
    "silent after EHLO": [GREETING, HELLO, b""],
    "silent after MAIL": [GREETING, HELLO, OK, b""],
    "silent after RCPT": [GREETING, HELLO, OK, OK, b""],
    "silent amid the mail": [GREETING, HELLO, OK, OK, GO_ON, b""],
    "421 as its greeting": [b"421 4.3.2 closing\r\n"],
    "421 to MAIL": [GREETING, HELLO, b"421 4.3.2 closing\r\n"],
    "421 to RCPT": [GREETING, HELLO, OK, b"421 4.3.2 closing\r\n"],
    "421 to the mail": [GREETING, HELLO, OK, OK, GO_ON, b"421 4.3.2 closing\r\n"],
    "554 as its greeting": [b"554 go away\r\n"],
    "hangs up at once": [],
    "hangs up after its greeting": [GREETING],
    "hangs up after MAIL": [GREETING, HELLO, OK],
    "hangs up amid the mail": [GREETING, HELLO, OK, OK, GO_ON],
    "speaks another language": [b"HTTP/1.1 400 Bad Request\r\n\r\n"],
    "speaks no language": [b"\xff\xfe\x00\r\n"],
    "never ends its line": [b"220 " + b"x" * 100_000],
    "greets for ever": [b"220-hello\r\n" * 2_000],
}


def make_all_due() -> None:
    with writing():
        db.session.execute(update(Message).where(Message.state == MessageState.RETRYING).values(due_at=now()))


@pytest.mark.parametrize("answers", FAULTS.values(), ids=FAULTS)
def test_a_server_that_fails_gets_every_mail_later_and_once(app: Flask, answers: list[bytes]) -> None:
    messages = [queue_mail() for _ in range(3)]
    with broken_server(*answers) as port:
        use_mail_server(app, port, seconds=0.15)
        assert deliver_batch(NEVER) == 3

    for message in map(read, messages):
        assert (message.state, message.attempts) == (MessageState.RETRYING, 1)
        assert message.last_answer

    post = Post()
    with mail_server(post) as port:
        use_mail_server(app, port)
        make_all_due()
        assert deliver_batch(NEVER) == 3
    assert sorted(mail["Message-ID"] for mail in post.mails) == sorted(message.message_id for message in messages)
    assert post.connections == 1
    assert {read(message).state for message in messages} == {MessageState.SENT}


def test_nobody_there_is_tried_again(app: Flask) -> None:
    messages = [queue_mail(), queue_mail()]
    use_mail_server(app, free_port())

    assert deliver_batch(NEVER) == 2

    assert {read(message).state for message in messages} == {MessageState.RETRYING}
    assert "tar inte emot anslutningar" in (read(messages[0]).last_answer or "")


def test_a_name_that_nobody_has_is_tried_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    message = queue_mail()
    use_mail_server(app, 25)
    monkeypatch.setattr(socket, "create_connection", nobody)

    deliver_batch(NEVER)

    assert read(message).state is MessageState.RETRYING
    assert "Ingen e-postserver har det namnet" in (read(message).last_answer or "")


@pytest.mark.parametrize("answer", ["450 4.2.1 Mailbox busy", "451 4.7.1 Greylisted", "452 4.2.2 Mailbox full"])
@pytest.mark.parametrize("step", ["recipient", "mail"])
def test_a_passing_refusal_is_of_this_mail_alone(post: Post, answer: str, step: str) -> None:
    refused, taken = queue_mail(email="busy@example.com"), queue_mail()
    if step == "recipient":
        post.to_recipient["busy@example.com"] = answer
    else:
        post.to_mails["busy@example.com"] = answer

    deliver_batch(NEVER)

    assert (read(refused).state, read(refused).last_answer) == (MessageState.RETRYING, answer)
    assert read(taken).state is MessageState.SENT
    assert post.connections == 1


@pytest.mark.parametrize("answer", ["550 5.1.1 No such user", "553 5.1.3 Bad address", "554 5.7.1 Spam"])
@pytest.mark.parametrize("step", ["recipient", "mail"])
def test_a_refusal_for_good_gives_up_this_mail_alone_and_asks_for_attention(post: Post, answer: str, step: str) -> None:
    refused, taken = queue_mail(email="nobody@example.com"), queue_mail()
    if step == "recipient":
        post.to_recipient["nobody@example.com"] = answer
    else:
        post.to_mails["nobody@example.com"] = answer

    deliver_batch(NEVER)

    given_up = read(refused)
    assert (given_up.state, given_up.last_answer, given_up.due_at) == (MessageState.GIVEN_UP, answer, None)
    assert given_up.needs_attention
    assert read(taken).state is MessageState.SENT
    assert deliver_batch(NEVER) == 0
    assert post.connections == 1


def test_a_server_that_closes_after_each_mail_gets_every_mail_once(app: Flask) -> None:
    messages = [queue_mail() for _ in range(4)]
    post = Post()
    post.closes_after_mail = True
    with mail_server(post) as port:
        use_mail_server(app, port)
        while deliver_batch(NEVER):
            make_all_due()

    assert sorted(mail["Message-ID"] for mail in post.mails) == sorted(message.message_id for message in messages)
    assert {read(message).state for message in messages} == {MessageState.SENT}


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
@pytest.mark.parametrize("name", ["127.0.0.1", "mail.example.com"])
def test_a_server_that_cannot_prove_who_it_is_gets_no_mail(app: Flask, tmp_path: Path, name: str) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    alternative = f"IP:{name}" if name[0].isdigit() else f"DNS:{name}"
    subject = ["-subj", f"/CN={name}", "-addext", f"subjectAltName={alternative}"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *files, *subject],
        check=True,
        capture_output=True,
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    message, post = queue_mail(), Post()

    with mail_server(post, tls_context=context) as port:
        use_mail_server(app, port, MAIL_USE_TLS=True)
        deliver_batch(NEVER)

    assert post.mails == []
    assert read(message).state is MessageState.RETRYING
    assert "CERTIFICATE_VERIFY_FAILED" in (read(message).last_answer or "")
