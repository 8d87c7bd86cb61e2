"""What customers wrote is answered and read, and checks before dispatch are agreed to, in a browser.

In place, by keyboard alone, without JavaScript, on small screens, in a frame.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.browser.conftest import COOKIES, OpenHost, OpenPage
from tests.browser.fitting import what_does_not_fit
from tests.browser.shop import Desk
from tests.browser.steps import frame_of, is_the_same_page, mark, open_tab, press, says, shipment
from tests.browser.test_every_page import axe_by_scheme
from tests.factories import LULEA, make_order, make_product, reshape_shop
from webshop_orders.models import Customer, DispatchChecks

SIZES = {"phone": {"width": 360, "height": 740}, "tablet": {"width": 820, "height": 1180}}
CHECKS = DispatchChecks(house_number=True, unread_comment=True)
SAID = "Kan ni slå in den som present?\nRing på porten, koden fungerar inte."
UNREAD = "Ingen har svarat på eller läst det som kunden skrev med ordern."
NO_NUMBER = "Leveransadressen har inget husnummer: Storgatan."


def commented(desk: Desk, *, reachable: bool = True) -> str:
    """The address of an order whose customer wrote a comment, with a street without a number."""
    with desk.app.test_request_context():
        reshape_shop(dispatch_checks=CHECKS)
        make_product("PRESENT", name="Doftljus i presentask", stock=5)
        customer = Customer(name="Åsa Öberg", email="asa@example.com" if reachable else None)
        order = make_order(
            ("PRESENT", 1), comment=SAID, customer=customer, shipping_address=replace(LULEA, street="Storgatan")
        )
        return f"{desk.url}/orders/{order.number}"


@pytest.mark.parametrize("size", SIZES)
def test_staff_answer_a_customer_where_they_read_what_was_written(page: Page, desk: Desk, size: str) -> None:
    page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
    page.goto(commented(desk))
    mark(page)
    said = page.locator(".from-customer")
    expect(said).to_contain_text("Från kund")
    expect(said).to_contain_text("Oläst")
    said.get_by_role("link", name="Svara").click()
    expect(page.get_by_label("Svara")).to_be_focused()
    page.get_by_label("Svara").fill("Det gör vi gärna.")
    press(page.locator("#reply-form"), "Skicka svaret")
    says(page, "Kommentaren är sparad. Mejlet går till asa@example.com.")
    expect(page.locator("#reply-form")).to_have_count(0)
    expect(said).not_to_contain_text("Oläst")
    expect(page.locator(".comment.customer:not(.from-customer)")).to_contain_text("Det gör vi gärna.")
    assert is_the_same_page(page)
    open_tab(page, "Utskick")
    expect(page.get_by_text("asa@example.com").first).to_be_visible()


def test_a_comment_is_read_and_unread_again_from_the_toast(page: Page, desk: Desk) -> None:
    page.goto(f"{commented(desk)}/shipping")
    mark(page)
    press(page.locator(".from-customer"), "Läst")
    says(page, "Kommentaren är markerad som läst.")
    expect(page.locator(".from-customer")).not_to_contain_text("Oläst")
    expect(page.locator(".failed-checks")).not_to_contain_text(UNREAD)
    page.locator("#toasts").get_by_role("button", name="Markera som oläst").click()
    expect(page.locator(".from-customer")).to_contain_text("Oläst")
    expect(page.locator(".failed-checks")).to_contain_text(UNREAD)
    assert is_the_same_page(page)


def test_what_fails_the_checks_is_told_and_shipped_anyway(page: Page, desk: Desk) -> None:
    page.goto(f"{commented(desk)}/shipping")
    mark(page)
    card = shipment(page, 1)
    expect(card.locator(".failed-checks")).to_contain_text(NO_NUMBER)
    page.locator("#tracking-1-code").fill("ABC-12345")
    press(card, "Markera som skickad")
    warnings = card.locator(".warnings")
    expect(warnings).to_contain_text(NO_NUMBER)
    expect(warnings).to_contain_text(UNREAD)
    expect(card.get_by_role("link", name="Rätta under Kund")).to_be_visible()
    press(card, "Markera som skickad ändå")
    says(page, "är skickad")
    expect(card.locator(".failed-checks, .warnings")).to_have_count(0)
    assert is_the_same_page(page)


def test_it_is_answered_and_shipped_by_keyboard_alone(page: Page, desk: Desk) -> None:
    page.goto(f"{commented(desk)}/shipping")
    page.locator("#reply").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#reply-text")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#reply-form")).to_have_count(0)
    expect(page.locator("#reply")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#reply-text")).to_be_focused()
    page.keyboard.type("Ja")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    says(page, "Kommentaren är sparad.")
    page.locator("#tracking-1-code").fill("ABC-12345")
    page.keyboard.press("Enter")
    expect(page.locator("#ship-1-anyway")).to_be_visible()
    page.locator("#ship-1-anyway").focus()
    page.keyboard.press("Enter")
    says(page, "är skickad")


def test_without_javascript_the_same_forms_answer_read_and_ship(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, java_script_enabled=False)
    page.goto(f"{commented(desk)}/shipping")
    said = page.locator(".from-customer")
    press(said, "Läst")
    says(page, "Kommentaren är markerad som läst.")
    press(said, "Markera som oläst")
    expect(said).to_contain_text("Oläst")
    said.get_by_role("link", name="Svara").click()
    press(page.locator("#reply-form"), "Skicka svaret")
    expect(page.locator("#reply-text-reason")).to_contain_text("inte vara tomt")
    page.locator("#reply-text").fill("Det gör vi.")
    press(page.locator("#reply-form"), "Skicka svaret")
    says(page, "Mejlet går till asa@example.com.")
    card = shipment(page, 1)
    page.locator("#tracking-1-code").fill("ABC-12345")
    press(card, "Markera som skickad")
    expect(card.locator(".warnings")).to_contain_text(NO_NUMBER)
    expect(card.locator(".warnings")).not_to_contain_text(UNREAD)
    press(card, "Markera som skickad ändå")
    says(page, "är skickad")


def test_a_customer_who_cannot_be_mailed_is_noted_internally(page: Page, desk: Desk) -> None:
    page.goto(f"{commented(desk, reachable=False)}/comments/reply")
    form = page.locator("#reply-form")
    expect(form).to_contain_text("sparas som en intern kommentar")
    form.get_by_label("Svara").fill("Ringde upp.")
    press(form, "Spara som intern")
    says(page, "Kommentaren är sparad.")
    expect(page.locator(".comment.internal")).to_contain_text("Ringde upp.")


@pytest.mark.parametrize("cookies", COOKIES)
def test_it_is_answered_and_shipped_in_the_frame(cookies: str, open_host: OpenHost, framed_desk: Desk) -> None:
    number = commented(framed_desk).rsplit("/", 1)[1]
    frame = frame_of(open_host(f"/#/orders/{number}/shipping", cookies=cookies))
    said = frame.locator(".from-customer")
    said.get_by_role("link", name="Svara").click()
    frame.locator("#reply-text").fill("Det gör vi.")
    frame.locator("#reply-send").click()
    says(frame, "Kommentaren är sparad.")  # type: ignore[arg-type]
    expect(said).not_to_contain_text("Oläst")
    frame.locator("#tracking-1-code").fill("ABC-12345")
    frame.locator("#ship-1").click()
    frame.locator("#ship-1-anyway").click()
    says(frame, "är skickad")  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["", "/shipping", "/comments/reply", "/comments/reply?tab=shipping", "asked"])
def test_it_fits_every_width_and_axe_finds_nothing(page: Page, desk: Desk, path: str) -> None:
    address = commented(desk)
    page.goto(f"{address}/shipping" if path == "asked" else f"{address}{path}")
    if path == "asked":
        press(shipment(page, 1), "Markera som skickad")
        expect(page.locator(".warnings")).to_contain_text(NO_NUMBER)
    page.evaluate(AXE_SCRIPT)
    found = axe_by_scheme(page)
    found["widths"] = what_does_not_fit(page)
    assert {check: complaints for check, complaints in found.items() if complaints} == {}
