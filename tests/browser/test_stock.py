"""Products in a browser: found, edited in place, moved and counted; without JavaScript, by keyboard, in a frame."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import COOKIES, OpenHost, OpenPage
from tests.browser.shop import Desk
from tests.browser.steps import frame_of, is_the_same_page, mark, press, says

SIZES = {"phone": {"width": 360, "height": 740}, "tablet": {"width": 820, "height": 1180}}


def find(page: Page | FrameLocator, words: str, sku: str) -> None:
    page.get_by_label("Sök", exact=True).fill(words)
    expect(page.locator(".stock-list tbody tr")).to_have_count(1)
    expect(page.locator(".stock-list .code")).to_have_text(sku)


@pytest.mark.parametrize("size", SIZES)
def test_staff_find_a_product_and_count_it_in_its_row(page: Page, desk: Desk, size: str) -> None:
    page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
    page.goto("/stock")
    mark(page)
    find(page, "linneduk sand", "DUK-250-S")
    page.get_by_role("link", name="Redigera DUK-250-S").click()
    expect(page.get_by_label("I lager")).to_be_focused()
    page.get_by_label("I lager").fill("75")
    page.get_by_label("Lagerplats", exact=True).fill("B-7")
    press(page, "Spara")
    expect(page.locator("#toasts")).to_contain_text("DUK-250-S är sparad. Nu finns 75 i lager.")
    expect(page.get_by_role("row").filter(has_text="DUK-250-S")).to_contain_text("B-7")
    expect(page.get_by_role("link", name="Redigera DUK-250-S")).to_be_focused()
    assert is_the_same_page(page)


def test_a_product_is_edited_moved_and_counted_on_its_page(page: Page, desk: Desk) -> None:
    page.goto("/products/KAN-02")
    mark(page)
    page.get_by_role("link", name="Redigera Lagerplats").click()
    expect(page.get_by_label("Lagerplats")).to_be_focused()
    page.get_by_label("Lagerplats").fill("C-4")
    press(page, "Spara")
    says(page, "Lagerplats är sparat.")
    expect(page.locator("#changes")).to_contain_text("C-4")

    page.get_by_role("link", name="Lagerhändelse", exact=True).click()
    page.get_by_label("Antal, + eller").fill("+50")
    press(page, "Spara")
    says(page, "Nu finns 51 i lager.")
    expect(page.locator("#movements")).to_contain_text("Inlevererat")

    page.get_by_role("link", name="Inventera").click()
    page.get_by_label("Inventerat", exact=True).fill("49")
    press(page, "Spara")
    says(page, "Nu finns 49 i lager. 2 mindre än väntat.")
    assert is_the_same_page(page)


def test_it_works_by_keyboard_alone(page: Page, desk: Desk) -> None:
    page.goto("/stock")
    page.keyboard.press("/")
    expect(page.get_by_label("Sök", exact=True)).to_be_focused()
    page.keyboard.type("handvirkad")
    expect(page.locator(".stock-list tbody tr")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Handvirkad spets, unik")
    page.get_by_role("link", name="Redigera EAN").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("EAN")).to_be_focused()
    page.keyboard.type("SPETS")
    page.keyboard.press("Enter")
    says(page, "EAN är sparat.")
    expect(page.get_by_role("link", name="Redigera EAN")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("EAN")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Redigera EAN")).to_be_focused()


def test_it_works_without_javascript(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, java_script_enabled=False)
    page.goto("/stock")
    page.get_by_label("Sök", exact=True).fill("spets")
    press(page, "Sök")
    expect(page.get_by_role("heading", level=1)).to_have_text("Handvirkad spets, unik")
    page.get_by_role("link", name="Inventera").click()
    page.get_by_label("Inventerat", exact=True).fill("x")
    press(page, "Spara")
    expect(page.get_by_label("Inventerat", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Inventerat", exact=True).fill("3")
    press(page, "Spara")
    expect(page.get_by_text("Nu finns 3 i lager.")).to_be_visible()


@pytest.mark.parametrize("cookies", COOKIES)
def test_it_works_in_the_frame(cookies: str, open_host: OpenHost, framed_desk: Desk) -> None:
    frame = frame_of(open_host("/#/stock", cookies=cookies))
    find(frame, "sand", "DUK-250-S")
    frame.get_by_role("link", name="DUK-250-S", exact=True).click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Linneduk 140 × 250, sand")
    frame.get_by_role("link", name="Inventera").click()
    frame.get_by_label("Inventerat", exact=True).fill("61")
    press(frame, "Spara")  # type: ignore[arg-type]
    says(frame, "Nu finns 61 i lager.")  # type: ignore[arg-type]
    frame.get_by_role("link", name="Alla produkter").click()
    expect(frame.locator(".stock-list tbody tr").first).to_be_visible()
