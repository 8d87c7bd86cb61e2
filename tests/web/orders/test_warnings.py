"""Warnings before an embarrassing mail, such as rule 20's: staff can correct the cause or confirm."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from tests.factories import ASA, make_order, make_product, reshape_shop
from tests.web.conftest import Browser, fresh, on_sqlite
from tests.web.pages import Page
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.mailing.templates.shipped_templates import source
from webshop_orders.models import SYSTEM, Actor, MailSource, MailTemplate, Message, MessageKind, MessageState, Order
from webshop_orders.operations.orders import shipments, tracking
from webshop_orders.operations.settings import mail_templates
from webshop_orders.transactions.unit_of_work import editing, writing

NO_CODE = "har ingen spårningskod, så kunden kan inte spåra sin försändelse."
NOT_SHOWN = "Utskicksmallen visar ingen spårningskod, så kunden kan inte spåra sin försändelse."
SHOWS_NOT_ALL = "Utskicksmallen utelämnar produkter: Stearinljus, 12-pack."
NO_ADDRESS = "Kunden har ingen e-postadress, så ingen leveransbekräftelse kan skickas."
JUST_SENT = "Samma mejl till"
ANYWAY = "Skicka ändå"


@pytest.fixture
def ready(app: Flask, anna: Actor) -> Order:
    """An order in one shipment with a tracking code, whose mail gives no warning."""
    make_product("LJUS-12", name="Stearinljus, 12-pack", stock=24)
    order = make_order(("LJUS-12", 2))
    with editing(order.number, None, anna) as locked_order:
        tracking.add(locked_order.shipments[0], "ABC-1", "PostNord", None, by=anna)
    return order


def ship(browser: Browser, order: Order, **typed: object) -> Page:
    """Set Skickad, and return the page that follows."""
    url = f"/orders/{order.number}"
    response = browser.send(f"{url}/shipping", f"{url}/shipments/1/status", htmx=True, status="shipped", **typed)
    return Page(response.text)


def is_shipped(order: Order) -> bool:
    return fresh(order).shipments[0].is_shipped


def use_template(**parts: str) -> None:
    """Store a delivery confirmation template of the shop's own, unchecked, as if it were saved by an older version."""
    kind = MessageKind.DELIVERY_CONFIRMATION
    with writing():
        mail_templates.save(kind, "sv", replace(source(kind, "sv"), **parts), by=SYSTEM)


def mails_of(order: Order, kind: MessageKind) -> list[Message]:
    db.session.rollback()
    return db.session.query(Message).filter_by(order_id=order.id, kind=kind).all()


def remove_code(order: Order, by: Actor) -> None:
    with editing(order.number, None, by) as locked_order:
        shipment = locked_order.shipments[0]
        tracking.remove(shipment, shipment.tracking_codes[0].id, by=by)


@pytest.mark.usefixtures("mail_server")
def test_a_complete_shipment_ships_without_a_warning(staff: Browser, ready: Order) -> None:
    assert "är skickad, och en leveransbekräftelse går till asa@example.com om 30 s." in ship(staff, ready).text
    assert is_shipped(ready)


def test_rule_20_a_missing_tracking_code_requires_confirmation(staff: Browser, anna: Actor, ready: Order) -> None:
    remove_code(ready, anna)

    page = ship(staff, ready)

    assert f"WS-100001-1 {NO_CODE}" in page.text
    assert not is_shipped(ready)
    assert mails_of(ready, MessageKind.DELIVERY_CONFIRMATION) == []


def test_rule_20_staff_can_confirm_the_warning(staff: Browser, anna: Actor, ready: Order) -> None:
    remove_code(ready, anna)
    action = f"/orders/{ready.number}/shipments/1/status"

    forms = [
        form for form in ship(staff, ready).forms if form.action == action and ("agreed", "no-code") in form.fields
    ]

    response = staff.post(action, {**forms[0].values(), "status": "shipped"}, htmx=True)
    assert "är skickad" in Page(response.text).text
    assert is_shipped(ready)


@on_sqlite
@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"text": "{{ blocks.rows }}", "html": "{{ blocks.rows }}"}, NOT_SHOWN),
        ({"text": "{{ blocks.rows }}"}, NOT_SHOWN),
        ({"html": "{{ blocks.rows }}"}, NOT_SHOWN),
        ({"html": "{{ blocks.tracking }}"}, SHOWS_NOT_ALL),
        ({"text": "{{ blocks.tracking }}"}, SHOWS_NOT_ALL),
    ],
)
def test_rule_20_an_incomplete_template_requires_confirmation(
    staff: Browser, ready: Order, parts: dict[str, str], sentence: str
) -> None:
    use_template(**parts)

    assert sentence in ship(staff, ready).text
    assert not is_shipped(ready)


@on_sqlite
def test_only_an_administrator_gets_a_link_to_the_template(staff: Browser, admin: Browser, ready: Order) -> None:
    use_template(html="{{ blocks.rows }}")
    target_url = f"/settings/templates/delivery_confirmation/sv?order={ready.number}"

    assert target_url not in ship(staff, ready).links
    assert target_url in ship(admin, ready).links


def test_a_missing_email_address_requires_confirmation(staff: Browser, app: Flask) -> None:
    make_product("LJUS-12")
    order = make_order(("LJUS-12", 1), customer=replace(ASA, email=None))

    page = ship(staff, order)

    assert NO_ADDRESS in page.text
    assert f"/orders/{order.number}/customer" in page.links
    assert not is_shipped(order)
    ship(staff, order, agreed="no-address")
    assert is_shipped(order)


