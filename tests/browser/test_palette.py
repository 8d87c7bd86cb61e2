"""The palette by keyboard, by mouse and on a phone: what it finds, where it leads, and what it leaves alone."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import OpenPage
from tests.browser.shop import Desk
from tests.browser.steps import says, shipment


def palette(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Sök eller gör")


def field(page: Page) -> Locator:
    return palette(page).get_by_role("combobox", name="Sök eller gör")


def options(page: Page) -> Locator:
    return palette(page).get_by_role("option")


def search(page: Page, words: str) -> None:
    """Open the palette by keys, and wait for what it finds."""
    page.keyboard.press("Control+k")
    expect(field(page)).to_be_focused()
    page.keyboard.type(words)
    expect(palette(page).locator("[data-words]")).to_have_attribute("data-words", words)


def active(page: Page) -> Locator:
    return palette(page).locator("[aria-selected=true]")


def test_it_opens_by_keys_and_by_its_button_and_gives_the_focus_back(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    comment = page.get_by_label("Kommentar", exact=True)
    comment.fill("Halvvägs")
    for closing in ("Escape", "Control+k"):
        page.keyboard.press("Control+k")
        expect(field(page)).to_be_focused()
        expect(field(page)).to_have_value("")
        page.keyboard.press(closing)
        expect(palette(page)).to_be_hidden()
        expect(comment).to_be_focused()
    button = page.get_by_role("button", name="Sök eller gör")
    button.click()
    expect(options(page).first).to_have_text(f"Markera {desk.shop.numbers['ready']}-1 som skickad")
    palette(page).get_by_role("button", name="Stäng").click()
    expect(palette(page)).to_be_hidden()
    page.keyboard.press("Control+k")
    page.mouse.click(5, 5)
    expect(palette(page)).to_be_hidden()
    expect(comment).to_have_value("Halvvägs")


def test_the_first_hit_is_taken_by_enter_and_the_others_by_arrows(page: Page, desk: Desk) -> None:
    page.goto("/orders")
    search(page, "örjan")
    expect(active(page)).to_contain_text(desk.shop.numbers["mixed"])
    expect(field(page)).to_have_attribute("aria-activedescendant", str(active(page).get_attribute("id")))
    page.keyboard.press("Enter")
    expect(page).to_have_url(desk.order("mixed"))
    search(page, "ljusstake")
    first = active(page).get_attribute("id")
    page.keyboard.press("ArrowDown")
    assert active(page).get_attribute("id") != first
    page.keyboard.press("ArrowUp")
    assert active(page).get_attribute("id") == first
    page.keyboard.press("ArrowUp")
    expect(options(page).last).to_have_attribute("aria-selected", "true")
    expect(field(page)).to_be_focused()


def test_nothing_is_done_by_enter_before_anything_is_typed(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    page.keyboard.press("Control+k")
    expect(options(page).first).to_be_visible()
    expect(active(page)).to_have_count(0)
    page.keyboard.press("Enter")
    expect(palette(page)).to_be_visible()
    expect(page).to_have_url(desk.order("ready", "shipping"))


def test_a_palette_opened_before_htmx_has_begun_is_filled_once_it_has(page: Page, desk: Desk) -> None:
    page.add_init_script(  # its listener is called before that of htmx
        """document.addEventListener("DOMContentLoaded", () => document.body.dispatchEvent(
             new KeyboardEvent("keydown", { key: "k", ctrlKey: true, bubbles: true })))"""
    )
    page.goto(desk.order("ready", "shipping"))
    expect(field(page)).to_be_focused()
    expect(options(page).first).to_be_visible()


@pytest.mark.parametrize("suffix", ["", "-1"])
def test_a_number_and_enter_open_the_order_at_once(page: Page, desk: Desk, suffix: str) -> None:
    page.goto("/settings/carriers")
    page.keyboard.press("Control+k")
    page.keyboard.type(desk.shop.numbers["mixed"] + suffix)
    page.keyboard.press("Enter")  # before anything can have been found
    expect(page).to_have_url(desk.order("mixed", "shipping#shipment-1" if suffix else ""))


def test_an_answer_to_former_words_is_dropped(page: Page, desk: Desk) -> None:
    held: list[Route] = []
    page.goto("/orders")
    page.route("**/palette?*q=%C3%B6rjan*", lambda route: held.append(route))
    page.keyboard.press("Control+k")
    page.keyboard.type("örjan")
    page.wait_for_timeout(400)
    assert held
    field(page).fill("ida björk")
    expect(options(page).first).to_contain_text(desk.shop.numbers["shipped"])
    held[0].abort()
    page.wait_for_timeout(200)
    expect(options(page).first).to_contain_text(desk.shop.numbers["shipped"])


def test_actions_lead_to_their_place_on_this_tab_and_on_others(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    search(page, "skicka")
    page.keyboard.press("Enter")
    ship = shipment(page, 1).get_by_role("button", name="Markera som skickad")
    expect(ship).to_be_focused()
    expect(shipment(page, 1)).to_contain_text("Redo")
    search(page, "kommentera")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Kommentar", exact=True)).to_be_focused()
    search(page, "makulera")
    page.keyboard.press("Enter")
    expect(page.locator("#cancel summary")).to_be_focused()
    expect(page.get_by_role("button", name="Makulera WS-")).to_be_visible()
    search(page, "dela stearin")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Dela", exact=True)).to_be_focused()
    page.goto(desk.order("ready"))
    search(page, "makulera")
    page.keyboard.press("Enter")
    expect(page.locator("#cancel summary")).to_be_focused()
    expect(page.locator(".badge-status").first).to_have_text("Redo")


def test_an_action_whose_place_came_to_the_page_since_loads_it_again(
    page: Page, open_page: OpenPage, desk: Desk
) -> None:
    page.goto(desk.order("ready", "shipping"))
    other = open_page(desk, role="staff")
    other.goto(desk.order("ready", "shipping"))
    other.get_by_role("link", name="Dela Stearinljus").click()
    other.get_by_role("button", name="Dela", exact=True).click()
    says(other, "är flyttad till")
    search(page, "skicka -2")
    page.keyboard.press("Enter")
    expect(page.locator("#ship-2")).to_be_focused()


def test_one_click_changes_the_order_in_place_and_comes_from_any_tab(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    search(page, "restnoterad")
    page.keyboard.press("Enter")
    says(page, "-1: Restnoterad")
    expect(page).to_have_url(desk.order("ready", "shipping"))
    expect(shipment(page, 1)).to_contain_text("Restnoterad")
    expect(palette(page)).to_be_hidden()
    search(page, "redo")
    options(page).first.click()
    says(page, "-1: Redo")


def test_a_viewer_finds_orders_and_no_actions(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, role="viewer")
    page.goto(desk.order("ready"))
    search(page, "skicka")
    expect(palette(page)).to_contain_text("Ingenting stämmer med «skicka».")
    expect(palette(page).get_by_role("listbox")).to_have_count(0)
    expect(page.locator("#palette-status")).to_have_text("Ingenting stämmer med «skicka».")


def test_on_a_phone_it_is_opened_by_a_tap(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, viewport={"width": 360, "height": 740}, has_touch=True)
    page.goto(desk.order("ready"))
    page.get_by_role("button", name="Sök eller gör").tap()
    field(page).fill("spårn")
    palette(page).get_by_role("option", name="Lägg till spårningskod på").tap()
    expect(page.get_by_label("Spårningskod")).to_be_focused()
    expect(page.get_by_label("Spårningskod")).to_be_in_viewport()


def test_without_javascript_there_is_no_button_that_does_nothing(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, java_script_enabled=False)
    page.goto("/orders")
    expect(page.get_by_role("button", name="Sök eller gör")).to_be_hidden()
    page.get_by_role("searchbox", name="Sök").fill(f"{desk.shop.numbers['split']}-2")
    page.keyboard.press("Enter")
    expect(page).to_have_url(desk.order("split"))


def test_the_keys_are_listed(page: Page) -> None:
    page.goto("/orders")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Kortkommandon")).to_contain_text("Ctrl+K")
