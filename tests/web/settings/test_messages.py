"""Konfiguration, Utskick: the mails of all orders, their states, and the actions on them."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import update

from tests.factories import ASA, make_order, make_product, reshape_shop
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.orders.changes import give_up
from tests.web.pages import Page
from webshop_orders import mailing
from webshop_orders.clock import now
from webshop_orders.db import paging
from webshop_orders.db.extensions import db
from webshop_orders.mailing.templates.rendered_mail import RenderedMail
from webshop_orders.models import SYSTEM, Message, MessageAttempt, MessageKind, MessageState, Order
from webshop_orders.operations.orders import message_search
from webshop_orders.transactions.unit_of_work import writing

URL = "/settings/messages"


@pytest.fixture
def asa(app: Flask) -> Message:
    """The order confirmation of Åsa's order."""
    make_product("LJUS-12")
    return mail_of(make_order(("LJUS-12", 1)))


@pytest.fixture
def nils(asa: Message) -> Message:
    """The order confirmation of Nils' order, which his mail server rejected."""
    message = mail_of(make_order(("LJUS-12", 1), customer=replace(ASA, name="Nils Ek", email="nils@example.com")))
    give_up(message)
    with writing():
        response = "550 5.1.1 No such user"
        db.session.execute(update(Message).where(Message.id == message.id).values(last_answer=response, attempts=1))
        db.session.add(MessageAttempt(message_id=message.id, number=1, state=MessageState.GIVEN_UP, answer=response))
    return message


@pytest.fixture
def trial(asa: Message) -> Message:
    """A test mail of a template."""
    with writing():
        rendered = RenderedMail("Ett prov", "text", "<p>html</p>")
        order = db.session.get_one(Order, asa.order_id)
        return mailing.queue_test(MessageKind.COMMENT, "sv", rendered, "anna@example.com", about=order, by=SYSTEM)


def mail_of(order: Order) -> Message:
    return db.session.query(Message).filter_by(order_id=order.id).one()


def read(message: Message) -> Message:
    db.session.rollback()
    return db.session.get_one(Message, message.id, populate_existing=True)


def subjects(page: Page) -> list[str]:
    return [text for text in page.buttons if "WS-1" in text and "bekräftelse" in text]


@on_sqlite
def test_the_page_requires_signing_in(nobody: Browser) -> None:
    assert nobody.get(URL).location.startswith("/login")


@on_sqlite
def test_a_viewer_sees_all_mails_and_changes_none(viewer: Browser, nils: Message) -> None:
    page = viewer.page(f"{URL}/{nils.id}")

    assert "550 5.1.1 No such user" in page.text
    assert {form.action for form in page.forms if form.method == "post"} == {"/logout"}
    values = {"csrf_token": viewer.token(), "recipient": "x@example.com"}
    for action in ("queueing", "copies", "settlement"):
        assert viewer.post(f"{URL}/{nils.id}/{action}", values).status_code == 403


@on_sqlite
@pytest.mark.parametrize("path", ["4711", "4711/body"])
def test_an_unknown_mail_is_not_found(staff: Browser, path: str) -> None:
    assert staff.get(f"{URL}/{path}").status_code == 404


@on_sqlite
@pytest.mark.parametrize("action", ["queueing", "copies", "settlement"])
def test_an_action_on_an_unknown_mail_is_not_found(staff: Browser, action: str) -> None:
    values = {"csrf_token": staff.token(), "recipient": "x@example.com"}
    assert staff.post(f"{URL}/4711/{action}", values).status_code == 404


@on_sqlite
def test_an_invalid_recipient_is_refused_with_a_message_at_the_field(staff: Browser, nils: Message) -> None:
    response = staff.send(f"{URL}/{nils.id}", f"{URL}/{nils.id}/copies", recipient="ingen adress")

    page = Page(response.text)
    assert response.status_code == 422
    assert "Ange en e-postadress" in page.text
    assert page.form(f"{URL}/{nils.id}/copies").values()["recipient"] == "ingen adress"


@on_sqlite
def test_withdrawn_mails_are_listed_with_who_withdrew_them(staff: Browser, asa: Message, nils: Message) -> None:
    with writing():
        values = {"state": MessageState.WITHDRAWN, "held_because": None, "withdrawn_at": now(), "withdrawn_by": "Anna"}
        db.session.execute(update(Message).where(Message.id == asa.id).values(values))

    page = staff.page(f"{URL}?state=withdrawn")

    assert subjects(page) == [asa.subject]
    assert "återkallat av Anna i dag" in page.text
    assert "Återkallade" in page.buttons
    assert subjects(staff.page(f"{URL}?state=attention")) == [nils.subject]


