"""Ångra and Gör om in a browser: toast, header, keys, Historik; by keyboard alone, without JavaScript, on a phone."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.fitting import what_does_not_fit
from tests.browser.shop import Desk
from tests.browser.steps import is_the_same_page, line, mark, open_tab, press, refuses, says, shipment
from tests.browser.test_every_page import axe_by_scheme

PHONE = {"width": 360, "height": 740}


def row(page: Page) -> Locator:
    return line(shipment(page, 1), "Stearinljus")


def set_quantity(page: Page, units: int) -> None:
    row(page).get_by_role("link", name="Redigera").click()
    row(page).get_by_label("Antal").fill(str(units))
    page.keyboard.press("Enter")
    expect(row(page)).to_contain_text(f"{units} st")


def set_quantities(page: Page, desk: Desk, *quantities: int) -> None:
    page.goto(desk.order("ready", "shipping"))
    for units in quantities:
        set_quantity(page, units)


def has(page: Page, units: int) -> None:
    expect(row(page)).to_contain_text(f"{units} st")


def undo(page: Page) -> Locator:
    return page.locator("#undo")


def redo(page: Page) -> Locator:
    return page.locator("#redo")


def test_the_toast_takes_back_and_carries_out_again_in_place(page: Page, desk: Desk) -> None:
    set_quantities(page, desk, 5)
    mark(page)
    page.locator("#toasts").get_by_role("button", name="Ångra").click()
    has(page, 3)
    says(page, "Ångrat: Stearinljus")
    page.locator("#toasts").get_by_role("button", name="Gör om").click()
    has(page, 5)
    says(page, "Gjort om: Stearinljus")
    assert is_the_same_page(page)


def test_the_header_takes_back_step_by_step_and_says_when_there_is_nothing_more(page: Page, desk: Desk) -> None:
    set_quantities(page, desk, 4, 5)
    open_tab(page, "Kund")
    undo(page).click()
    says(page, "från 4 till 5")
    expect(undo(page)).to_be_focused()
    undo(page).click()
    says(page, "från 3 till 4")
    expect(undo(page)).to_have_attribute("aria-disabled", "true")
    undo(page).press("Enter")
    refuses(page, "Det finns inget av ditt att ångra")
    redo(page).click()
    says(page, "Gjort om: Stearinljus")
    open_tab(page, "Frakt")
    has(page, 4)


def test_ctrl_z_takes_back_and_ctrl_shift_z_carries_out_again(page: Page, desk: Desk) -> None:
    set_quantities(page, desk, 5)
    page.locator("body").click(position={"x": 2, "y": 300})
    page.keyboard.press("Control+z")
    has(page, 3)
    expect(redo(page)).to_be_visible()
    page.keyboard.press("Control+Shift+Z")
    has(page, 5)
    page.keyboard.press("Control+z")
    has(page, 3)
    expect(redo(page)).to_be_visible()
    page.keyboard.press("Control+y")
    has(page, 5)


def test_in_a_field_ctrl_z_takes_back_what_was_typed(page: Page, desk: Desk) -> None:
    set_quantities(page, desk, 5)
    open_tab(page, "Sammanfattning")
    text = page.get_by_label("Kommentar", exact=True)
    text.press_sequentially("Hej")
    page.keyboard.press("Control+z")
    expect(text).not_to_have_value("Hej")
    page.wait_for_timeout(300)
    open_tab(page, "Frakt")
    has(page, 5)


def test_history_takes_back_down_to_a_step_by_keyboard_alone(page: Page, desk: Desk) -> None:
    set_quantities(page, desk, 4, 5, 6)
    open_tab(page, "Historik")
    link = page.get_by_role("link", name="Ångra hit").nth(1)
    link.focus()
    page.keyboard.press("Enter")
    plan = page.locator("#undo-plan")
    expect(plan.get_by_role("heading")).to_have_text("Ångra de här 2 ändringarna?")
    expect(plan.get_by_role("listitem")).to_have_count(2)
    expect(plan.get_by_role("button", name="Ångra")).to_be_focused()
    page.keyboard.press("Escape")
    expect(plan).to_have_count(0)
    link.focus()
    page.keyboard.press("Enter")
    expect(plan.get_by_role("button", name="Ångra")).to_be_focused()
    page.keyboard.press("Enter")
    says(page, "Ångrat: Stearinljus")
    expect(plan).to_have_count(0)
    open_tab(page, "Frakt")
    has(page, 4)


def test_a_cancelled_order_comes_back(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    page.get_by_text("Makulera ordern").click()
    page.locator("details[open]").get_by_role("button", name=re.compile("^Makulera")).click()
    says(page, "makulerad")
    page.locator("#toasts").get_by_role("button", name="Ångra").click()
    says(page, "Ångrat: Ordern makulerades.")
    expect(page.get_by_text("Makulera ordern")).to_be_visible()


def test_what_somebody_else_has_changed_since_stays_and_the_button_says_why(
    page: Page, open_page: OpenPage, desk: Desk
) -> None:
    set_quantities(page, desk, 5)
    other = open_page(desk, "staff")
    set_quantities(other, desk, 7)
    page.reload()
    expect(undo(page)).to_have_attribute("title", re.compile("har ändrat ordern efter det"))
    undo(page).focus()
    page.keyboard.press("Enter")
    refuses(page, "har ändrat ordern efter det")
    has(page, 7)


def test_without_javascript_the_same_buttons_are_forms(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, java_script_enabled=False)
    page.goto(desk.order("ready", "shipping"))
    for units in (4, 5):
        row(page).get_by_role("link", name="Redigera").click()
        row(page).get_by_label("Antal").fill(str(units))
        press(row(page), "Spara")
    page.locator("#toasts").get_by_role("button", name="Ångra").click()
    has(page, 4)
    redo(page).click()
    has(page, 5)
    undo(page).click()
    has(page, 4)
    open_tab(page, "Historik")
    page.get_by_role("link", name="Ångra hit").click()
    press(page.locator("#undo-plan"), "Ångra")
    says(page, "Ångrat: Stearinljus")
    undo(page).press("Enter")
    refuses(page, "Det finns inget av ditt att ångra")
    open_tab(page, "Frakt")
    has(page, 3)


def test_on_a_phone_the_toast_has_its_sentence_above_its_buttons(page: Page, desk: Desk) -> None:
    page.set_viewport_size(PHONE)
    set_quantities(page, desk, 5)
    sentence = page.locator("#toasts .toast-line > span").bounding_box()
    button = page.locator("[data-action=undo]").bounding_box()
    assert sentence
    assert button
    assert sentence["width"] > 180
    assert button["y"] >= sentence["y"] + sentence["height"] - 2
    page.locator("[data-action=undo]").click()
    has(page, 3)


def _with_steps(page: Page, desk: Desk) -> None:
    set_quantities(page, desk, 4, 5)
    undo(page).click()
    expect(redo(page)).to_be_visible()


def _plan(page: Page, desk: Desk) -> None:
    _with_steps(page, desk)
    open_tab(page, "Historik")
    page.get_by_role("link", name="Ångra hit").click()
    expect(page.locator("#undo-plan")).to_be_visible()


@pytest.mark.parametrize("go", [_with_steps, _plan], ids=["buttons", "plan"])
def test_it_fits_every_width_and_axe_finds_nothing(page: Page, desk: Desk, go: object) -> None:
    go(page, desk)  # type: ignore[operator]
    page.evaluate(AXE_SCRIPT)
    found = axe_by_scheme(page)
    found["widths"] = what_does_not_fit(page)
    assert {check: complaints for check, complaints in found.items() if complaints} == {}
