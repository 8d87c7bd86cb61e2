"""What staff are told of a mail is what became of it, and one that is tried again goes to the corrected address."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from tests.factories import make_order, reshape_shop
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.orders.changes import give_up
from tests.web.pages import Page
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.models import SYSTEM, Actor, Message, MessageKind, MessageState, Order
from webshop_orders.operations.orders import customers, messages
from webshop_orders.transactions.unit_of_work import editing, writing

GONE = ("går till", "gick till", "mejlas", "skickades till", "mejlad till")
HELD = "ingen e-postserver"
# Each mail that staff can send from the page of an order: its page, its form, and what is typed.
SENDINGS = {
    "comment": ("", "/comments", {"text": "Hej", "about": "customer", "mail": "yes"}),
    "order confirmation": ("", "/confirmation", {"recipient": "asa@example.com", "agreed": "just-sent"}),
    "order change": ("/messages", "/messages/order-change", {"recipient": "asa@example.com"}),
    "shipping": ("/shipping", "/shipments/2/status", {"status": "shipped", "agreed": "no-code"}),
    "delivery confirmation": (
        "/messages",
        "/shipments/3/confirmation",
        {"recipient": "asa@example.com", "agreed": "just-sent"},
    ),
}


def mail_of(order: Order, kind: MessageKind = MessageKind.ORDER_CONFIRMATION) -> Message:
    db.session.rollback()
    mails = db.session.query(Message).populate_existing().filter_by(order_id=order.id, kind=kind)
    return mails.order_by(Message.id.desc()).limit(1).one()


def set_state(message: Message, state: MessageState) -> None:
    sent_at = now() if state is MessageState.SENT else None
    due_at = now() if state in {MessageState.QUEUED, MessageState.RETRYING} else None
    with writing():
        values = {"state": state, "held_because": None, "due_at": due_at, "sent_at": sent_at}
        db.session.execute(update(Message).where(Message.id == message.id).values(values))


def send(browser: Browser, order: Order, sending: str) -> str:
    """Send a mail by its form, and return the toasts of the answer."""
    page, action, values = SENDINGS[sending]
    url = f"/orders/{order.number}"
    response = browser.send(f"{url}{page}", f"{url}{action}", htmx=True, **values)
    assert response.status_code == 200, response.text
    return " ".join(element.text_content() for element in Page(response.text).select(".toast-line"))


def correct_address(order: Order, email: str | None) -> None:
    with editing(order.number, None, SYSTEM) as locked:
        addresses = locked.billing_address, locked.shipping_address
        customers.change(locked, replace(locked.customer, email=email), *addresses, by=SYSTEM)


@on_sqlite
@pytest.mark.parametrize("sending", SENDINGS)
def test_a_mail_that_is_held_is_never_told_as_gone(staff: Browser, parts: Order, sending: str) -> None:
    toasts = send(staff, parts, sending)

    assert HELD in toasts
    event = staff.page(f"/orders/{parts.number}/history").select(".history li")[0].text_content()
    assert HELD in event
    assert not [word for word in GONE if word in toasts + event]


@on_sqlite
@pytest.mark.usefixtures("mail_server")
@pytest.mark.parametrize("sending", SENDINGS)
def test_a_mail_that_is_queued_is_told_to_go(staff: Browser, parts: Order, sending: str) -> None:
    toasts = send(staff, parts, sending)

    assert "går till asa@example.com" in toasts
    event = staff.page(f"/orders/{parts.number}/history").select(".history li")[0].text_content()
    assert "hölls" not in event
    assert not [word for word in GONE if word in event], "it has not left yet"


@on_sqlite
def test_a_mail_that_the_shop_sends_by_hand_is_told_as_held(staff: Browser, parts: Order) -> None:
    reshape_shop(mails_delivery_confirmations=False)

    assert "väntar under Utskick tills någon skickar den" in send(staff, parts, "shipping")
    assert "Mejlet hölls kvar: butiken skickar sådana för hand." in staff.page(f"/orders/{parts.number}/history").text


@on_sqlite
@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (MessageState.SENT, "mejl till asa@example.com: skickad i dag"),
        (MessageState.QUEUED, "mejl till asa@example.com: köad"),
        (MessageState.RETRYING, "mejl till asa@example.com: misslyckades tillfälligt"),
        (MessageState.GIVEN_UP, "mejl till asa@example.com: gick inte att leverera"),
    ],
)
def test_a_mailed_comment_says_what_became_of_its_mail(
    staff: Browser, parts: Order, state: MessageState, expected: str
) -> None:
    send(staff, parts, "comment")
    assert "ej skickad: ingen e-postserver inställd" in comment_head(staff, parts)
    set_state(mail_of(parts, MessageKind.COMMENT), state)

    head = comment_head(staff, parts)

    assert "Till kund" in head
    assert expected in head


def comment_head(browser: Browser, order: Order) -> str:
    return " ".join(browser.page(f"/orders/{order.number}").select(".comment .muted")[0].text_content().split())


@on_sqlite
def test_a_comment_to_the_customer_that_is_not_mailed_says_that_nobody_gets_it(staff: Browser, parts: Order) -> None:
    url = f"/orders/{parts.number}"

    response = staff.send(url, f"{url}/comments", htmx=True, text="Hej", about="customer")

    assert "Kommentaren är sparad, men ingen får den: den mejlades inte." in Page(response.text).text
    assert "inte mejlad, så ingen får den" in comment_head(staff, parts)
    staff.send(url, f"{url}/comments", htmx=True, text="Hej", about="internal")
    assert "ingen får den" not in comment_head(staff, parts)


def test_what_the_customer_wrote_is_from_the_customer(staff: Browser, app: Flask) -> None:
    order, silent = make_order(("LJUS-12", 1), comment="Ring på porten"), make_order(("LJUS-12", 1))

    assert "Från kund" in comment_head(staff, order)
    assert "Till kund" not in comment_head(staff, order)
    assert "ingen får den" not in comment_head(staff, order)
    shipping = staff.page(f"/orders/{order.number}/shipping").text
    assert "Från kund Oläst Ring på porten" in shipping
    assert "Från kund" not in staff.page(f"/orders/{silent.number}/shipping").text
    marked = {
        row.get("id"): "Kunden har skrivit" in row.text_content() for row in staff.page("/orders").select("tr[id]")
    }
    assert marked == {f"order-{order.id}": True, f"order-{silent.id}": False}


@on_sqlite
@pytest.mark.parametrize(
    ("state", "seconds", "expected"),
    [
        (MessageState.SENT, 1, "Samma mejl skickades till asa@example.com för 1 sekund sedan."),
        (MessageState.SENT, 2, "Samma mejl skickades till asa@example.com för 2 sekunder sedan."),
        (MessageState.QUEUED, 1, "Samma mejl till asa@example.com skrevs för 1 sekund sedan och är på väg."),
        (MessageState.RETRYING, 9, "Samma mejl till asa@example.com skrevs för 9 sekunder sedan och är på väg."),
        (None, 1, "Samma mejl till asa@example.com skrevs för 1 sekund sedan. Det hålls kvar: ingen e-postserver"),
    ],
)
def test_the_warning_of_a_second_mail_says_what_became_of_the_first(
    staff: Browser, order: Order, state: MessageState | None, seconds: int, expected: str
) -> None:
    message, url = mail_of(order), f"/orders/{order.number}"
    if state is not None:
        set_state(message, state)

    with time_machine.travel(message.queued_at + timedelta(seconds=seconds), tick=False):
        response = staff.send(url, f"{url}/confirmation", htmx=True, recipient="asa@example.com")

    assert response.status_code == 422
    assert expected in Page(response.text).text


@pytest.mark.usefixtures("mail_server")
def test_a_given_up_mail_goes_to_the_corrected_address(staff: Browser, order: Order) -> None:
    message, url = mail_of(order), f"/orders/{order.number}/messages"
    give_up(message)
    page = staff.page(url)
    assert "Försök igen" in page.buttons
    assert f"/orders/{order.number}/customer#customer-email" in page.links
    assert "Ändra adress" in page.buttons
    correct_address(order, "ratt@example.se")
    assert "Skicka till ratt@example.se" in staff.page(url).buttons
    assert "Skicka till ratt@example.se" in staff.page("/settings/messages").buttons

    response = staff.send(url, f"{url}/{message.id}/queueing", htmx=True)

    assert "Mejlet går till ratt@example.se." in Page(response.text).text
    queued = mail_of(order)
    assert (queued.id, queued.message_id) == (message.id, message.message_id)
    assert (queued.recipient, queued.state) == ("ratt@example.se", MessageState.QUEUED)
    assert "till ratt@example.se lades i kö på nytt" in staff.page(f"/orders/{order.number}/history").text
    assert staff.page("/settings/messages?q=ratt@example.se").buttons.count(queued.subject) == 1


@on_sqlite
@pytest.mark.usefixtures("mail_server")
def test_a_mail_that_is_tried_again_for_days_can_go_to_the_corrected_address(staff: Browser, order: Order) -> None:
    message, url = mail_of(order), f"/orders/{order.number}/messages"
    set_state(message, MessageState.RETRYING)
    assert f"{url}/{message.id}/queueing" not in [form.action for form in staff.page(url).forms]
    correct_address(order, "ratt@example.se")

    staff.send(url, f"{url}/{message.id}/queueing", htmx=True)

    assert (mail_of(order).recipient, mail_of(order).state) == ("ratt@example.se", MessageState.QUEUED)


@on_sqlite
@pytest.mark.usefixtures("mail_server")
@pytest.mark.parametrize("corrected", [None, "ratt@example.se"])
def test_a_copy_to_another_address_goes_there_again(
    staff: Browser, order: Order, anna: Actor, corrected: str | None
) -> None:
    original = mail_of(order).id
    with editing(order.number, None, anna):
        copy = messages.send_copy(messages.get(original), "revisor@example.com", by=anna)
    give_up(copy)
    correct_address(order, corrected)
    url = f"/orders/{order.number}/messages"

    staff.send(url, f"{url}/{copy.id}/queueing", htmx=True)

    assert mail_of(order).recipient == "revisor@example.com"


@on_sqlite
@pytest.mark.usefixtures("mail_server")
def test_the_notification_of_a_new_order_goes_to_the_shops_corrected_address(staff: Browser, app: Flask) -> None:
    reshape_shop(notification_email="fel@example.com")
    order = make_order(("LJUS-12", 1))
    message = mail_of(order, MessageKind.SHOP_NOTIFICATION)
    give_up(message)
    reshape_shop(notification_email="desk@example.com")
    url = f"/orders/{order.number}/messages"
    assert f"/orders/{order.number}/customer#customer-email" not in staff.page(url).links

    staff.send(url, f"{url}/{message.id}/queueing", htmx=True)

    assert mail_of(order, MessageKind.SHOP_NOTIFICATION).recipient == "desk@example.com"


@on_sqlite
def test_without_a_mail_server_a_mail_that_is_tried_again_is_held(staff: Browser, order: Order) -> None:
    message, url = mail_of(order), f"/orders/{order.number}/messages"
    give_up(message)
    values = staff.page(url).form(f"{url}/{message.id}/queueing").values()

    answer = staff.post(f"{url}/{message.id}/queueing", values, htmx=True)
    assert HELD in Page(answer.text).text
    assert mail_of(order).state is MessageState.HELD
    again = staff.post(f"{url}/{message.id}/queueing", {**values, "request_key": "another-key"}, htmx=True)
    assert "Det finns fortfarande ingen e-postserver" in Page(again.text).text


@on_sqlite
def test_the_address_of_a_cancelled_order_is_not_offered_to_be_changed(staff: Browser, order: Order) -> None:
    give_up(mail_of(order))
    url = f"/orders/{order.number}"
    staff.send(url, f"{url}/cancellation", htmx=True)

    assert "Ändra adress" not in staff.page(f"{url}/messages").buttons


def test_a_line_is_marked_by_its_own_cover(staff: Browser, order: Order) -> None:
    rows = {row.get("id"): row for row in staff.page(f"/orders/{order.number}").select("tr[id^=summary-line]")}

    candles, sticks = (next(line for line in fresh(order).lines if line.sku == sku) for sku in ("LJUS-12", "KAN-02"))
    assert "Redo" in rows[f"summary-line-{candles.id}"].text_content()
    assert "Restnoterad" in rows[f"summary-line-{sticks.id}"].text_content()
    assert "2 av 3 restnoterade" in rows[f"summary-line-{sticks.id}"].text_content()


def reopen(browser: Browser, order: Order, *, htmx: bool = True) -> str:
    """Take the second shipment back from shipped, and return the page that follows."""
    url = f"/orders/{order.number}"
    response = browser.send(f"{url}/shipping", f"{url}/shipments/2/status", htmx=htmx, status="reopened")
    return Page(response.text).text if htmx else browser.page(response.location).text


@on_sqlite
@pytest.mark.usefixtures("mail_server")
def test_a_shop_that_waits_no_time_is_told_that_the_mail_goes(staff: Browser, parts: Order) -> None:
    reshape_shop(mail_grace_seconds=0)

    assert "och en leveransbekräftelse går till asa@example.com." in send(staff, parts, "shipping")
    assert "återkallar Ångra skickad" not in staff.page(f"/orders/{parts.number}/shipping").text


@on_sqlite
@pytest.mark.usefixtures("mail_server")
@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_within_the_grace_reopening_withdraws_the_mail_and_says_so_before_and_after(
    staff: Browser, parts: Order, htmx: bool
) -> None:
    with time_machine.travel(now(), tick=False):
        here = now().astimezone(ZoneInfo("Europe/Stockholm"))
        due = f"{here + timedelta(seconds=30):%H:%M:%S}"
        assert "går till asa@example.com om 30 s." in send(staff, parts, "shipping")
        page = staff.page(f"/orders/{parts.number}/shipping")
        assert f"Till {due} återkallar Ångra skickad även leveransbekräftelsen." in page.text
        assert f"köad, går {due}" in staff.page(f"/orders/{parts.number}/messages").text

        assert "WS-100001-2: Redo. Leveransbekräftelsen återkallades." in reopen(staff, parts, htmx=htmx)

        mails = staff.page(f"/orders/{parts.number}/messages")
        assert f"återkallat av Staff Berg i dag {here:%H:%M}" in mails.text
        assert "Skicka nu" in mails.buttons
        assert "Leveransbekräftelsen återkallades." in staff.page(f"/orders/{parts.number}/history").text
    assert mail_of(parts, MessageKind.DELIVERY_CONFIRMATION).state is MessageState.WITHDRAWN


@on_sqlite
@pytest.mark.usefixtures("mail_server")
@pytest.mark.parametrize(
    ("state", "told"),
    [
        (MessageState.SENT, "Leveransbekräftelsen har redan gått till asa@example.com."),
        (MessageState.RETRYING, "Leveransbekräftelsen till asa@example.com är på väg och kan inte återkallas."),
    ],
)
def test_after_the_grace_reopening_says_that_the_mail_has_gone(
    staff: Browser, parts: Order, state: MessageState, told: str
) -> None:
    send(staff, parts, "shipping")
    message = mail_of(parts, MessageKind.DELIVERY_CONFIRMATION)
    set_state(message, state)
    with writing():
        db.session.execute(update(Message).where(Message.id == message.id).values(attempts=1))

    with time_machine.travel(now() + timedelta(seconds=31)):
        page = staff.page(f"/orders/{parts.number}/shipping")
        assert "återkallar Ångra skickad" not in page.text
        assert page.select("#reopen-2")[0].get("title") == "Ett utskick som har gått återkallas inte."
        assert told in reopen(staff, parts)
        history = staff.page(f"/orders/{parts.number}/history").text

    assert "Leveransbekräftelsen hade redan gått till asa@example.com." in history
    assert mail_of(parts, MessageKind.DELIVERY_CONFIRMATION).state is state


@on_sqlite
@pytest.mark.usefixtures("mail_server")
def test_a_withdrawn_mail_is_sent_by_hand(staff: Browser, parts: Order) -> None:
    send(staff, parts, "shipping")
    reopen(staff, parts)
    message, url = mail_of(parts, MessageKind.DELIVERY_CONFIRMATION), f"/orders/{parts.number}/messages"

    page = staff.page(url)
    action = next(form.action for form in page.forms if f"/messages/{message.id}/" in form.action)
    response = staff.send(url, action, htmx=True)

    assert "Mejlet går till asa@example.com." in Page(response.text).text
    assert mail_of(parts, MessageKind.DELIVERY_CONFIRMATION).state is MessageState.QUEUED