@on_sqlite
@pytest.mark.parametrize("q", ["%", "_", "\\", "'", '"', "å" * 500, "\x00", "\ud800"])
@pytest.mark.parametrize(
    "other_arguments", ["", "&state=nonsense&before=99999999999999999999999", "&before=-1&state=held"]
)
def test_unusual_search_arguments_do_not_break_the_page(
    staff: Browser, asa: Message, q: str, other_arguments: str
) -> None:
    encoded = q.encode("utf-8", "surrogatepass")
    quoted = "".join(f"%{byte:02X}" for byte in encoded)
    assert staff.get(f"{URL}?q={quoted}{other_arguments}").status_code == 200


def test_the_list_shows_recipient_kind_cause_and_outcome(staff: Browser, nils: Message) -> None:
    page = staff.page(URL)

    assert len(subjects(page)) == 2
    for words in (
        "nils@example.com",
        "asa@example.com",
        "Orderbekräftelse",
        "automatiskt",
        "ej skickad: ingen e-postserver",
    ):
        assert words in page.text
    assert "gick inte att leverera" in page.text
    assert "550 5.1.1 No such user" in page.text


@pytest.mark.parametrize(
    ("query", "expected_count"),
    [
        ("?q=nils", 1),
        ("?q=NILS@EXAMPLE.COM", 1),
        ("?q=WS-100001", 1),
        ("?q=orderbekraftelse", 2),
        ("?q=nils+WS-100001", 0),
        ("?q=100%25", 0),
        ("?state=attention", 1),
        ("?state=held", 1),
        ("?state=sent", 0),
        ("?state=under_way", 0),
        ("?state=tests", 0),
        ("?state=attention&q=asa", 0),
    ],
)
def test_mails_are_searched_and_filtered(staff: Browser, nils: Message, query: str, expected_count: int) -> None:
    assert len(subjects(staff.page(URL + query))) == expected_count


@pytest.mark.parametrize(
    ("q", "expected_count"),
    [("orderbekraftelse", 1), ("WS-100001", 1), ("asa@example.com", 1), ("WS-100002", 1), ("asa", 0)],
)
def test_a_mail_beyond_the_scan_limit_is_found_by_order_number_or_address(
    staff: Browser, nils: Message, monkeypatch: pytest.MonkeyPatch, q: str, expected_count: int
) -> None:
    monkeypatch.setattr(message_search, "SCAN_LIMIT", 1)

    page = staff.page(f"{URL}?q={q}")

    assert len(subjects(page)) == expected_count
    assert "Äldre hittas med ordernummer" in page.text


@on_sqlite
@pytest.mark.parametrize("query", ["", "?q=asa"])
def test_within_the_scan_limit_there_is_no_note_about_older_mails(staff: Browser, nils: Message, query: str) -> None:
    assert "Äldre hittas" not in staff.page(URL + query).text


@on_sqlite
def test_a_mail_is_shown_as_sent_with_its_delivery_attempts(staff: Browser, nils: Message) -> None:
    page = staff.page(f"{URL}/{nils.id}")

    assert "Försök 1" in page.text
    assert nils.message_id in page.text
    body = staff.get(f"{URL}/{nils.id}/body")
    assert body.text == nils.html
    assert body.headers["Content-Security-Policy"].startswith("sandbox;")


