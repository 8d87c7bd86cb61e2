"""The board on which units are shared out: typed like a spreadsheet, on a phone, without JavaScript, in a frame."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.shop import Desk
from tests.browser.steps import line, mark, press, refuses, says, shipment
from tests.browser.test_keyboard import assert_focus_is_kept, assert_focus_is_seen, tab_to

PHONE = {"width": 360, "height": 740}


def cell(page: Page, product: str, column: str) -> Locator:
    return page.get_by_role("textbox", name=re.compile(rf"^{product}.*{column}$"))


def open_board(page: Page, desk: Desk, fate: str) -> None:
    page.goto(desk.order(fate, "shipping"))
    page.get_by_role("link", name="Fördela").click()
    expect(page.get_by_role("heading", name="Fördela")).to_be_visible()


def status(page: Page, column: str) -> Locator:
    return page.locator(f"#status-{column}")


def test_sums_and_statuses_follow_while_one_types_and_one_save_moves_everything(page: Page, desk: Desk) -> None:
    open_board(page, desk, "mixed")
    mark(page)
    candles = page.get_by_role("row").filter(has_text="Stearinljus")
    expect(candles).to_contain_text("3 av 3")
    cell(page, "Stearinljus", "ny").fill("2")
    expect(candles).to_contain_text("5 av 3")
    cell(page, "Stearinljus", "-1").fill("1")
    expect(candles).to_contain_text("3 av 3")
    expect(status(page, "new1")).to_have_text("Redo")

    page.get_by_role("link", name="En ny försändelse till").click()
    expect(cell(page, "Ljusstake", "ny 2")).to_be_focused()
    expect(cell(page, "Stearinljus", "ny 1")).to_have_value("2")
    cell(page, "Ljusstake", "ny 2").fill("2")
    cell(page, "Ljusstake", "-1").fill("1")
    expect(status(page, "new2")).to_have_text("Restnoterad")
    expect(status(page, "1")).to_have_text("Redo")
    press(page, "Spara")

    says(page, "Flyttat mellan försändelser: 2 × Ljusstake i mässing, låg från")
    expect(line(shipment(page, 2), "Stearinljus")).to_contain_text("2 st")
    expect(line(shipment(page, 3), "Ljusstake")).to_contain_text("2 st")
    assert_focus_is_kept(page)


def test_the_board_is_walked_with_the_keyboard_alone(page: Page, desk: Desk) -> None:
    page.goto(desk.order("split", "shipping"))
    tab_to(page, page.get_by_role("link", name="Fördela"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Fördela")).to_be_visible()
    expect(cell(page, "Stearinljus", "-1")).to_be_focused()
    assert_focus_is_seen(page)
    for key, product, column in (
        ("ArrowRight", "Stearinljus", "-2"),
        ("ArrowDown", "Linneduk", "-2"),
        ("ArrowLeft", "Linneduk", "-1"),
        ("Enter", "Lykta", "-1"),
        ("Shift+Enter", "Linneduk", "-1"),
        ("ArrowUp", "Stearinljus", "-1"),
        ("ArrowUp", "Stearinljus", "-1"),
        ("ArrowLeft", "Stearinljus", "-1"),
    ):
        page.keyboard.press(key)
        expect(cell(page, product, column)).to_be_focused()
    page.keyboard.type("1")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Spara")).to_be_focused()
    page.keyboard.press("Enter")
    says(page, "3 × Stearinljus, 12-pack, vita från")
    assert_focus_is_kept(page)


def test_escape_closes_the_board_and_saves_nothing(page: Page, desk: Desk) -> None:
    open_board(page, desk, "split")
    cell(page, "Stearinljus", "ny").fill("9")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Fördela")).to_be_focused()
    page.get_by_role("link", name="Fördela").click()
    expect(cell(page, "Stearinljus", "ny")).to_have_value("")


def test_a_refused_board_keeps_what_was_typed_and_goes_to_the_cell(page: Page, desk: Desk) -> None:
    open_board(page, desk, "split")
    cell(page, "Linneduk", "ny").fill("7")
    cell(page, "Stearinljus", "ny").fill("1e9")
    press(page, "Spara")
    refuses(page, "Inget ändrades")
    expect(cell(page, "Stearinljus", "ny")).to_be_focused()
    expect(cell(page, "Stearinljus", "ny")).to_have_value("1e9")
    page.keyboard.type("0")
    press(page, "Spara")
    refuses(page, "Det finns 2 × Linneduk 140 × 250, sand att fördela, inte 9.")
    expect(cell(page, "Linneduk", "ny")).to_be_focused()


def test_what_fills_the_board_is_undone_by_cancelling(page: Page, desk: Desk) -> None:
    open_board(page, desk, "mixed")
    cell(page, "Stearinljus", "ny").fill("9")
    page.get_by_role("link", name="En var").click()
    expect(cell(page, "Stearinljus", "ny 2")).to_have_value("1")
    expect(status(page, "new2")).to_have_text("Restnoterad")
    page.get_by_role("link", name="Dela av restnoterat").click()
    expect(cell(page, "Ljusstake", "ny")).to_have_value("2")
    expect(cell(page, "Stearinljus", "ny")).to_have_value("")
    page.get_by_role("link", name="Avbryt").click()
    expect(page.get_by_role("link", name="Fördela")).to_be_visible()
    expect(page.get_by_role("region", name="Försändelse")).to_have_count(1)


def test_where_codes_go_is_asked_once_nothing_is_left(page: Page, desk: Desk) -> None:
    page.goto(desk.order("split", "shipping"))
    shipment(page, 2).get_by_label("Spårningskod").fill("RR123456785SE")
    press(shipment(page, 2), "Spara")
    says(page, "är tillagd på")
    page.get_by_role("link", name="Fördela").click()
    question = page.get_by_label(re.compile("spårningskoden RR123456785SE"))
    expect(question).to_be_hidden()
    cell(page, "Stearinljus", "-1").fill("6")
    cell(page, "Stearinljus", "-2").fill("")
    expect(question).to_be_visible()
    press(page, "Spara")
    refuses(page, "Välj vilken försändelse som får spårningskoden RR123456785SE.")
    expect(question).to_be_focused()
    expect(question).to_have_value("1")
    press(page, "Spara")
    says(page, "följde med till")
    expect(shipment(page, 1)).to_contain_text("RR123456785SE")


@pytest.mark.parametrize("has_scripts", [True, False], ids=["with JavaScript", "without"])
def test_the_board_is_cards_on_a_phone_and_a_plain_form_without_javascript(
    has_scripts: bool, open_page: OpenPage, desk: Desk
) -> None:
    page = open_page(desk, viewport=PHONE, java_script_enabled=has_scripts)
    open_board(page, desk, "mixed")
    if not has_scripts:
        page.get_by_role("link", name="En ny försändelse till").click()
        expect(cell(page, "Ljusstake", "ny 2")).to_be_visible()
    page.get_by_role("link", name="Dela av restnoterat").click()
    expect(cell(page, "Ljusstake", "ny")).to_have_value("2")
    cell(page, "Stearinljus", "ny").fill("1")
    press(page, "Spara")
    refuses(page, "Det finns 3 × Stearinljus, 12-pack, vita att fördela, inte 4.")
    expect(cell(page, "Ljusstake", "ny")).to_have_value("2")
    cell(page, "Stearinljus", "-1").fill("2")
    press(page, "Spara")
    says(page, "Flyttat mellan försändelser:")
    expect(line(shipment(page, 2), "Ljusstake")).to_contain_text("2 st")
