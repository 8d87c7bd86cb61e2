"""Every mail passes a strict parser, whatever names and texts it contains."""

from dataclasses import replace
from email.message import EmailMessage

import pytest
from flask import Flask

from tests.factories import ASA, LULEA, make_order, make_product, reshape_shop
from tests.mailing.messages.test_messages import as_received, queue
from webshop_orders import mailing
from webshop_orders.models import Actor, Comment, CommentKind, MessageKind, Order
from webshop_orders.operations.orders import loading
from webshop_orders.outbox.mail.mime import MimeMail
from webshop_orders.transactions.unit_of_work import writing

# Serializing a mail does not depend on the database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ONCE = ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "References", "In-Reply-To")
NEVER = ("List-Unsubscribe", "Bcc", "Cc", "Precedence", "X-Mailer")
NAMES = {
    "Swedish": "Åsa Öberg",
    "with quotes": 'Åsa "Å" Öberg',
    "with a comma": "Öberg, Åsa",
    "with brackets": "Åsa <asa@evil.example>",
    "like a header": "Åsa\r\nBcc: evil@example.com",
    "with controls": "Åsa\x07\x1b[31m Öberg",
    "emoji": "Åsa 🕯️👩‍👩‍👧 Öberg",
    "Arabic": "محمد علي \u202e",
    "Chinese": "李小龙" * 20,
    "endless": "Å" * 10_000,
    "endless without a space": "a" * 10_000,
    "encoded already": "=?utf-8?q?=C3=85sa?=",
    "a dot": ".",
    "a backslash": "Åsa\\ Öberg\\",
    "percent signs": "%s %d {0} {{ 7 * 7 }} {% if %}",
}
TEXTS = {
    "dots alone": "Hej\n.\n..\n.\nSlut",
    "From at the start": "From here on\n>From there\nFrom: nobody@example.com",
    "a line of 5 000": "å" * 5_000,
    "a word of 5 000": "a" * 5_000,
    "headers": "Bcc: evil@example.com\r\nSubject: Nej\r\n\r\nHej",
    "a boundary": "--=_abc\nContent-Type: text/html\n\n<script>",
    "carriage returns": "a\rb\r\nc\n\rd",
    "equal signs": "a=3D=\n=20 ==",
    "trailing spaces": "Hej   \n\t\n  ",
    "HTML": "<script>alert(1)</script> & <b>",
}


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("LJUS-12", name="Stearinljus, 12-pack")
    return make_order(("LJUS-12", 2), send_confirmation=False)


def check(mail: EmailMessage, raw: bytes, *, reply_to: str | None = None) -> None:
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert {name: len(mail.get_all(name, [])) for name in ONCE} == dict.fromkeys(ONCE, 1)
    assert {name: mail.get_all(name) for name in NEVER} == dict.fromkeys(NEVER)
    assert mail.get_all("Reply-To", []) == ([reply_to] if reply_to else [])
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert list(mail.iter_attachments()) == []
    for part in (mail, *mail.walk()):
        assert part.defects == []
        for header in part.values():
            assert getattr(header, "defects", ()) == ()
    assert len(mail["To"].addresses) == len(mail["From"].addresses) == 1


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("kind", MessageKind)
def test_whatever_people_are_called(order: Order, anna: Actor, kind: MessageKind, name: str) -> None:
    reshape_shop(sender_name=name[:200], sender_email="hej@ljusstöperiet.example", name=name[:200])
    address = replace(LULEA, name=name)

    message = queue(order, kind, anna, customer=replace(ASA, name=name), shipping_address=address)

    mail = as_received(message, order.number)
    reply_to = "asa@example.com" if kind is MessageKind.SHOP_NOTIFICATION else None
    check(mail, MimeMail(message, order.number).as_bytes(), reply_to=reply_to)
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == message.text.replace("\r\n", "\n").replace("\r", "\n")
    if not name.startswith("=?"):  # which readers show decoded
        assert mail["Subject"] == message.subject


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_whatever_people_write(order: Order, anna: Actor, text: str) -> None:
    with writing():
        present = loading.lock_order(order.number)
        comment = Comment(kind=CommentKind.CUSTOMER, text=text, author=anna.name)
        message = mailing.queue_comment(present, comment, "asa@example.com", by=anna)

    mail = as_received(message, order.number)

    check(mail, MimeMail(message, order.number).as_bytes())
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()


@pytest.mark.parametrize("email", ["asa@räksmörgås.example", "a.b+c@example.com", f"{'a' * 64}@{'b' * 60}.example"])
def test_whatever_their_address_is(order: Order, anna: Actor, email: str) -> None:
    with writing():
        present = loading.lock_order(order.number)
        comment = Comment(kind=CommentKind.CUSTOMER, text="Hej", author=anna.name)
        message = mailing.queue_comment(present, comment, email, by=anna)

    check(as_received(message, order.number), MimeMail(message, order.number).as_bytes())


def test_a_mail_written_twice_is_the_same_to_the_byte(order: Order, anna: Actor) -> None:
    message = queue(order, MessageKind.ORDER_CONFIRMATION, anna)

    assert MimeMail(message, order.number).as_bytes() == MimeMail(message, order.number).as_bytes()


def test_a_mail_about_no_order_has_no_thread(order: Order, anna: Actor) -> None:
    message = queue(order, MessageKind.ORDER_CONFIRMATION, anna)

    assert as_received(message, None)["References"] is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("email", "reply_to"),
    [
        ("asa@example.com", "asa@example.com"),
        ("asa@räksmörgås.example", "asa@xn--rksmrgs-5wao1o.example"),
        ("åsa@example.com", None),
        (None, None),
    ],
)
def test_a_reply_to_the_notification_of_a_new_order_goes_to_the_customer(
    order: Order, anna: Actor, email: str | None, reply_to: str | None
) -> None:
    message = queue(order, MessageKind.SHOP_NOTIFICATION, anna, customer=replace(ASA, email=email))

    check(as_received(message, order.number), MimeMail(message, order.number).as_bytes(), reply_to=reply_to)