@on_sqlite
def test_a_mail_of_a_later_page_can_be_opened(
    staff: Browser, nils: Message, asa: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE", 1)

    assert len(subjects(staff.page(URL))) == 1
    assert len(subjects(staff.page(f"{URL}/{asa.id}"))) == 2


@on_sqlite
def test_pages_have_no_gap_or_repeat(staff: Browser, nils: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "PAGE", 1)

    first = staff.page(URL)
    (next_link,) = [link for link in first.links if "before=" in link]
    second = staff.page(next_link)

    assert "nils@example.com" in first.text
    assert "asa@example.com" in second.text
    assert "nils@example.com" not in second.text
    assert not [link for link in second.links if link.startswith(f"{URL}?") and "before=" in link]


@pytest.mark.usefixtures("mail_server")
@pytest.mark.parametrize("htmx", [True, False])
def test_a_mail_that_was_given_up_can_be_queued_again(staff: Browser, nils: Message, htmx: bool) -> None:
    response = staff.send(URL, f"{URL}/{nils.id}/queueing", htmx=htmx)

    assert response.status_code == (200 if htmx else 303)
    queued = read(nils)
    assert (queued.state, queued.needs_attention) == (MessageState.QUEUED, False)
    assert queued.message_id == nils.message_id
    assert queued.due_at is not None
    events = staff.page("/orders/WS-100002/history").text
    assert "till nils@example.com lades i kö på nytt för hand." in events


@on_sqlite
@pytest.mark.usefixtures("mail_server")
def test_a_queued_mail_is_not_queued_twice(staff: Browser, nils: Message) -> None:
    page = f"{URL}/{nils.id}"
    values = staff.page(page).form(f"{page}/queueing").values()
    assert staff.post(f"{page}/queueing", values, htmx=True).status_code == 200

    second_response = staff.post(f"{page}/queueing", {**values, "request_key": "another-key"}, htmx=True)

    assert "Mejlet är redan på väg eller skickat." in Page(second_response.text).text


def test_a_copy_is_sent_to_another_address_without_changing_the_customer(staff: Browser, nils: Message) -> None:
    page = f"{URL}/{nils.id}"

    staff.send(page, f"{page}/copies", htmx=True, recipient="nils.ek@example.org")

    copies = db.session.query(Message).filter_by(recipient="nils.ek@example.org").all()
    assert [(copy.subject, copy.text, copy.html) for copy in copies] == [(nils.subject, nils.text, nils.html)]
    assert copies[0].message_id != nils.message_id
    assert not read(nils).needs_attention
    order = db.session.get_one(Order, nils.order_id)
    assert fresh(order).customer.email == "nils@example.com"


@on_sqlite
def test_a_copy_within_two_minutes_requires_confirmation(staff: Browser, asa: Message) -> None:
    page = f"{URL}/{asa.id}"

    response = staff.send(page, f"{page}/copies", recipient="asa.oberg@example.org")

    assert response.status_code == 422
    confirmation_page = Page(response.text)
    assert "Samma mejl till asa@example.com skrevs för" in confirmation_page.text
    form = confirmation_page.form(f"{page}/copies")
    assert staff.post(form.action, form.values()).status_code == 303
    assert staff.post(form.action, form.values()).status_code == 303, "the same form twice is carried out once"
    db.session.rollback()
    assert db.session.query(Message).filter_by(recipient="asa.oberg@example.org").count() == 1


@on_sqlite
def test_a_dismissed_mail_needs_attention_no_longer(staff: Browser, nils: Message) -> None:
    assert "Utskick ej levererat" in staff.page("/orders").text
    assert "Ett utskick om den här ordern kunde inte levereras." in staff.page("/orders/WS-100002").text

    staff.send(URL, f"{URL}/{nils.id}/settlement")

    assert read(nils).state is MessageState.GIVEN_UP
    assert "Utskick ej levererat" not in staff.page("/orders").text
    assert "kunde inte levereras" not in staff.page("/orders/WS-100002").text
    assert subjects(staff.page(f"{URL}?state=attention")) == []


def test_only_the_order_of_the_undelivered_mail_is_marked(staff: Browser, nils: Message) -> None:
    assert staff.page("/orders").text.count("Utskick ej levererat") == 1
    assert "kunde inte levereras" not in staff.page("/orders/WS-100001").text


@on_sqlite
def test_a_test_mail_is_listed_here_and_not_on_the_order(staff: Browser, asa: Message, trial: Message) -> None:
    assert "test av webshop-orders" in staff.page(f"{URL}?state=tests").text
    mails_of_order = staff.page("/orders/WS-100001/messages")
    assert "Ett prov" not in mails_of_order.text
    assert "Utskick 1" in mails_of_order.text
    assert staff.get(f"/orders/WS-100001/messages/{trial.id}").status_code == 404


@on_sqlite
def test_a_held_mail_of_a_shop_that_sends_by_hand_can_be_sent(
    app: Flask, staff: Browser, asa: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    reshape_shop(mails_order_confirmations=False)
    held_mail = mail_of(make_order(("LJUS-12", 1)))
    page = staff.page(URL)
    assert "ej skickat: butiken skickar dem för hand" in page.text
    assert page.buttons.count("Skicka nu") == 1, "without a mail server, the other one cannot be sent"
    monkeypatch.setitem(app.config, "MAIL_SERVER", "mail.example.com")

    staff.send(URL, f"{URL}/{held_mail.id}/queueing")

    assert read(held_mail).state is MessageState.QUEUED


@on_sqlite
def test_staff_see_a_link_to_this_page_and_to_no_other_settings(staff: Browser, admin: Browser) -> None:
    assert URL in staff.page("/orders").links
    assert not [link for link in staff.page(URL).links if link.startswith("/settings/") and not link.startswith(URL)]
    assert "/settings/shop" in admin.page(URL).links
