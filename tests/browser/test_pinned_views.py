"""Views pinned above the list: without JavaScript, and in a frame with and without cookies."""

import re

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import COOKIES, OpenHost, OpenPage
from tests.browser.shop import Desk
from tests.browser.steps import frame_of


def save_and_pin(page: Page | FrameLocator, name: str) -> None:
    """Save the list as it is, and pin it, from the menu of views."""
    page.locator("#views > summary").click()
    page.locator("#new-view-name").fill(name)
    page.locator("#view-form").get_by_role("button", name="Spara").click()
    expect(page.locator("#toasts")).to_contain_text("är sparad")
    page.locator("#views > summary").click()
    page.get_by_role("button", name=f"Fäst {name} ovanför listan").click()
    expect(page.locator("#toasts")).to_contain_text(f"«{name}» är fäst")


def test_without_javascript_views_are_pinned_moved_and_unpinned(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, java_script_enabled=False)
    for name, query in (("Att packa", "status=ready"), ("Klarna", "payment=klarna")):
        page.goto(f"/orders?{query}")
        save_and_pin(page, name)
    chips = page.get_by_role("navigation", name="Fästa vyer").get_by_role("link")
    expect(chips).to_have_text(["Att packa", "Klarna"])
    expect(chips.last).to_have_attribute("aria-current", "true")
    page.locator("#views > summary").click()
    page.get_by_role("button", name="Flytta Klarna åt vänster").click()
    expect(chips).to_have_text(["Klarna", "Att packa"])
    chips.last.click()
    expect(page).to_have_url(re.compile(r"/orders\?status=ready$"))
    page.locator("#views > summary").click()
    page.get_by_role("button", name="Fäst Klarna ovanför listan").click()
    expect(chips).to_have_text(["Att packa"])


@pytest.mark.parametrize("cookies", COOKIES)
def test_in_a_frame_a_view_is_pinned_counted_and_walked_through(cookies: str, open_host: OpenHost) -> None:
    frame = frame_of(open_host(cookies=cookies))
    statuses = frame.get_by_role("navigation", name="Orderstatus")
    ready = statuses.get_by_role("link", name="Redo")
    ready.click()
    expect(ready).to_have_attribute("aria-current", "true")
    save_and_pin(frame, "Att packa")
    chip = frame.get_by_role("navigation", name="Fästa vyer").get_by_role("link", name="Att packa")
    expect(chip.locator(".count")).to_have_text(re.compile(r"^\d+$"))
    statuses.get_by_role("link", name="Alla", exact=True).click()
    expect(chip).not_to_have_attribute("aria-current", "true")
    chip.click()
    expect(chip).to_have_attribute("aria-current", "true")
    expect(chip.locator(".count")).to_have_text(re.compile(r"^\d+$"))
    shown = frame.locator("#orders tbody .number").all_inner_texts()
    frame.get_by_role("link", name=shown[1].strip(), exact=True).click()
    expect(frame.get_by_role("heading", level=1)).to_have_text(shown[1].strip())
    frame.get_by_role("link", name="Nästa", exact=True).click()
    expect(frame.get_by_role("heading", level=1)).to_have_text(shown[2].strip())
    expect(frame.locator("#selection")).to_have_count(0)  # which is the list's
