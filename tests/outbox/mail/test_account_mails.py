"""Mails with links for users, over a real mail server: what is sent, what is stored, and how rejections end."""

import re
import threading
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.factories import make_user, reshape_shop
from tests.outbox.servers import Post
from tests.web.pages import Page
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import AccountMail, AccountMailKind, MessageState, User
from webshop_orders.operations.users import account_mails, credentials
from webshop_orders.outbox.mail.delivery import deliver_batch
from webshop_orders.outbox.retention import delete_expired
from webshop_orders.security import password_links
from webshop_orders.transactions.unit_of_work import writing

NEVER = threading.Event()
PASSWORD = "sju sjösjuka sjömän"


@pytest.fixture(autouse=True)
def base_url(app: Flask) -> None:
    app.config["BASE_URL"] = "https://desk.example.com"


def queue(user: User, kind: AccountMailKind = AccountMailKind.INVITATION, by: str = "Anna <b>Lind</b>") -> AccountMail:
    with writing():
        return account_mails.queue(user, kind, by=by)


def read(mail: AccountMail) -> AccountMail:
    db.session.rollback()
    return db.session.get_one(AccountMail, mail.id, populate_existing=True)


def link_in(post: Post) -> str:
    """The link of the newest mail, which is the same in its text and its HTML part."""
    mail = post.mails[-1]
    found = {part: re.findall(r"https://[^\s\"<]+", mail.get_body((part,)).get_content()) for part in ("plain", "html")}
    assert found["plain"] == found["html"]
    (link,) = found["plain"]
    return link


def choose(client: FlaskClient, link: str, password: str = PASSWORD) -> int:
    path = link.removeprefix("https://desk.example.com")
    page = client.get(path)
    if page.status_code != 200:
        return page.status_code
    return client.post(path, data={**Page(page.text).form("").values(), "password": password}).status_code


@pytest.mark.parametrize(("language", "subject"), [("sv", "Välkommen till"), ("en", "Welcome to")])
def test_an_invitation_arrives_and_its_link_works_once(app: Flask, post: Post, language: str, subject: str) -> None:
    reshape_shop(name="Ljus & Linne", language=language)
    mail = queue(make_user(name="Åsa <i>Öberg</i>"))

    assert deliver_batch(NEVER) == 1

    (arrived,) = post.mails
    assert arrived["To"] == "asa@example.com"
    assert arrived["Message-ID"] == mail.message_id
    assert arrived["Subject"].startswith(subject)
    assert arrived["Subject"].endswith("Ljus & Linne")
    assert "Åsa <i>Öberg</i>" in arrived.get_body(("plain",)).get_content()
    html = arrived.get_body(("html",)).get_content()
    assert "Åsa &lt;i&gt;Öberg&lt;/i&gt;" in html
    assert "Anna &lt;b&gt;Lind&lt;/b&gt;" in html
    sent = read(mail)
    assert (sent.state, sent.attempts, sent.last_answer) == (MessageState.SENT, 1, "250 2.0.0 Taken as 4711")
    link = link_in(post)
    assert link.startswith("https://desk.example.com/password/")
    assert choose(app.test_client(), link) == 303
    assert choose(app.test_client(), link) == 404
    db.session.expire_all()
    assert credentials.authenticate("asa@example.com", PASSWORD).email == "asa@example.com"


def test_no_link_is_kept(post: Post) -> None:
    queue(make_user(), AccountMailKind.RESET)
    deliver_batch(NEVER)
    token = link_in(post).rpartition("/")[2]
    kept = [str(row) for table in db.metadata.sorted_tables for row in db.session.execute(table.select())]
    assert not [row for row in kept if token in row or token.split(".")[0] in row]


def test_the_time_of_a_link_begins_when_it_leaves(app: Flask, post: Post) -> None:
    mail = queue(make_user(password="gammalt"), AccountMailKind.RESET)
    with time_machine.travel(mail.queued_at + timedelta(hours=5), tick=False) as clock:
        deliver_batch(NEVER)
        clock.shift(timedelta(minutes=59))
        assert password_links.find_user(link_in(post).rpartition("/")[2]) is not None
        clock.shift(timedelta(minutes=2))
        assert password_links.find_user(link_in(post).rpartition("/")[2]) is None


def test_a_mail_that_is_refused_for_good_is_given_up_with_the_servers_words(post: Post) -> None:
    mail = queue(make_user())
    post.to_recipient["asa@example.com"] = "550 5.1.1 No such user"
    deliver_batch(NEVER)
    assert (read(mail).state, read(mail).last_answer) == (MessageState.GIVEN_UP, "550 5.1.1 No such user")
    assert deliver_batch(NEVER) == 0
    assert account_mails.latest([db.session.get_one(User, mail.user_id)])[mail.user_id].id == mail.id


def test_a_mail_that_is_put_off_leaves_later_with_a_link_that_holds(app: Flask, post: Post) -> None:
    mail = queue(make_user())
    post.to_mail = "451 4.7.1 Greylisted, try later"
    deliver_batch(NEVER)
    assert (read(mail).state, read(mail).attempts) == (MessageState.RETRYING, 1)
    post.to_mail = "250 OK"
    with writing():
        db.session.execute(update(AccountMail).values(due_at=now()))
    deliver_batch(NEVER)
    assert (read(mail).state, read(mail).attempts) == (MessageState.SENT, 2)
    assert post.mails[-1]["Message-ID"] == mail.message_id
    assert choose(app.test_client(), link_in(post)) == 303


@pytest.mark.parametrize("what", ["off", "no address", "no base"])
def test_a_mail_with_nobody_to_go_to_or_nothing_to_link_to_is_given_up(app: Flask, post: Post, what: str) -> None:
    user = make_user(email="åsa@example.com" if what == "no address" else "asa@example.com")
    mail = queue(user)
    if what == "off":
        with writing():
            db.session.execute(update(User).values(active=False))
    elif what == "no base":
        app.config["BASE_URL"] = None
    fine = queue(make_user("bo@example.com")) if what == "no address" else None
    deliver_batch(NEVER)
    assert read(mail).state is MessageState.GIVEN_UP
    said = {"off": "avstängd", "no address": "Adressen går inte att använda", "no base": "BASE_URL"}[what]
    assert said in read(mail).last_answer
    assert [one["To"] for one in post.mails] == (["bo@example.com"] if fine else [])


def test_a_crashed_worker_leaves_the_mail_to_the_next(post: Post) -> None:
    mail = queue(make_user())
    with writing():
        taken = {"state": MessageState.SENDING, "attempts": 1, "due_at": now() - timedelta(seconds=1)}
        db.session.execute(update(AccountMail).values(taken))
    deliver_batch(NEVER)
    assert (read(mail).state, read(mail).attempts) == (MessageState.SENT, 2)


def test_without_a_mail_server_nothing_is_tried(app: Flask) -> None:
    mail = queue(make_user())
    assert deliver_batch(NEVER) == 0
    assert (read(mail).state, read(mail).attempts) == (MessageState.QUEUED, 0)


def test_what_left_a_month_ago_is_forgotten(post: Post) -> None:
    old, waiting = queue(make_user()), queue(make_user("bo@example.com"))
    deliver_batch(NEVER)
    with writing():
        db.session.execute(update(AccountMail).values(queued_at=now() - timedelta(days=31)))
        again = {"state": MessageState.RETRYING, "due_at": now() + timedelta(hours=1)}
        db.session.execute(update(AccountMail).where(AccountMail.id == waiting.id).values(again))
    delete_expired()
    assert db.session.scalars(select(AccountMail.id)).all() == [waiting.id]
    assert old.id != waiting.id