@on_sqlite
def test_a_confirmation_covers_only_its_own_warning(staff: Browser, anna: Actor, ready: Order) -> None:
    remove_code(ready, anna)
    use_template(html="{{ blocks.tracking }}")

    assert SHOWS_NOT_ALL in ship(staff, ready, agreed="no-code").text
    assert not is_shipped(ready)


@on_sqlite
def test_a_shop_without_automatic_delivery_confirmations_gets_no_warning(
    staff: Browser, anna: Actor, ready: Order
) -> None:
    reshape_shop(mails_delivery_confirmations=False)
    remove_code(ready, anna)

    assert "väntar under Utskick tills någon skickar den" in ship(staff, ready).text
    assert is_shipped(ready)


@on_sqlite
def test_with_a_broken_template_the_included_one_is_mailed_with_a_remark(staff: Browser, ready: Order) -> None:
    use_template(html="{{ order.nmae }}")

    ship(staff, ready)

    (mail,) = mails_of(ready, MessageKind.DELIVERY_CONFIRMATION)
    assert "ABC-1" in mail.html
    assert "Butikens egen mall kunde inte användas" in (mail.remark or "")
    assert "Butikens egen mall kunde inte användas" in staff.page(f"/orders/{ready.number}/messages").text


def test_the_same_mail_within_two_minutes_requires_confirmation(staff: Browser, ready: Order) -> None:
    url = f"/orders/{ready.number}"

    response = staff.send(url, f"{url}/confirmation", htmx=True, recipient="annan@example.com")

    page = Page(response.text)
    assert response.status_code == 422
    assert f"{JUST_SENT} asa@example.com" in page.text
    assert ANYWAY in page.buttons
    form = page.form(f"{url}/confirmation")
    assert (form.values()["recipient"], form.values()["agreed"]) == ("annan@example.com", "just-sent")
    assert len(mails_of(ready, MessageKind.ORDER_CONFIRMATION)) == 1

    assert staff.post(form.action, form.values(), htmx=True).status_code == 200
    assert len(mails_of(ready, MessageKind.ORDER_CONFIRMATION)) == 2


@on_sqlite
def test_after_two_minutes_the_same_mail_needs_no_confirmation(staff: Browser, ready: Order) -> None:
    url = f"/orders/{ready.number}"

    with time_machine.travel(now() + timedelta(minutes=2, seconds=1)):
        response = staff.send(url, f"{url}/confirmation", htmx=True, recipient="annan@example.com")

    assert response.status_code == 200


@on_sqlite
def test_a_mail_about_another_shipment_needs_no_confirmation(staff: Browser, anna: Actor, parts: Order) -> None:
    with editing(parts.number, None, anna) as locked_order:
        tracking.add(locked_order.shipments[0], "ABC-2", None, None, by=anna)

    assert "är skickad" in ship(staff, parts, agreed="uncovered").text


@on_sqlite
def test_shipping_again_after_the_mail_was_withdrawn_needs_no_confirmation(
    staff: Browser, anna: Actor, ready: Order
) -> None:
    ship(staff, ready)
    with editing(ready.number, None, anna) as locked_order:
        shipments.reopen(locked_order.shipments[0], by=anna)

    assert "är skickad" in ship(staff, ready).text
    assert len(mails_of(ready, MessageKind.DELIVERY_CONFIRMATION)) == 2


@on_sqlite
def test_shipping_again_after_reopening_requires_confirmation(staff: Browser, anna: Actor, ready: Order) -> None:
    ship(staff, ready)
    (sent,) = mails_of(ready, MessageKind.DELIVERY_CONFIRMATION)
    with writing():
        values = {"state": MessageState.SENT, "attempts": 1, "due_at": None, "held_because": None}
        db.session.execute(update(Message).where(Message.id == sent.id).values(values))
    with editing(ready.number, None, anna) as locked_order:
        shipments.reopen(locked_order.shipments[0], by=anna)

    assert "Samma mejl skickades till asa@example.com" in ship(staff, ready).text
    assert len(mails_of(ready, MessageKind.DELIVERY_CONFIRMATION)) == 1


@on_sqlite
def test_a_delivery_confirmation_sent_by_hand_gives_the_same_warnings(
    staff: Browser, anna: Actor, ready: Order
) -> None:
    ship(staff, ready)
    remove_code(ready, anna)
    url = f"/orders/{ready.number}"

    response = staff.send(f"{url}/messages", f"{url}/shipments/1/confirmation", htmx=True, agreed="just-sent")

    assert f"WS-100001-1 {NO_CODE}" in Page(response.text).text


@on_sqlite
def test_without_javascript_the_warning_is_a_page(staff: Browser, anna: Actor, ready: Order) -> None:
    remove_code(ready, anna)
    url = f"/orders/{ready.number}"

    response = staff.send(f"{url}/shipping", f"{url}/shipments/1/status", status="shipped")

    assert response.status_code == 422
    assert NO_CODE in Page(response.text).text
    assert "Markera som skickad ändå" in Page(response.text).buttons


def test_a_template_is_stored_as_written(app: Flask) -> None:
    use_template(subject="Nu är den på väg")
    db.session.expire_all()

    (stored,) = db.session.query(MailTemplate).all()
    assert isinstance(stored.source, MailSource)
    assert stored.source.subject == "Nu är den på väg"
