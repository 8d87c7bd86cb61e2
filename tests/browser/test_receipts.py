"""The receipt in a browser: it follows what is typed, with nothing lost, and the keyboard is enough."""

import time

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import OpenPage, Visit
from tests.browser.fitting import what_does_not_fit
from tests.browser.pages import Place
from tests.browser.shop import Desk
from tests.browser.steps import line, press, says, shipment
from tests.browser.test_every_page import axe_by_scheme

PHONE = {"width": 360, "height": 740}


def figure(receipt: Locator, label: str) -> Locator:
    return receipt.locator("dl > div").filter(has=receipt.page.get_by_text(label, exact=True)).locator("dd")


def open_quantity(page: Page, desk: Desk, fate: str = "mixed") -> Locator:
    """Open the row of the candles, and give its field."""
    page.goto(desk.order(fate, "shipping"))
    page.get_by_role("link", name="Redigera Stearinljus").click()
    field = line(shipment(page, 1), "Stearinljus").get_by_label("Antal")
    expect(field).to_be_focused()
    return field


def test_the_receipt_follows_what_is_typed_and_equals_what_is_saved(page: Page, desk: Desk) -> None:
    field = open_quantity(page, desk)
    receipt = page.locator("#receipt")
    expect(figure(receipt, "Radsumma")).to_have_text("597,00")
    page.keyboard.type("5")
    expect(figure(receipt, "Radsumma")).to_contain_text("995,00")
    expect(figure(receipt, "Lager")).to_have_text("5 st täckta")
    expected_total = figure(receipt, "Ordersumma").locator("strong").inner_text()
    expect(field).to_be_focused()
    expect(field).to_have_value("5")
    page.keyboard.press("Enter")
    says(page, "antalet är nu 5.")
    expect(receipt).to_have_count(0)
    expect(page.locator(".totals .sum dd")).to_contain_text(expected_total)


def test_what_is_wrong_is_said_calmly_while_one_types(page: Page, desk: Desk) -> None:
    field = open_quantity(page, desk)
    for typed in ("0", "abc", ""):
        field.fill(typed)
        expect(page.locator("#receipt .note")).to_contain_text("Ange ett heltal från 1 till 99999.")
        expect(field).to_be_focused()
        expect(field).to_have_value(typed)
        expect(page.get_by_role("alert")).to_have_count(0)
    field.fill("2")
    expect(page.locator("#receipt .note")).to_be_empty()
    expect(page.locator("[aria-invalid=true]")).to_have_count(0)


def test_only_the_last_answer_counts(page: Page, desk: Desk) -> None:
    field = open_quantity(page, desk)

    def answer_late(route: Route) -> None:
        time.sleep(0.8 if "quantity=7&" in f"{route.request.post_data}&" else 0)
        route.continue_()

    page.route("**/receipt", answer_late)
    field.fill("7")
    page.wait_for_timeout(350)
    field.fill("8")
    expect(figure(page.locator("#receipt"), "Radsumma")).to_contain_text("1 592,00")
    page.wait_for_timeout(1_000)
    expect(figure(page.locator("#receipt"), "Radsumma")).to_contain_text("1 592,00")
    expect(page.locator(".toast-line")).to_have_count(0)


def test_a_split_is_previewed_as_it_opens_and_with_each_target(page: Page, desk: Desk) -> None:
    page.goto(desk.order("split", "shipping"))
    page.get_by_role("link", name="Dela Linneduk").first.click()
    receipt = page.locator("#receipt")
    expect(receipt).to_contain_text(", ny")
    radios = page.locator(".split-form").get_by_role("radio")
    if radios.count() > 1:
        radios.nth(1).check()
        expect(receipt).not_to_contain_text(", ny")
    page.locator(".split-form").get_by_role("textbox").fill("99")
    expect(receipt.locator(".note")).to_contain_text("att flytta")


