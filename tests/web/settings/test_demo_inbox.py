"""Demo-inkorg: what the demo's customers got; nothing but the demo serves it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import closing_engines, settings
from tests.factories import make_order, make_product
from tests.web.conftest import Browser, SignIn, on_sqlite
from tests.web.pages import Page
from webshop_orders import create_app
from webshop_orders.db.extensions import db
from webshop_orders.demo.inbox import Inbox
from webshop_orders.models import Message, MessageState, Role
from webshop_orders.outbox.mail.mime import MimeMail

pytestmark = on_sqlite
URL = "/demo-inbox"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


@pytest.fixture
def app(database: str, tmp_path: Path, folder: Path) -> Iterator[Flask]:
    """An application as the demo runs it."""
    with (
        closing_engines(create_app(settings(database, INSTANCE=tmp_path, DEMO_INBOX=folder))) as app,
        app.app_context(),
    ):
        yield app


@pytest.fixture
def mailbox(app: Flask, folder: Path) -> Inbox:
    return Inbox(folder)


def deliver_confirmation(mailbox: Inbox) -> Message:
    make_product("LJUS-12", name="Stearinljus <b>12</b>")
    message = db.session.query(Message).filter_by(order_id=make_order(("LJUS-12", 2)).id).one()
    mailbox.add(MimeMail(message).as_bytes(), [message.recipient])
    return message


@pytest.mark.parametrize("role", list(Role))
def test_everybody_sees_the_mails_of_the_demo(sign_in: SignIn, mailbox: Inbox, role: Role) -> None:
    message = deliver_confirmation(mailbox)
    browser = sign_in(role)

    page = browser.page(URL)
    assert message.subject in page.text
    assert "asa@example.com" in page.text
    assert "Demo-inkorg" in browser.page("/orders").text
    opened = browser.page(f"{URL}/1")
    assert f"{URL}/1/body" in [frame.get("src") for frame in opened.select("iframe")]
    assert "2 × " in opened.text or "Stearinljus" in opened.text
    assert "<html" not in browser.get(f"{URL}/1", htmx=True).text


def test_a_mail_is_shown_as_its_recipient_sees_it_and_can_run_nothing(staff: Browser, mailbox: Inbox) -> None:
    deliver_confirmation(mailbox)
    response = staff.get(f"{URL}/1/body")

    assert response.headers["Content-Security-Policy"].startswith("sandbox;")
    assert "Stearinljus &lt;b&gt;12&lt;/b&gt;" in response.text


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"\r\n",
        b"\xff\xfe\x00",
        b"Subject: =?x?q?y?=\r\nContent-Type: text/html; charset=nonsense\r\n\r\n<p>\xff",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n",
        b"Subject: <script>alert(1)</script>\r\n\r\nx",
    ],
)
def test_a_mail_that_is_none_is_shown_all_the_same(staff: Browser, mailbox: Inbox, mail: bytes) -> None:
    number = mailbox.add(mail, ["<script>@example.com"])

    assert "<script>" not in Page(staff.get(URL).text).html.split("</head>")[1]
    for path in (f"{URL}/{number}", f"{URL}/{number}/body"):
        assert staff.get(path).status_code == 200


def test_an_empty_inbox_says_how_to_get_a_mail(staff: Browser, mailbox: Inbox) -> None:
    assert "Inga mejl har kommit än." in staff.page(URL).text
    assert staff.get(f"{URL}/1").status_code == 404
    assert staff.get(f"{URL}/1/body").status_code == 404


def test_nobody_sees_it_without_signing_in(nobody: Browser, mailbox: Inbox) -> None:
    assert nobody.get(URL).location == f"/login?next={URL}"


def test_mails_that_a_new_demo_has_sent_are_in_it(app: Flask, mailbox: Inbox) -> None:
    message = deliver_confirmation(mailbox)
    mailbox.clear()
    message.state, message.sent_at, message.due_at, message.held_because = (
        MessageState.SENT,
        message.queued_at,
        None,
        None,
    )

    mailbox.add_sent_mails()

    assert mailbox.numbers() == [1]
    assert mailbox.path(1).stat().st_mtime == pytest.approx(message.queued_at.timestamp())


def test_no_other_order_desk_serves_it(database: str, tmp_path: Path) -> None:
    with closing_engines(create_app(settings(database, INSTANCE=tmp_path))) as app:
        assert not [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("demo_inbox")]
