"""Prices, lines without a product and the shipping fee in a browser, with JavaScript and without, by keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.shop import Desk
from tests.browser.steps import line, press, says, shipment


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without"])
def either(request: pytest.FixtureRequest, open_page: OpenPage, desk: Desk) -> Page:
    return open_page(desk, java_script_enabled=request.param)


def test_a_price_is_changed_with_its_reason_and_what_it_was_stays_visible(either: Page, desk: Desk) -> None:
    either.goto(desk.order("ready", "shipping"))
    row = line(shipment(either, 1), "Stearinljus")
    row.get_by_role("link", name="Redigera").click()
    row.get_by_label("À-pris").fill("149,50")
    press(row, "Spara")
    expect(row).to_contain_text("Ange orsaken till det nya priset.")
    expect(row.get_by_label("À-pris")).to_have_value("149,50")
    row.get_by_label("Rabatt").fill("10 %")
    row.get_by_label("Orsak").fill("trasig förpackning")
    press(row, "Spara")
    says(either, "3 × Stearinljus, 12-pack, vita kostar nu 403,65")
    expect(row).to_contain_text("199,00 → 149,50, rabatt 0,00 → 44,85, ")
    expect(row).to_contain_text(": trasig förpackning")


def test_a_line_without_a_product_is_added_and_the_fee_changed(either: Page, desk: Desk) -> None:
    either.goto(desk.order("ready", "shipping"))
    either.get_by_role("link", name="Lägg till rad utan produkt").click()
    form = either.locator("#free-line")
    form.get_by_label("Namn").fill("Presentinslagning")
    form.get_by_label("À-pris").fill("29")
    press(form, "Lägg till rad")
    says(either, "1 × Presentinslagning är tillagd i")
    expect(line(shipment(either, 1), "Presentinslagning")).to_contain_text("29,00")
    either.get_by_role("link", name="Redigera frakten").click()
    either.get_by_label("Fraktavgift").fill("19")
    press(either.locator("#shipping-fee"), "Spara")
    says(either, "Fraktavgiften är 19,00")


def test_the_keyboard_alone_changes_a_price(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    page.get_by_role("link", name="Redigera Stearinljus").press("Enter")
    row = line(shipment(page, 1), "Stearinljus")
    expect(row.get_by_label("Antal")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("99")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("repa")
    page.keyboard.press("Enter")
    says(page, "3 × Stearinljus, 12-pack, vita kostar nu 297,00")
    expect(page.get_by_role("link", name="Redigera Stearinljus")).to_be_focused()
