"""Pausing and releasing in a browser: in place, by keyboard alone, without JavaScript, on small screens, in a frame."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import COOKIES, OpenHost, OpenPage
from tests.browser.fitting import what_does_not_fit
from tests.browser.shop import Desk
from tests.browser.steps import frame_of, is_the_same_page, mark, open_tab, press, says, shipment
from tests.browser.test_every_page import axe_by_scheme

SIZES = {"phone": {"width": 360, "height": 740}, "tablet": {"width": 820, "height": 1180}}
BADGE = re.compile("^Pausad: fel adress")


def pause(page: Page | FrameLocator, reason: str, note: str = "") -> None:
    """Fill in the form that is open, and send it."""
    form = page.locator("#hold-form")
    form.get_by_label(reason).check()
    if note:
        form.get_by_label("Anteckning").fill(note)
    press(form, "Pausa")


@pytest.mark.parametrize("size", SIZES)
def test_staff_pause_an_order_find_it_in_the_list_and_release_it(page: Page, desk: Desk, size: str) -> None:
    page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
    number = desk.shop.numbers["ready"]
    page.goto(desk.order("ready"))
    mark(page)
    page.locator("#hold-order").click()
    pause(page, "fel adress", "Portkod saknas")
    says(page, f"{number} pausades: fel adress, «Portkod saknas».")
    expect(page.locator(".order-head .badge-status.held")).to_have_text(BADGE)
    assert is_the_same_page(page)

    page.goto("/orders")
    page.locator("#paused-orders").click()
    expect(page.locator(".orders tbody tr")).to_have_count(1)
    expect(page.get_by_role("row").filter(has_text=number)).to_contain_text("Pausad: fel adress")
    page.get_by_role("link", name=number, exact=True).click()

    held = page.get_by_role("region", name="Pausad")
    held.get_by_label("Anteckning").fill("Koden är 4417")
    held.get_by_role("button", name="Häv").click()
    says(page, f"Pausen för {number} hävdes: fel adress.")
    expect(page.locator(".badge-status.held")).to_have_count(0)
    page.locator("#toasts").get_by_role("button", name="Ångra").click()
    expect(page.locator(".order-head .badge-status.held")).to_have_text(BADGE)


def test_a_paused_shipment_is_released_where_it_would_have_been_shipped(page: Page, desk: Desk) -> None:
    page.goto(desk.order("split", "shipping"))
    second = shipment(page, 2)
    expect(second.get_by_role("button", name="Markera som skickad")).to_be_visible()
    second.get_by_role("link", name="Pausa").click()
    expect(second.locator("#hold-form")).to_be_visible()
    pause(page, "kunden vill vänta")
    expect(second.locator(".badge-status.held")).to_contain_text("kunden vill vänta")
    expect(second.get_by_role("button", name="Markera som skickad")).to_have_count(0)
    expect(shipment(page, 1).get_by_role("button", name="Markera som skickad")).to_be_visible()
    second.get_by_role("button", name="Häv").click()
    expect(second.get_by_role("button", name="Markera som skickad")).to_be_visible()
    expect(page.locator(".badge-status.held")).to_have_count(0)


def test_it_is_paused_and_released_by_keyboard_alone(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    opener = page.locator("#hold-order")
    opener.focus()
    page.keyboard.press("Enter")
    first = page.locator("#hold-wrong_address")
    expect(first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#hold-form")).to_have_count(0)
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    expect(first).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("Portkod saknas")
    page.keyboard.press("Enter")
    expect(page.locator(".order-head .badge-status.held")).to_have_text(BADGE)
    release = page.get_by_role("region", name="Pausad").get_by_role("button", name="Häv")
    release.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".badge-status.held")).to_have_count(0)


def test_without_javascript_the_same_forms_pause_and_release(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, java_script_enabled=False)
    page.goto(desk.order("ready", "shipping"))
    shipment(page, 1).get_by_role("link", name="Pausa").click()
    form = page.locator("#hold-form")
    press(form, "Pausa")
    expect(form).to_contain_text("Välj ett av alternativen.")
    form.get_by_label("annat").check()
    press(form, "Pausa")
    expect(form.get_by_role("alert")).to_contain_text("Skriv varför")
    form.get_by_label("Anteckning").fill("Väntar på gravyren")
    form.get_by_label("eller en annan dag").fill("2100-01-04")
    press(form, "Pausa")
    says(page, "pausades till 4 jan. 2100: annat, «Väntar på gravyren».")
    expect(shipment(page, 1)).to_contain_text("Pausad: Väntar på gravyren")
    shipment(page, 1).get_by_role("button", name="Häv").click()
    says(page, "hävdes")
    page.locator("#toasts").get_by_role("button", name="Ångra").click()
    expect(shipment(page, 1)).to_contain_text("till 4 jan. 2100")


@pytest.mark.parametrize("cookies", COOKIES)
def test_it_is_paused_and_released_in_the_frame(cookies: str, open_host: OpenHost, framed_desk: Desk) -> None:
    number = framed_desk.shop.numbers["ready"]
    frame = frame_of(open_host(f"/#/orders/{number}/summary", cookies=cookies))
    frame.locator("#hold-order").click()
    pause(frame, "fel adress")
    expect(frame.locator(".order-head .badge-status.held")).to_have_text(BADGE)
    frame.get_by_role("region", name="Pausad").get_by_role("button", name="Häv").click()
    says(frame, "hävdes")  # type: ignore[arg-type]
    expect(frame.locator(".badge-status.held")).to_have_count(0)


def _form(page: Page, desk: Desk) -> None:
    page.goto(desk.order("long words"))
    page.locator("#hold-order").click()
    expect(page.locator("#hold-form")).to_be_visible()


def _refused(page: Page, desk: Desk) -> None:
    page.goto(desk.order("split", "shipping"))
    shipment(page, 2).get_by_role("link", name="Pausa").click()
    page.get_by_label("annat").check()
    press(page.locator("#hold-form"), "Pausa")
    expect(page.locator("#hold-note-reason")).to_be_visible()


def _held_twice(page: Page, desk: Desk) -> None:
    _form(page, desk)
    pause(page, "misstänkt bedrägeri", "Tre beställningar med samma kort på en timme, från tre olika leveransadresser")
    expect(page.locator(".holds li")).to_have_count(1)
    page.locator("#hold-order").click()
    pause(page, "kunden vill vänta")
    expect(page.locator(".holds li")).to_have_count(2)


def _held_in_shipping(page: Page, desk: Desk) -> None:
    _held_twice(page, desk)
    open_tab(page, "Frakt")


def _held_in_list(page: Page, desk: Desk) -> None:
    _held_twice(page, desk)
    page.goto("/orders?held=1")
    expect(page.locator(".orders .badge-status.held")).to_be_visible()


@pytest.mark.parametrize(
    "go", [_form, _refused, _held_twice, _held_in_shipping, _held_in_list], ids=lambda go: go.__name__.strip("_")
)
def test_it_fits_every_width_and_axe_finds_nothing(page: Page, desk: Desk, go: object) -> None:
    go(page, desk)  # type: ignore[operator]
    page.evaluate(AXE_SCRIPT)
    found = axe_by_scheme(page)
    found["widths"] = what_does_not_fit(page)
    assert {check: complaints for check, complaints in found.items() if complaints} == {}
