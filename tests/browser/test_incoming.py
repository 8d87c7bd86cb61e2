"""From Restradar to orders that are ready: in place, by keyboard, without JavaScript, on small screens, in a frame."""

import re

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import COOKIES, OpenHost, OpenPage
from tests.browser.shop import Desk
from tests.browser.steps import frame_of, is_the_same_page, mark, press, says
from webshop_orders.models import OrderStatus
from webshop_orders.operations.orders import loading

SIZES = {"phone": {"width": 360, "height": 740}, "tablet": {"width": 820, "height": 1180}}
RECEIVED = re.compile("12 st Ljusstake i mässing, låg togs emot. 1 order blev redo.")


def is_ready(desk: Desk, fate: str) -> bool:
    number = desk.shop.numbers[fate]
    return bool(desk.ask(lambda: loading.get_order(number).status is OrderStatus.READY))


@pytest.mark.parametrize("size", SIZES)
def test_staff_go_from_the_radar_to_a_queue_receive_and_see_what_is_ready(page: Page, desk: Desk, size: str) -> None:
    page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
    page.goto("/orders")
    page.get_by_role("navigation", name="Huvudmeny").get_by_role("link", name="Produkter").click()
    expect(page.locator("#tab-products")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="Restradar", exact=True).click()
    expect(page.locator("#tab-backorders")).to_have_attribute("aria-current", "page")
    mark(page)
    page.get_by_role("link", name="Ljusstake i mässing, låg").click()
    expect(page.get_by_role("heading", name="Ljusstake i mässing, låg")).to_be_visible()
    row = page.get_by_role("row").filter(has_text=desk.shop.numbers["mixed"])
    expect(row).to_contain_text("Örjan Ström")

    page.get_by_label("Om så många st kommer").fill("1")
    press(page, "Visa")
    expect(page.locator("#outlook")).to_contain_text("Med 1 st blir ingen order komplett.")
    page.get_by_label("Om så många st kommer").fill("tre")
    press(page, "Visa")
    expect(page.locator("#supposed-units-reason")).to_be_visible()
    expect(page.get_by_label("Om så många st kommer")).to_have_value("tre")

    row.get_by_label(f"{desk.shop.numbers['mixed']} först").check()
    press(page, "Ta emot")
    says(page, RECEIVED)
    ready = page.get_by_role("group", name="1 order är redo nu")
    expect(ready.get_by_role("link", name=desk.shop.numbers["mixed"])).to_be_visible()
    assert is_the_same_page(page)
    assert is_ready(desk, "mixed")
    press(ready, "Gör en omgång av dem")
    expect(page).to_have_url(re.compile("/batches/[0-9]+$"))


def test_a_delivery_is_registered_with_the_finder_changed_and_called_off(page: Page, desk: Desk) -> None:
    page.goto("/incoming-deliveries")
    mark(page)
    page.get_by_label("Produkt", exact=True).fill("mässing, hög")
    page.get_by_role("option", name=re.compile("Ljusstake i mässing, hög")).click()
    page.locator("#expect-quantity").fill("7")
    press(page, "Registrera")
    says(page, "Ljusstake i mässing, hög: inleveransen är registrerad.")
    row = page.get_by_role("row").filter(has_text="KAN-03")
    expect(row).to_contain_text("7 st")
    row.get_by_role("link", name=re.compile("Ändra")).click()
    page.locator("#delivery-quantity").fill("9")
    press(page, "Spara")
    expect(row).to_contain_text("9 st")
    row.get_by_role("link", name=re.compile("Ändra")).click()
    press(page, "Mer väntas inte")
    expect(row).to_have_count(0)
    page.get_by_role("link", name="Mottagna och avbokade").click()
    expect(row).to_contain_text("avbokad")
    assert is_the_same_page(page)


def test_a_delivery_is_received_by_keyboard_alone(page: Page, desk: Desk) -> None:
    page.goto("/incoming-deliveries")
    field = page.get_by_label("Antal Ljusstake i mässing, låg som kom").first
    field.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("x")
    page.keyboard.press("Enter")
    expect(page.locator("#receive-1-reason")).to_be_visible()
    expect(field).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("12")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    says(page, RECEIVED)
    assert is_ready(desk, "mixed")


def test_it_works_without_javascript(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, java_script_enabled=False)
    page.goto("/incoming-deliveries")
    page.get_by_label("Produkt", exact=True).fill("mässing")
    page.locator("#expect-quantity").fill("4")
    press(page, "Registrera")
    page.get_by_role("radio", name=re.compile("hög")).check()
    press(page, "Registrera")
    says(page, "Ljusstake i mässing, hög: inleveransen är registrerad.")
    other = page.context.new_page()
    other.goto("/incoming-deliveries")
    page.locator("#receive-button-1").click()
    says(page, RECEIVED)
    expect(page.locator("#ready-orders")).to_contain_text(desk.shop.numbers["mixed"])
    other.locator("#receive-button-1").click()
    expect(other.get_by_role("alert")).to_contain_text("har redan avslutat inleveransen")


@pytest.mark.parametrize("cookies", COOKIES)
def test_a_delivery_is_received_in_the_frame(cookies: str, open_host: OpenHost, framed_desk: Desk) -> None:
    page = open_host(cookies=cookies)
    frame: FrameLocator = frame_of(page)
    frame.get_by_role("link", name=framed_desk.shop.numbers["mixed"], exact=True).click()
    frame.get_by_role("link", name="Frakt").click()
    frame.get_by_role("link", name=re.compile("täckta, .* rest")).first.click()
    expect(frame.get_by_role("heading", name="Ljusstake i mässing, låg")).to_be_visible()
    frame.get_by_role("button", name="Ta emot").click()
    expect(frame.locator("#toasts")).to_contain_text(RECEIVED)
    frame.locator("#tab-incoming").click()
    expect(frame.locator("#tab-incoming")).to_have_attribute("aria-current", "page")
    assert is_ready(framed_desk, "mixed")