def test_a_product_that_is_found_shows_what_adding_it_does_by_keyboard_alone(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    page.keyboard.press("/")
    page.keyboard.type("KAN-02", delay=30)
    expect(page.locator("#found-list > div")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    receipt = page.locator("#add-receipt")
    expect(figure(receipt, "Radsumma")).to_have_text("299,00")
    page.keyboard.type("3")
    expect(figure(receipt, "Radsumma")).to_have_text("897,00")
    expect(page.get_by_label("Antal")).to_be_focused()
    page.keyboard.press("Enter")
    says(page, "tillagd")
    expect(receipt).to_be_hidden()


def test_the_list_of_products_stays_open_beside_a_receipt(page: Page, desk: Desk) -> None:
    page.goto(desk.order("ready", "shipping"))
    page.get_by_label("Lägg till produkt").press_sequentially("lykta", delay=30)
    expect(page.locator("#found-list > div").first).to_be_visible()
    expect(page.locator("#add-receipt .note")).to_contain_text("Flera produkter stämmer")
    expect(page.locator("#found-list > div").first).to_be_visible()


def test_without_javascript_a_button_shows_the_receipt(open_page: OpenPage, desk: Desk) -> None:
    page = open_page(desk, java_script_enabled=False)
    page.goto(desk.order("mixed", "shipping"))
    page.get_by_role("link", name="Redigera Stearinljus").click()
    row = line(shipment(page, 1), "Stearinljus")
    row.get_by_label("Antal").fill("5")
    press(row, "Räkna")
    expect(figure(page.locator("#receipt"), "Radsumma")).to_contain_text("995,00")
    expect(row.get_by_label("Antal")).to_have_value("5")
    press(row, "Spara")
    says(page, "antalet är nu 5.")


def test_a_change_offers_to_tell_the_customer_and_leads_to_the_mail_of_it(page: Page, desk: Desk) -> None:
    open_quantity(page, desk)
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    says(page, "antalet är nu 5.")
    expect(page.get_by_text("1 ändring sedan kunden senast fick besked")).to_be_visible()
    page.get_by_role("status").get_by_role("link", name="Meddela kunden").click()
    send = page.get_by_role("button", name="Skicka orderändring")
    expect(send).to_be_focused()
    expect(page.get_by_role("list", name="Kunden vet inte än").get_by_role("listitem")).to_contain_text(["Stearinljus"])
    page.keyboard.press("Enter")
    says(page, "Orderändringen går till orjan@example.com.")
    page.get_by_role("link", name="Frakt").click()
    expect(page.get_by_role("button", name="Lägg till produkt")).to_be_visible()
    expect(page.get_by_text("sedan kunden senast fick besked")).to_have_count(0)


def test_the_tab_of_shipments_leads_to_the_mail_by_keyboard_and_without_javascript(
    page: Page, open_page: OpenPage, desk: Desk
) -> None:
    open_quantity(page, desk)
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    says(page, "antalet är nu 5.")
    page.locator("#tell").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Skicka orderändring")).to_be_focused()
    plain = open_page(desk, java_script_enabled=False)
    plain.goto(desk.order("mixed", "shipping"))
    plain.get_by_role("link", name="Meddela kunden").click()
    expect(plain.locator("#order-changed")).to_be_in_viewport()
    press(plain, "Skicka orderändring")
    says(plain, "Orderändringen går till orjan@example.com.")


def test_with_javascript_there_is_no_such_button(page: Page, desk: Desk) -> None:
    open_quantity(page, desk)
    expect(page.get_by_role("button", name="Räkna")).to_have_count(0)


@pytest.mark.parametrize("form", ["Redigera", "Dela"])
def test_the_receipt_fits_every_width_and_axe_finds_nothing(visit: Visit, form: str) -> None:
    def go(page: Page, desk: Desk) -> None:
        page.goto(desk.order("mixed", "shipping"))
        page.get_by_role("link", name=f"{form} Stearinljus").click()
        page.locator(".quantity").fill("2")
        expect(page.locator("#receipt .was").first).to_be_visible()

    page = visit(Place(go))
    page.evaluate(AXE_SCRIPT)
    found = axe_by_scheme(page)
    page.locator("#receipt").evaluate("receipt => receipt.removeAttribute('style')")  # which a copy may not have
    found["widths"] = what_does_not_fit(page)
    page.get_by_role("link", name="Avbryt").click()
    expect(page.locator("#receipt")).to_have_count(0)
    assert {check: complaints for check, complaints in found.items() if complaints} == {}


def test_a_receipt_on_a_phone_has_one_figure_a_row(page: Page, desk: Desk) -> None:
    page.set_viewport_size(PHONE)
    open_quantity(page, desk)
    boxes = [figure.bounding_box() for figure in page.locator("#receipt dl > div").all()]
    assert len({box["x"] for box in boxes if box}) == 1
