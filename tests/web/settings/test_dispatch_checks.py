"""Konfiguration, Kontroller före utleverans, and which carriers demand a phone number."""

import pytest
from sqlalchemy import select

from tests.factories import reshape_shop, stored_shop
from tests.web.conftest import Browser
from webshop_orders.db.extensions import db
from webshop_orders.models import AccessEntry, AccessKind, Carrier, DispatchChecks

PAGE, CARRIERS = "/settings/dispatch-checks", "/settings/carriers"


def test_only_admins_decide_it(staff: Browser) -> None:
    assert staff.get(PAGE).status_code == 403
    assert staff.post(PAGE, {"csrf_token": staff.token(), "unpaid": "y"}).status_code == 403
    assert stored_shop().dispatch_checks == DispatchChecks()


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_checks_are_switched_on_shown_and_switched_off(admin: Browser, htmx: bool) -> None:
    admin.send(PAGE, PAGE, unpaid="y", invoices_too="y", house_number="y", htmx=htmx)
    assert stored_shop().dispatch_checks == DispatchChecks(unpaid=True, invoices_too=True, house_number=True)

    shown = admin.page(PAGE).form(PAGE).values()
    assert {"unpaid", "invoices_too", "house_number"} < shown.keys()
    assert not {"postal_code", "phone", "unread_comment"} & shown.keys()

    admin.post(PAGE, {"csrf_token": shown["csrf_token"]}, htmx=htmx)
    assert stored_shop().dispatch_checks == DispatchChecks()


def test_the_access_log_says_what_was_changed_in_words(admin: Browser) -> None:
    reshape_shop(dispatch_checks=DispatchChecks(postal_code=True))

    admin.send(PAGE, PAGE, postal_code=None, unread_comment="y", invoices_too="y")

    db.session.rollback()
    assert db.session.scalar(select(AccessEntry.facts).where(AccessEntry.kind == AccessKind.SETTINGS_CHANGED))
    log = admin.page("/settings/access").text
    assert "postnumret har fel form" in log
    assert "kundens kommentar är inte läst, även det som betalas mot faktura" in log


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_a_carrier_demands_a_phone_number_or_does_not(admin: Browser, htmx: bool) -> None:
    reshape_shop(carriers=[Carrier("Egen", "https://x.example/{code}")])
    assert "Nu kräver ingen det." in admin.page(PAGE).text

    edit = f"{CARRIERS}?edit=Egen"
    admin.send(edit, CARRIERS, demands_phone="y", htmx=htmx)
    assert stored_shop().carriers == [Carrier("Egen", "https://x.example/{code}", (), True)]
    assert "kräver telefonnummer" in admin.page(CARRIERS).text
    assert "Nu Egen." in admin.page(PAGE).text
    assert "(kräver telefonnummer)" in admin.page("/settings/access").text

    admin.send(edit, CARRIERS, demands_phone=None, htmx=htmx)
    assert stored_shop().carriers == [Carrier("Egen", "https://x.example/{code}")]
