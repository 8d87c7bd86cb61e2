"""Two people at one order: each sees the other, and where both changed the same, each chooses between the two."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.shop import Desk
from tests.browser.steps import line, press, says, shipment, tab_link

POLL = "() => document.dispatchEvent(new Event('visibilitychange'))"
CANDLES = "Stearinljus"


@pytest.fixture
def anna(open_page: OpenPage, desk: Desk) -> Page:
    return open_page(desk)


@pytest.fixture
def erik(open_page: OpenPage, desk: Desk) -> Page:
    return open_page(desk, "staff")


def ask(page: Page) -> None:
    """Have the page ask who else is there, which it does every 15 seconds."""
    with page.expect_response(re.compile("/presence")):
        page.evaluate(POLL)


def edit_candles(page: Page) -> None:
    line(shipment(page, 1), CANDLES).get_by_role("link", name="Redigera").click()
    expect(page.locator(".edit-form")).to_be_visible()


def save_quantity(page: Page, quantity: str) -> None:
    page.locator(".edit-form").get_by_label("Antal").fill(quantity)
    press(page.locator(".edit-form"), "Spara")


def test_each_sees_what_the_other_is_editing_and_hears_it_once(anna: Page, erik: Page, desk: Desk) -> None:
    anna.goto(desk.order("ready", "shipping"))
    edit_candles(anna)
    ask(anna)
    erik.goto(desk.order("ready", "shipping"))
    here, words = erik.locator("#here"), erik.locator("#here-words")
    expect(here).to_contain_text(re.compile(r"Anna Lind redigerar Stearinljus.*nyss", re.DOTALL))
    erik.evaluate(
        """() => { window.said = 0; new MutationObserver(() => { window.said += 1; })
                   .observe(document.getElementById('here-words'), { childList: true, characterData: true }); }"""
    )
    ask(erik)
    expect(words).to_contain_text("Anna Lind redigerar Stearinljus")
    assert erik.evaluate("() => window.said") == 0
    tab_link(erik, "Kund").click()
    expect(erik.locator("#tab-customer-content")).to_be_visible()
    expect(here).to_contain_text("Anna Lind redigerar")


def test_the_list_shows_who_has_an_order_open(anna: Page, erik: Page, desk: Desk) -> None:
    with anna.expect_response(re.compile("/presence")):
        anna.goto(desk.order("ready"))
    erik.goto("/orders")
    row = erik.get_by_role("row").filter(has_text=desk.shop.numbers["ready"])
    expect(row.locator(".avatar")).to_have_attribute("title", "Anna Lind har ordern öppen")


def test_a_hidden_tab_asks_nothing(anna: Page, desk: Desk) -> None:
    with anna.expect_response(re.compile("/presence")):
        anna.goto(desk.order("ready"))
    asked: list[str] = []
    anna.on("request", lambda request: asked.append(request.url) if "/presence" in request.url else None)
    anna.evaluate("() => Object.defineProperty(document, 'hidden', { get: () => true })")
    anna.evaluate(POLL)
    anna.wait_for_timeout(300)
    assert asked == []


def test_a_page_says_that_its_order_is_newer_and_loads_it(anna: Page, erik: Page, desk: Desk) -> None:
    anna.goto(desk.order("ready", "shipping"))
    erik.goto(desk.order("ready", "shipping"))
    edit_candles(erik)
    save_quantity(erik, "5")
    says(erik, "antalet är nu 5")
    ask(anna)
    anna.locator("#here").get_by_role("link", name="Ladda om").click()
    expect(line(shipment(anna, 1), CANDLES)).to_contain_text("5 st")
    ask(anna)
    expect(anna.locator("#here")).not_to_contain_text("har ändrat ordern")


@pytest.mark.parametrize(("way", "quantity"), [("mine", "7"), ("theirs", "5"), ("save", "7"), ("enter", "7")])
def test_a_quantity_that_both_changed_is_chosen(anna: Page, erik: Page, desk: Desk, way: str, quantity: str) -> None:
    anna.goto(desk.order("ready", "shipping"))
    edit_candles(anna)
    erik.goto(desk.order("ready", "shipping"))
    edit_candles(erik)
    save_quantity(erik, "5")
    says(erik, "antalet är nu 5")

    save_quantity(anna, "7")

    choice = anna.get_by_role("group", name="Antal")
    expect(choice).to_contain_text(re.compile(r"Deras: 5 \(Erik Holm, .*Ditt: 7", re.DOTALL))
    expect(anna.locator(".edit-form .quantity")).to_have_value("7")
    ways: dict[str, Callable[[], None]] = {
        "mine": lambda: choice.get_by_role("button", name="Ta mitt").click(),
        "theirs": lambda: choice.get_by_role("button", name="Ta deras").click(),
        "save": lambda: press(anna.locator(".edit-form"), "Spara"),
        "enter": lambda: anna.locator(".edit-form .quantity").press("Enter"),
    }
    ways[way]()
    says(anna, quantity)
    expect(line(shipment(anna, 1), CANDLES)).to_contain_text(f"{quantity} st")
    expect(choice).to_have_count(0)


@pytest.mark.parametrize("java_script_enabled", [True, False], ids=["with JavaScript", "without"])
def test_each_field_of_the_customer_is_chosen_by_itself(
    open_page: OpenPage, desk: Desk, java_script_enabled: bool
) -> None:
    anna, erik = (open_page(desk, role, java_script_enabled=java_script_enabled) for role in ("admin", "staff"))
    for page in (anna, erik):
        page.goto(desk.order("ready", "customer"))
    for page, name, phone in ((erik, "Eriks kund", "070-1"), (anna, "Annas kund", "070-2")):
        page.locator("#customer-name").fill(name)
        page.locator("#customer-phone").fill(phone)
        press(page, "Spara")
    name, phone = (anna.get_by_role("group", name=label) for label in ("Namn", "Telefon"))
    name.get_by_role("button", name="Ta deras").click()
    expect(name).to_have_count(0)
    expect(anna.locator("#customer-name")).to_have_value("Eriks kund")
    phone.get_by_role("button", name="Ta mitt").click()
    says(anna, "Kund och adresser är sparade.")
    expect(anna.locator("#customer-name")).to_have_value("Eriks kund")
    expect(anna.locator("#customer-phone")).to_have_value("070-2")


@pytest.mark.parametrize("java_script_enabled", [True, False], ids=["with JavaScript", "without"])
def test_a_shipment_that_changed_is_shipped_all_the_same_or_left(
    open_page: OpenPage, desk: Desk, java_script_enabled: bool
) -> None:
    anna, erik = (open_page(desk, role, java_script_enabled=java_script_enabled) for role in ("admin", "staff"))
    for page in (anna, erik):
        page.goto(desk.order("ready", "shipping"))
    edit_candles(erik)
    save_quantity(erik, "5")
    says(erik, "antalet är nu 5")
    shipment(anna, 1).get_by_label("Spårningskod").fill("AA-1")
    press(shipment(anna, 1), "Markera som skickad")
    alert = anna.get_by_role("alert")
    expect(alert).to_contain_text("Erik Holm: Stearinljus")
    expect(alert).to_contain_text("Ditt: Markera som skickad")
    press(alert, "Ta mitt")
    says(anna, "är skickad")
    expect(shipment(anna, 1)).to_contain_text("AA-1")
    expect(shipment(anna, 1).get_by_label("Spårningskod")).to_have_value("")


def test_what_the_other_changed_elsewhere_is_told_and_both_are_saved(anna: Page, erik: Page, desk: Desk) -> None:
    for page in (anna, erik):
        page.goto(desk.order("ready", "shipping"))
    edit_candles(erik)
    save_quantity(erik, "5")
    says(erik, "antalet är nu 5")
    shipment(anna, 1).get_by_label("Spårningskod").fill("AA-1")
    press(shipment(anna, 1).locator(".ship-row"), "Spara")
    says(anna, "Under tiden: Erik Holm: Stearinljus")
    says(anna, "Båda är sparade.")
    expect(shipment(anna, 1)).to_contain_text("AA-1")
    expect(line(shipment(anna, 1), CANDLES)).to_contain_text("5 st")
