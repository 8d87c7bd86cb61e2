"""A scanner types what it reads: it opens the order from anywhere, and is text in a text field."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.shop import Desk
from tests.browser.steps import says

CODE = "00370712345678905555"  # of the label on a shipment that has left


def scan(page: Page, code: str, delay: float = 4) -> None:
    page.keyboard.type(code, delay=delay)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("path", ["/orders", "/settings/carriers", "/account"])
def test_a_label_opens_its_shipment_from_any_page(page: Page, desk: Desk, path: str) -> None:
    page.goto(path)
    scan(page, f"]C1{CODE}")
    expect(page).to_have_url(desk.order("shipped", "shipping#shipment-1"))


def test_a_slip_opens_its_shipment_whatever_has_the_focus_but_a_field(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    page.get_by_role("button", name="Markera som skickad").focus()
    scan(page, f"{desk.shop.numbers['split']}-3")
    expect(page).to_have_url(desk.order("split", "shipping#shipment-3"))
    expect(page.locator("#shipment-3")).to_be_in_viewport()
    page.goto(desk.order("ready", "shipping"))
    expect(page.get_by_role("alert")).to_have_count(0)  # the button was not pressed


def test_a_link_in_a_code_is_no_shortcut_on_the_way(page: Page, desk: Desk) -> None:
    page.goto("/orders")
    scan(page, desk.order("mixed"))
    expect(page).to_have_url(desk.order("mixed"))


def test_an_element_separator_is_part_of_the_code(page: Page, desk: Desk) -> None:
    page.goto("/orders")
    page.keyboard.type(f"]d2{CODE}")
    page.keyboard.press("Control+]")
    scan(page, "42097231", delay=0)
    expect(page).to_have_url(desk.order("shipped", "shipping#shipment-1"))


def test_a_code_of_no_order_is_told(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready"))
    scan(page, "4006381333931")
    says(page, "Ingen order har koden «4006381333931».")
    expect(page).to_have_url(desk.order("ready"))


def test_in_a_text_field_a_scan_is_text(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    code = page.get_by_label("Spårningskod")
    code.focus()
    scan(page, CODE)
    says(page, "är tillagd på")
    expect(page).to_have_url(desk.order("ready", "shipping"))
    page.goto(desk.order("ready"))
    comment = page.get_by_label("Kommentar", exact=True)
    comment.focus()
    scan(page, CODE)
    expect(comment).to_have_value(f"{CODE}\n")


def test_in_the_search_and_in_the_palette_a_scan_opens_its_order(page: Page, desk: Desk) -> None:
    page.goto("/orders")
    page.keyboard.press("/")
    scan(page, f"]C1{CODE}")
    expect(page).to_have_url(desk.order("shipped"))
    page.goto("/orders")
    page.keyboard.press("Control+k")
    scan(page, f"]C1{CODE}")
    expect(page).to_have_url(desk.order("shipped", "shipping#shipment-1"))


def test_what_a_person_types_is_no_scan(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.keyboard.type("4711", delay=90)
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert not [url for url in requests if "/find" in url]
