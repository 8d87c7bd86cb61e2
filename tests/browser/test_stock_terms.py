"""Putting an order first, and collecting it for one delivery, in a browser: in place, by keyboard, in a frame."""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import COOKIES, OpenHost, OpenPage
from tests.browser.fitting import what_does_not_fit
from tests.browser.shop import Desk
from tests.browser.steps import frame_of, is_the_same_page, mark, press, says
from tests.browser.test_every_page import axe_by_scheme

SIZES = {"phone": {"width": 360, "height": 740}, "tablet": {"width": 820, "height": 1180}}


def put_first(page: Page | FrameLocator, reason: str) -> None:
    """Open the form and send it."""
    page.locator("#open-stock-terms").click()
    page.get_by_label("Varför går den före?").fill(reason)
    press(page.locator("#priority-form"), "Prioritera")


@pytest.mark.parametrize("size", SIZES)
def test_staff_put_an_order_first_collect_it_and_take_both_back(page: Page, desk: Desk, size: str) -> None:
    page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
    number = desk.shop.numbers["mixed"]
    page.goto(desk.order("mixed", "shipping"))
    mark(page)

    put_first(page, "Bröllop på lördag")
    says(page, f"{number} får lager före äldre ordrar.")
    expect(page.locator("#comes-first")).to_contain_text("Prioriterad: Bröllop på lördag")
    page.locator("#open-stock-terms").click()
    page.get_by_role("button", name="Samla till hel leverans").click()
    says(page, f"{number} samlas tills allt finns i lager och lämnar hel.")
    expect(page.locator("#leaves-whole")).to_contain_text("Samlas:")
    assert is_the_same_page(page)

    page.locator("#toasts").get_by_role("button", name="Ångra").last.click()
    expect(page.locator("#leaves-whole")).to_have_count(0)
    page.locator("#open-stock-terms").click()
    page.get_by_role("button", name="Sluta prioritera").click()
    says(page, f"{number} får lager efter ålder igen.")
    expect(page.locator("#comes-first")).to_have_count(0)


def test_it_is_put_first_by_keyboard_alone(page: Page, desk: Desk) -> None:
    page.goto(desk.order("mixed", "shipping"))
    opener, reason = page.locator("#open-stock-terms"), page.locator("#priority-reason")
    opener.focus()
    page.keyboard.press("Enter")
    expect(reason).to_be_focused()
    page.keyboard.press("Escape")
    expect(reason).to_have_count(0)
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    expect(reason).to_be_focused()
    page.keyboard.type("Ringde")
    page.keyboard.press("Enter")
    expect(page.locator("#comes-first")).to_contain_text("Ringde")


def test_without_javascript_the_same_forms_refuse_and_save(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, java_script_enabled=False)
    page.goto(desk.order("mixed", "shipping"))
    page.locator("#open-stock-terms").click()
    page.get_by_label("Varför går den före?").fill("   ")
    press(page.locator("#priority-form"), "Prioritera")
    expect(page.locator("#priority-form .field-error, #priority-form [id$=-reason]").first).to_be_visible()
    page.get_by_label("Varför går den före?").fill("Ringde")
    press(page.locator("#priority-form"), "Prioritera")
    expect(page.locator("#comes-first")).to_contain_text("Ringde")
    page.locator("#open-stock-terms").click()
    page.get_by_role("button", name="Samla till hel leverans").click()
    expect(page.locator("#leaves-whole")).to_contain_text("Samlas:")


@pytest.mark.parametrize("cookies", COOKIES)
def test_it_is_put_first_and_collected_in_the_frame(cookies: str, open_host: OpenHost, framed_desk: Desk) -> None:
    number = framed_desk.shop.numbers["mixed"]
    frame = frame_of(open_host(f"/#/orders/{number}/shipping", cookies=cookies))
    put_first(frame, "Ringde")
    expect(frame.locator("#comes-first")).to_contain_text("Ringde")
    frame.locator("#open-stock-terms").click()
    frame.get_by_role("button", name="Samla till hel leverans").click()
    expect(frame.locator("#leaves-whole")).to_contain_text("Samlas:")


def test_it_fits_every_width_and_axe_finds_nothing(page: Page, desk: Desk) -> None:
    page.goto(desk.order("mixed", "shipping"))
    put_first(page, "Bröllop på lördag, och blommorna kommer redan på fredagen: kunden har ringt tre gånger om det")
    expect(page.locator("#comes-first")).to_be_visible()
    page.locator("#open-stock-terms").click()
    page.get_by_role("button", name="Samla till hel leverans").click()
    expect(page.locator("#leaves-whole")).to_be_visible()
    page.locator("#open-stock-terms").click()
    expect(page.locator("#end-priority")).to_be_visible()
    page.evaluate(AXE_SCRIPT)
    found = axe_by_scheme(page)
    found["widths"] = what_does_not_fit(page)
    assert {check: complaints for check, complaints in found.items() if complaints} == {}
