"""The product finder as the combobox of the ARIA Authoring Practices: no key adds what was not meant."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.shop import Desk
from tests.browser.steps import line, press, refuses, says, shipment


@pytest.fixture
def finder(page: Page, desk: Desk) -> Locator:
    page.goto(desk.order("ready", "shipping"))
    finder = page.get_by_role("combobox", name="Lägg till produkt")
    finder.focus()
    return finder


def active_option(finder: Locator) -> Locator:
    """The option that the combobox names as active, for whoever hears the page."""
    option = finder.get_attribute("aria-activedescendant")
    assert option
    return finder.page.locator(f"[id='{option}']")


def rows(page: Page) -> Locator:
    return shipment(page, 1).locator("tr[id^=line-]")


def test_hits_are_listed_and_announced_and_none_is_active(page: Page, finder: Locator) -> None:
    expect(finder).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("ljusstake kan-")
    expect(finder).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#found-status")).to_have_text("2 produkter hittade.")
    expect(page.locator(f"#{finder.get_attribute('aria-controls')}")).to_have_role("listbox")
    assert finder.get_attribute("aria-activedescendant") is None
    expect(page.locator("[aria-selected=true]")).to_have_count(0)
    finder.fill("mässing hög")
    expect(page.locator("#found-status")).to_have_text("1 produkt hittad.")
    finder.fill("finns inte")
    expect(page.locator("#found-status")).to_have_text("Ingen produkt stämmer med «finns inte».")
    expect(finder).to_have_attribute("aria-expanded", "false")
    finder.fill("lykta")
    expect(page.locator("#found-status")).to_contain_text("De första 12 visas.")


@pytest.mark.parametrize("words", ["mässing", "lykta", "ljus", "LYK-0", "i"])
@pytest.mark.parametrize("waits_for_hits", [True, False])
def test_enter_never_adds_one_of_several_hits(page: Page, finder: Locator, words: str, waits_for_hits: bool) -> None:
    before = rows(page).count()
    page.keyboard.type(words)
    if waits_for_hits:
        expect(finder).to_have_attribute("aria-expanded", "true")
    for _press in range(2):  # nor when it is pressed again at the refusal
        page.keyboard.press("Enter")
        refuses(page, "Flera produkter stämmer. Välj en av dem.")
        expect(finder).to_have_value(words)
        expect(finder).to_be_focused()
        expect(finder).to_have_attribute("aria-expanded", "true")
    page.reload()
    assert rows(page).count() == before


def test_arrows_move_through_the_hits_and_around_their_ends(page: Page, finder: Locator) -> None:
    page.keyboard.type("ljusstake kan-")
    expect(finder).to_have_attribute("aria-expanded", "true")
    for key, name in [
        ("ArrowDown", "hög"),
        ("ArrowDown", "låg"),
        ("ArrowDown", "hög"),
        ("ArrowUp", "låg"),
        ("ArrowUp", "hög"),
    ]:
        page.keyboard.press(key)
        expect(active_option(finder)).to_contain_text(name)
        expect(active_option(finder)).to_have_attribute("aria-selected", "true")
        expect(page.locator("[aria-selected=true]")).to_have_count(1)
        expect(finder).to_be_focused()
    page.keyboard.press("Enter")
    expect(finder).to_have_value("Ljusstake i mässing, hög KAN-03")
    expect(finder).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(page.locator("#add-line").get_by_label("Antal")).to_be_focused()


def test_escape_closes_the_hits_and_then_empties_the_field(page: Page, finder: Locator) -> None:
    page.keyboard.type("ljusstake kan-")
    expect(finder).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(finder).to_have_attribute("aria-expanded", "false")
    expect(finder).to_have_value("ljusstake kan-")
    page.keyboard.press("ArrowUp")
    expect(active_option(finder)).to_contain_text("låg")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(finder).to_have_value("")
    expect(finder).to_be_focused()


def test_tab_takes_the_active_hit_and_leaves(page: Page, finder: Locator) -> None:
    page.keyboard.type("ljusstake kan-")
    expect(finder).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(finder).to_have_value("Ljusstake i mässing, hög KAN-03")
    expect(page.locator("#add-line").get_by_label("Antal")).to_be_focused()
    expect(page.get_by_role("listbox")).to_have_count(0)


def test_other_words_undo_a_choice(page: Page, finder: Locator) -> None:
    page.keyboard.type("ljusstake kan-")
    expect(finder).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    finder.fill("lyk-07")
    finder.press("Enter")
    says(page, "1 × Lykta i smide nr 7 är tillagd")


def test_an_answer_to_former_words_is_dropped(page: Page, finder: Locator) -> None:
    held: list[Route] = []
    page.route("**/products?*q=ljusstake*", lambda route: held.append(route))
    page.keyboard.type("ljusstake kan-")
    page.wait_for_timeout(400)
    assert held
    finder.fill("lyk-07")  # its own search waits for a pause, in which the former answer comes
    held[0].continue_()
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(1)
    expect(page.get_by_role("listbox").get_by_role("option")).to_contain_text("Lykta i smide nr 7")
    finder.fill("")
    expect(page.get_by_role("listbox")).to_have_count(0)


def test_an_answer_that_comes_after_the_product_was_added_opens_nothing(page: Page, finder: Locator) -> None:
    held: list[Route] = []
    page.route("**/products?*", lambda route: held.append(route))
    page.keyboard.type("LYK-07")
    page.wait_for_timeout(400)
    page.keyboard.press("Enter")
    says(page, "1 × Lykta i smide nr 7 är tillagd")
    held[0].continue_()
    page.wait_for_timeout(200)
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(finder).to_have_value("")


@pytest.mark.parametrize("by", ["mouse", "keys", "scanner"])
def test_after_adding_the_focus_is_in_the_finder(page: Page, finder: Locator, by: str) -> None:
    for count in (1, 2):
        page.keyboard.type("LYK-07")
        if by == "scanner":
            page.keyboard.press("Enter")
        else:
            expect(finder).to_have_attribute("aria-expanded", "true")
        if by == "keys":
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter")
            page.keyboard.press("Enter")
        if by == "mouse":
            page.get_by_role("listbox").get_by_role("option").click()
            press(page, "Lägg till produkt")
        expect(line(shipment(page, 1), "Lykta i smide nr 7")).to_contain_text(f"{count} st")
        expect(finder).to_be_focused()
        expect(finder).to_have_value("")


def test_a_choice_survives_a_refusal_of_another_field(page: Page, finder: Locator) -> None:
    page.keyboard.type("ljusstake kan-")
    page.get_by_role("listbox").get_by_role("option", name="låg").click()
    quantity = page.locator("#add-line").get_by_label("Antal")
    quantity.fill("två")
    quantity.press("Enter")
    refuses(page, "Inget ändrades")
    expect(finder).to_have_value("Ljusstake i mässing, låg KAN-02")
    quantity.fill("2")
    quantity.press("Enter")
    says(page, re.compile("2 × Ljusstake i mässing, låg är tillagd"))
